"""Rules read as sentences, every one that a contract may have."""

from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.model import Rule
from etl.contract.severity import Severity
from etl.contract.vocabulary import VOCABULARY
from sluice.contracts.rule_words import in_words
from tests.lake.examples import EXAMPLES
from tests.lake.mutations import TRADES

SENTENCES = {
    "expect_column_values_to_not_be_null": "city is never null, in at least 95 % of rows",
    "expect_column_values_to_be_null": "city is always null, where day is at least 2025-01-01",
    "expect_column_values_to_be_between": "fare is above 0 and at most 99.5",
    "expect_column_values_to_be_in_set": "city is one of Bern, Basel",
    "expect_column_values_to_match_regex": r"city matches ^\p{Lu}",
    "expect_column_values_to_match_regex_list": "city matches all of ^B, n$",
    "expect_compound_columns_to_be_unique": "stops, seats are unique together",
    "expect_column_pair_values_a_to_be_greater_than_b": "seats is at least stops",
    "expect_column_pair_values_to_be_in_set": "city and stops are one of (Bern, 1), (Basel, 2)",
    "expect_table_row_count_to_be_between": "there is at least 1 row",
    "expect_column_max_to_be_between": "the greatest day is at most the day of the run",
    "expect_column_quantile_values_to_be_between": (
        "quantiles of fare lie in 0.05: at least 0 and at most 5, 0.95: at most 80"
    ),
    "unexpected_rows_expectation": "no row answers select * from {batch} where seats < stops",
}


def make_rule(kind: str, **more: object) -> Rule:
    return Rule("trips.example", kind, {**EXAMPLES[kind], **more}, Severity.CRITICAL, "An example.")


@pytest.mark.parametrize("kind", SENTENCES)
def test_a_rule_reads_as_a_sentence(kind: str) -> None:
    assert in_words(make_rule(kind)) == SENTENCES[kind]


@pytest.mark.parametrize("kind", VOCABULARY)
def test_every_rule_names_its_columns_and_values(kind: str) -> None:
    sentence = in_words(make_rule(kind))
    assert all(name in sentence for name in make_rule(kind).columns)
    assert "None" not in sentence
    assert "{" not in sentence.replace("{batch}", "").replace(r"\p{Lu}", "")


def test_conditions_read_as_they_are_meant() -> None:
    not_null = {"type": "nullity", "column": {"name": "city"}, "is_null": False}
    among = {"type": "comparison", "column": {"name": "stops"}, "operator": "NOT_IN", "parameter": [1, 2]}
    paid = {"type": "comparison", "column": {"name": "paid"}, "operator": "!=", "parameter": True}
    both_conditions = {"type": "and", "conditions": [not_null, among]}
    sentence = in_words(
        make_rule("expect_column_to_exist", row_condition={"type": "or", "conditions": [both_conditions, paid]})
    )
    assert sentence == "there is a column city, where city is not null and stops is none of 1, 2 or paid is not true"


def test_the_shipped_rules_all_read_differently() -> None:
    for suite in TRADES.values():
        sentences = [in_words(shipped_rule) for shipped_rule in contract_of(suite).rules]
        assert len(set(sentences)) == len(sentences) > 10


@pytest.mark.parametrize(
    ("kind", "kwargs", "read"),
    [
        ("expect_table_row_count_to_be_between", {"min_value": 1, "max_value": None}, "there is at least 1 row"),
        (
            "expect_table_row_count_to_be_between",
            {"min_value": 1, "max_value": 2},
            "there are at least 1 and at most 2 rows",
        ),
        ("expect_table_row_count_to_be_between", {"min_value": 21, "max_value": None}, "there are at least 21 rows"),
        ("expect_column_value_lengths_to_equal", {"column": "city", "value": 1}, "city has 1 character"),
        ("expect_column_values_to_be_in_set", {"column": "city", "value_set": ["1 rows"]}, "city is one of 1 rows"),
    ],
)
def test_a_noun_follows_its_number_and_a_value_stays_what_it_is(kind: str, kwargs: dict[str, Any], read: str) -> None:
    assert in_words(Rule("trips.example", kind, kwargs, Severity.CRITICAL, "An example.")) == read
