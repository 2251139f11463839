"""Rules as metrics of the Open Data Contract Standard's library, and such metrics as expectations: both directions."""

from decimal import Decimal
from typing import Any

from etl.contract.json_values import is_count, is_list, is_number
from etl.contract.model import Rule

Plain = dict[str, Any]
PRESENT = "expect_column_values_to_not_be_null"
UNIQUE = "expect_column_values_to_be_unique"
UNIQUE_TOGETHER = "expect_compound_columns_to_be_unique"
IN_SET = "expect_column_values_to_be_in_set"
MATCHES = "expect_column_values_to_match_regex"
ROWS = "expect_table_row_count_to_be_between"
ROWS_EXACTLY = "expect_table_row_count_to_equal"
WHOLE = Decimal(100)  # percent


def standard_metric(rule: Rule) -> Plain | None:
    """Return the library's metric that says the same as a rule, None where there is none: none is of what is within."""
    if rule.kwargs.get("row_condition") is not None or rule.columns != rule.roots or rule.history:
        return None
    if rule.type == PRESENT:
        return {"metric": "nullValues", **_share_limit(rule)}
    if rule.type == ROWS:
        return {"metric": "rowCount", **_count_limits(*count_bounds(rule))}
    if rule.type == ROWS_EXACTLY:
        return {"metric": "rowCount", "mustBe": rule.kwargs["value"]}
    # The library's share is of values that are not null, the standard's of all rows.
    return _value_metric(rule) if holds_everywhere(rule) and not rule.kwargs.get("ignore_row_if") else None


def metric_expectation(quality: Plain, column: str | None) -> Plain | None:
    """Return type and arguments of the expectation that a metric of a column or of the table says, None where none does."""
    arguments: Plain = quality.get("arguments") or {}
    match quality.get("metric"):
        case "nullValues" if column:
            return _expectation(PRESENT, {"column": column}, _allowed_share(quality))
        case "rowCount" if not column:
            return _row_count_expectation(quality)
        case "duplicateValues" if _allows_none(quality):
            return _unique_expectation([column] if column else arguments.get("properties"))
        case "invalidValues" if column and is_list(arguments.get("validValues")) and "pattern" not in arguments:
            kwargs = {"column": column, "value_set": arguments["validValues"]}
            return _expectation(IN_SET, kwargs, _allowed_share(quality))
        case "invalidValues" if column and isinstance(arguments.get("pattern"), str) and "validValues" not in arguments:
            kwargs = {"column": column, "regex": arguments["pattern"]}
            return _expectation(MATCHES, kwargs, _allowed_share(quality))
        case _:
            return None


def holds_everywhere(rule: Rule) -> bool:
    """Say whether every row must hold a rule."""
    return rule.kwargs.get("mostly", 1) == 1 and rule.kwargs.get("row_condition") is None


def count_bounds(rule: Rule) -> tuple[int | None, int | None]:
    """Return the least and the greatest count that a rule lets through."""
    low, high = rule.kwargs.get("min_value"), rule.kwargs.get("max_value")
    least = None if low is None else low + bool(rule.kwargs.get("strict_min"))
    return least, None if high is None else high - bool(rule.kwargs.get("strict_max"))


def _value_metric(rule: Rule) -> Plain | None:
    if rule.type == UNIQUE:
        return {"metric": "duplicateValues", "mustBe": 0}
    if rule.type == UNIQUE_TOGETHER:
        return {"metric": "duplicateValues", "arguments": {"properties": rule.kwargs["column_list"]}, "mustBe": 0}
    if rule.type == IN_SET:
        return {"metric": "invalidValues", "arguments": {"validValues": rule.kwargs["value_set"]}, "mustBe": 0}
    if rule.type == MATCHES and is_whole(rule.kwargs["regex"]):
        return {"metric": "invalidValues", "arguments": {"pattern": rule.kwargs["regex"]}, "mustBe": 0}
    return None


def is_whole(pattern: str) -> bool:
    """Say whether a pattern means the same to a search, as here, and to a match of the whole text."""
    return pattern.startswith("^") and pattern.endswith("$") and "|" not in pattern


def _share_limit(rule: Rule) -> Plain:
    mostly = rule.kwargs.get("mostly", 1)
    if mostly == 1:
        return {"mustBe": 0}
    return {"mustBeLessOrEqualTo": float(WHOLE * (1 - Decimal(str(mostly)))), "unit": "percent"}


def _count_limits(low: int | None, high: int | None) -> Plain:
    if high is None:
        return {"mustBeGreaterOrEqualTo": low}
    if low is None:
        return {"mustBeLessOrEqualTo": high}
    return {"mustBe": low} if low == high else {"mustBeBetween": [low, high]}


def _expectation(kind: str, kwargs: Plain, share: Plain | None) -> Plain | None:
    return None if share is None else {"type": kind, "kwargs": {**kwargs, **share}}


def _allows_none(quality: Plain) -> bool:
    return any(quality.get(name) == 0 and is_number(quality[name]) for name in ("mustBe", "mustBeLessOrEqualTo"))


def _allowed_share(quality: Plain) -> Plain | None:
    """Return the share of rows that must hold as an argument, {} for all of them; None where the metric has another limit."""
    if _allows_none(quality):
        return {}
    percent: Any = quality.get("mustBeLessOrEqualTo")
    if quality.get("unit") != "percent" or not is_number(percent) or not 0 < percent <= WHOLE:
        return None
    return {"mostly": float(1 - Decimal(str(percent)) / WHOLE)}


def _unique_expectation(columns: Any) -> Plain | None:
    if not is_list(columns) or not columns or not all(isinstance(name, str) for name in columns):
        return None
    if len(columns) == 1:
        return {"type": UNIQUE, "kwargs": {"column": columns[0]}}
    return {"type": UNIQUE_TOGETHER, "kwargs": {"column_list": columns}}


def _row_count_expectation(quality: Plain) -> Plain | None:  # noqa: PLR0911  one for each operator
    limits = {name: value for name, value in quality.items() if name.startswith(("mustBe", "mustNot"))}
    match limits:
        case {"mustBe": value, **others} if not others and is_count(value):
            return {"type": ROWS_EXACTLY, "kwargs": {"value": value}}
        case {"mustBeBetween": [low, high], **others} if not others and is_count(low) and is_count(high):
            return {"type": ROWS, "kwargs": {"min_value": low, "max_value": high}}
        case {"mustBeGreaterOrEqualTo": low, **others} if not others and is_count(low):
            return {"type": ROWS, "kwargs": {"min_value": low}}
        case {"mustBeGreaterThan": low, **others} if not others and is_count(low):
            return {"type": ROWS, "kwargs": {"min_value": low + 1}}
        case {"mustBeLessOrEqualTo": high, **others} if not others and is_count(high):
            return {"type": ROWS, "kwargs": {"max_value": high}}
        case {"mustBeLessThan": high, **others} if not others and is_count(high) and high:
            return {"type": ROWS, "kwargs": {"max_value": high - 1}}
        case _:
            return None
