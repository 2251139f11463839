"""A contract's rules as quality rules of the Open Data Contract Standard 3.1, and what of them its properties can state.

A rule becomes a metric of the standard's library where that metric says exactly the same; any other keeps its whole
expectation as `custom`, for the engine `greatExpectations`, or for `sluice` where it judges each element of a list or has a
bound from earlier runs.
"""

from dataclasses import asdict
from decimal import Decimal
from enum import StrEnum
from typing import Any, assert_never

from etl.contract.column_paths import has_elements
from etl.contract.history import HistoryBound
from etl.contract.model import ColumnSpec, Rule
from etl.contract.types import Family
from sluice.contracts.rule_words import in_words

Plain = dict[str, Any]
PRESENT = "expect_column_values_to_not_be_null"
UNIQUE = "expect_column_values_to_be_unique"
UNIQUE_TOGETHER = "expect_compound_columns_to_be_unique"
BETWEEN = "expect_column_values_to_be_between"
LENGTHS = "expect_column_value_lengths_to_be_between"
LENGTH = "expect_column_value_lengths_to_equal"
IN_SET = "expect_column_values_to_be_in_set"
MATCHES = "expect_column_values_to_match_regex"
ROWS = "expect_table_row_count_to_be_between"
ROWS_EXACTLY = "expect_table_row_count_to_equal"
CONDITION = {"row_condition", "condition_parser"}


def quality_rule(rule: Rule) -> Plain:
    """Return a rule as a quality rule: its id as name, its sentence, its reason as the impact of breaking it."""
    head = {"name": rule.rule, "description": f"{in_words(rule)}.", "businessImpact": rule.why}
    custom_properties = [{"property": "counterexample", "value": rule.counterexample}] if rule.counterexample else []
    tail = {"severity": str(rule.severity), **({"customProperties": custom_properties} if custom_properties else {})}
    return {**head, **(_standard_metric(rule) or _custom_rule(rule)), **tail}


def states_rule(rule: Rule, kind: str) -> bool:
    """Say whether a rule of this kind holds of every row, or the run fails: then a property may state it."""
    return rule.type == kind and rule.severity.stops_run and _holds_everywhere(rule)


def type_options(column: ColumnSpec, rules: list[Rule]) -> Plain:
    """Return what the standard knows of a column's values: whether times are moments, and bounds that hold of every row."""
    bounds: Plain = {"timezone": column.type.family is Family.INSTANT} if column.type.family.is_time else {}
    for rule in rules:
        if states_rule(rule, BETWEEN):
            bounds |= _value_bounds(rule, column.type.family)
        elif column.type.is_text and states_rule(rule, LENGTHS):
            low, high = _count_bounds(rule)
            bounds |= {name: end for name, end in (("minLength", low), ("maxLength", high)) if end is not None}
        elif column.type.is_text and states_rule(rule, LENGTH):
            bounds |= {"minLength": rule.kwargs["value"], "maxLength": rule.kwargs["value"]}
    return bounds


def _value_bounds(rule: Rule, family: Family) -> Plain:
    bounds: Plain = {}
    for end in ("min", "max"):
        value = rule.kwargs.get(f"{end}_value")
        if _is_standard_bound(value, family):
            bounds[f"exclusive{end.title()}imum" if rule.kwargs.get(f"strict_{end}") else f"{end}imum"] = value
    return bounds


def _is_standard_bound(value: Any, family: Family) -> bool:
    """Say whether the standard's properties can state a bound: a value of the family, and no parameter of a run."""
    match family:
        case Family.NUMBER:
            return isinstance(value, int | float)
        case Family.DATE | Family.INSTANT | Family.LOCAL_TIME:
            return isinstance(value, str)
        case Family.TEXT | Family.BOOLEAN | Family.BINARY | Family.NESTED:
            return False
        case _:
            assert_never(family)


def _holds_everywhere(rule: Rule) -> bool:
    return rule.kwargs.get("mostly", 1) == 1 and rule.kwargs.get("row_condition") is None


def _custom_rule(rule: Rule) -> Plain:
    is_ours = rule.history or any(map(has_elements, rule.columns))
    history = {"history": {name: _bound_options(bound) for name, bound in rule.history.items()}} if rule.history else {}
    return {
        "type": "custom",
        "engine": "sluice" if is_ours else "greatExpectations",
        "implementation": {"type": rule.type, "kwargs": rule.kwargs, **history},
    }


def _bound_options(bound: HistoryBound) -> Plain:
    """Return a bound from earlier runs as plain data."""
    return {key: str(value) if isinstance(value, StrEnum) else value for key, value in asdict(bound).items()}


def _standard_metric(rule: Rule) -> Plain | None:
    """Return the library's metric that says the same as a rule, None where there is none: none is of what is within."""
    if rule.kwargs.get("row_condition") is not None or rule.columns != rule.roots or rule.history:
        return None
    if rule.type == PRESENT:
        return {"metric": "nullValues", **_share_limit(rule)}
    if rule.type == ROWS:
        return {"metric": "rowCount", **_count_limits(*_count_bounds(rule))}
    if rule.type == ROWS_EXACTLY:
        return {"metric": "rowCount", "mustBe": rule.kwargs["value"]}
    # The library's share is of values that are not null, the standard's of all rows.
    return _value_metric(rule) if _holds_everywhere(rule) and not rule.kwargs.get("ignore_row_if") else None


def _value_metric(rule: Rule) -> Plain | None:
    if rule.type == UNIQUE:
        return {"metric": "duplicateValues", "mustBe": 0}
    if rule.type == UNIQUE_TOGETHER:
        return {"metric": "duplicateValues", "arguments": {"properties": rule.kwargs["column_list"]}, "mustBe": 0}
    if rule.type == IN_SET:
        return {"metric": "invalidValues", "arguments": {"validValues": rule.kwargs["value_set"]}, "mustBe": 0}
    if rule.type == MATCHES and _is_whole(rule.kwargs["regex"]):
        return {"metric": "invalidValues", "arguments": {"pattern": rule.kwargs["regex"]}, "mustBe": 0}
    return None


def _is_whole(pattern: str) -> bool:
    """Say whether a pattern means the same to a search, as here, and to a match of the whole text."""
    return pattern.startswith("^") and pattern.endswith("$") and "|" not in pattern


def _share_limit(rule: Rule) -> Plain:
    mostly = rule.kwargs.get("mostly", 1)
    if mostly == 1:
        return {"mustBe": 0}
    return {"mustBeLessOrEqualTo": float(100 * (1 - Decimal(str(mostly)))), "unit": "percent"}


def _count_bounds(rule: Rule) -> tuple[int | None, int | None]:
    """Return the least and the greatest count that a rule lets through."""
    low, high = rule.kwargs.get("min_value"), rule.kwargs.get("max_value")
    least = None if low is None else low + bool(rule.kwargs.get("strict_min"))
    return least, None if high is None else high - bool(rule.kwargs.get("strict_max"))


def _count_limits(low: int | None, high: int | None) -> Plain:
    if high is None:
        return {"mustBeGreaterOrEqualTo": low}
    if low is None:
        return {"mustBeLessOrEqualTo": high}
    return {"mustBe": low} if low == high else {"mustBeBetween": [low, high]}
