"""Rules in the words a reviewer reads; `diff` and the documentation share them."""

import json
import re
from collections.abc import Callable
from typing import Any

from etl.contract.json_values import is_list, is_object
from etl.contract.model import Rule
from etl.contract.run_parameters import BOUND_ARGUMENTS, RUN_DATE, RUN_TIME
from sluice.contracts.history.bound_words import describe_history, judged_metric

OPERATORS = {"==": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}
PARAMETER_WORDS = {RUN_DATE: "the day of the run", RUN_TIME: "the start of the run"}
EQUAL = "expect_column_pair_values_to_be_equal"
SENTENCES = {
    "expect_column_values_to_not_be_null": "{column} is never null",
    "expect_column_values_to_be_null": "{column} is always null",
    "expect_column_values_to_be_between": "{column} is {bounds}",
    "expect_column_values_to_be_in_set": "{column} is one of {value_set}",
    "expect_column_values_to_not_be_in_set": "{column} is none of {value_set}",
    "expect_column_values_to_match_regex": "{column} matches {regex}",
    "expect_column_values_to_not_match_regex": "{column} does not match {regex}",
    "expect_column_values_to_match_regex_list": "{column} matches {match_on} of {regex_list}",
    "expect_column_values_to_not_match_regex_list": "{column} matches none of {regex_list}",
    "expect_column_values_to_match_strftime_format": "{column} is a time written as {strftime_format}",
    "expect_column_values_to_be_json_parseable": "{column} is JSON",
    "expect_column_value_lengths_to_be_between": "{column} has {bounds} characters",
    "expect_column_value_lengths_to_equal": "{column} has {value} characters",
    "expect_column_values_to_be_unique": "{column} is unique",
    "expect_compound_columns_to_be_unique": "{column_list} are unique together",
    "expect_select_column_values_to_be_unique_within_record": "{column_list} differ within a row",
    EQUAL: "{column_A} equals {column_B}",
    "expect_column_pair_values_a_to_be_greater_than_b": "{column_A} is {or_equal} {column_B}",
    "expect_column_pair_values_to_be_in_set": "{column_A} and {column_B} are one of {value_pairs_set}",
    "expect_multicolumn_values_to_be_equal": "{column_list} are equal",
    "expect_multicolumn_sum_to_equal": "{column_list} add up to {sum_total}",
    "expect_table_row_count_to_be_between": "there are {bounds} rows",
    "expect_table_row_count_to_equal": "there are {value} rows",
    "expect_column_to_exist": "there is a column {column}",
    "expect_column_type_to_be": "{column} is a {type_}",
    "expect_column_values_to_be_of_type": "{column} is a {type_}",
    "expect_column_values_to_be_in_type_list": "{column} is a {type_list}",
    "expect_column_sum_to_be_between": "the sum of {column} is {bounds}",
    "expect_column_mean_to_be_between": "the mean of {column} is {bounds}",
    "expect_column_median_to_be_between": "the median of {column} is {bounds}",
    "expect_column_stdev_to_be_between": "the standard deviation of {column} is {bounds}",
    "expect_column_min_to_be_between": "the least {column} is {bounds}",
    "expect_column_max_to_be_between": "the greatest {column} is {bounds}",
    "expect_column_unique_value_count_to_be_between": "{column} has {bounds} different values",
    "expect_column_proportion_of_unique_values_to_be_between": "the share of different values of {column} is {bounds}",
    "expect_column_proportion_of_non_null_values_to_be_between": "the share of {column} that is not null is {bounds}",
    "expect_column_quantile_values_to_be_between": "quantiles of {column} lie in {quantile_ranges}",
    "expect_column_distinct_values_to_be_in_set": "every {column} is one of {value_set}",
    "expect_column_distinct_values_to_contain_set": "{column} has each of {value_set}",
    "expect_column_distinct_values_to_equal_set": "{column} has each of {value_set} and no other",
    "expect_column_most_common_value_to_be_in_set": "the most common {column} is one of {value_set}",
    "unexpected_rows_expectation": "no row answers {unexpected_rows_query}",
}
HISTORY_SENTENCES = {
    "expect_table_row_count_to_be_between": "the number of rows is {bounds}",
    "expect_column_unique_value_count_to_be_between": "the number of different values of {column} is {bounds}",
}
"""Sentences of rules in which the noun stands before the bounds: one from earlier runs is no number that it could follow."""
NOUNS = (" rows", " characters", " different values")
ONE = re.compile(r"(?<![\w.,])1 (?:different )?\w+$")


def in_words(rule: Rule) -> str:
    """Return what a rule demands, as one sentence without a full stop."""
    references = {reference.name: f"a published {reference.dataset}.{reference.key}" for reference in rule.references}
    if rule.type == EQUAL and rule.kwargs["column_B"] in references:
        return f"{rule.kwargs['column_A']} is {references[rule.kwargs['column_B']]}" + describe_share(rule.kwargs)
    arguments = worded_arguments(rule)
    parts = {"match_on": "any", "or_equal": False} | arguments
    texts = {name: render_argument(name, value) for name, value in parts.items()}
    texts["bounds"] = describe_bounds(arguments)
    template = HISTORY_SENTENCES.get(rule.type, SENTENCES[rule.type]) if rule.history else SENTENCES[rule.type]
    sentence = _singular_noun(template, template.format(**texts))
    return sentence + describe_share(rule.kwargs) + describe_condition(rule.kwargs.get("row_condition"))


def worded_arguments(rule: Rule) -> dict[str, Any]:
    """Return a rule's arguments, in which bounds from earlier runs are words."""
    judged = judged_metric(rule)
    worded = {
        argument: describe_history(bound, judged)
        for argument in BOUND_ARGUMENTS
        if (bound := rule.history_bound(argument))
    }
    return {**rule.kwargs, **worded}


def _singular_noun(template: str, sentence: str) -> str:
    """Return a sentence in which the noun follows the number, where the template ends by one: `there is at least 1 row`."""
    if not template.endswith(NOUNS) or not ONE.search(sentence):
        return sentence
    return sentence.removesuffix("s").replace("there are ", "there is ", 1)


def render_argument(name: str, value: Any) -> str:
    """Return an argument's value as a sentence has it."""
    if name == "or_equal":
        return "at least" if value else "greater than"
    if name == "quantile_ranges":
        pairs = zip(value["quantiles"], value["value_ranges"], strict=True)
        return ", ".join(f"{share:g}: {_range_words(low, high)}" for share, (low, high) in pairs)
    if is_list(value):
        return ", ".join(
            render_argument("", entry) if not is_list(entry) else f"({render_argument('', entry)})" for entry in value
        )
    if is_object(value):
        return PARAMETER_WORDS.get(str(value.get("$PARAMETER")), json.dumps(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _range_words(low: Any, high: Any) -> str:
    return describe_bounds({"min_value": low, "max_value": high})


def describe_bounds(kwargs: dict[str, Any]) -> str:
    """Return both bounds in words: `at least 1 and at most 1000`."""
    return " and ".join(filter(None, (describe_low(kwargs), describe_high(kwargs))))


def describe_low(kwargs: dict[str, Any]) -> str:
    """Return the lower bound in words, empty where there is none."""
    return _bound_words(kwargs, "min", ("at least", "above"))


def describe_high(kwargs: dict[str, Any]) -> str:
    """Return the upper bound in words, empty where there is none."""
    return _bound_words(kwargs, "max", ("at most", "below"))


def _bound_words(kwargs: dict[str, Any], end: str, words: tuple[str, str]) -> str:
    value = kwargs.get(f"{end}_value")
    return "" if value is None else f"{words[bool(kwargs.get(f'strict_{end}'))]} {render_argument('', value)}"


def describe_share(kwargs: dict[str, Any]) -> str:
    """Return in how many rows it must hold, empty for every row."""
    mostly = kwargs.get("mostly", 1)
    return "" if mostly == 1 else f", in at least {100 * mostly:g} % of rows"


def describe_condition(condition: Any) -> str:
    """Return which rows are judged, empty for every row."""
    return f", where {_condition_words(condition)}" if condition else ""


def _condition_words(condition: dict[str, Any]) -> str:
    written: dict[str, Callable[[], str]] = {
        "and": lambda: " and ".join(map(_condition_words, condition["conditions"])),
        "or": lambda: " or ".join(map(_condition_words, condition["conditions"])),
        "nullity": lambda: f"{condition['column']['name']} is {'' if condition['is_null'] else 'not '}null",
        "comparison": lambda: _comparison_words(condition),
    }
    return written[condition["type"]]()


def _comparison_words(condition: dict[str, Any]) -> str:
    among = {"IN": "is one of", "NOT_IN": "is none of"}
    operator = (OPERATORS | among)[condition["operator"]]
    return f"{condition['column']['name']} {operator} {render_argument('', condition['parameter'])}"
