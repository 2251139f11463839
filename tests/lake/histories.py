"""Suites of trades with bounds from earlier runs, and rules that use them."""

from typing import Any

from tests.lake.mutations import Change, Suite

ROW_COUNT = "expect_table_row_count_to_be_between"
LOW: dict[str, Any] = {"metric": "row_count", "same_weekday": True, "times": 0.5}
HIGH: dict[str, Any] = {"metric": "row_count", "times": 3}


def usual_rule(name: str, kind: str = ROW_COUNT, severity: str = "info", **kwargs: Any) -> Suite:
    """Return a rule; an argument `min_value="rows_low"` names a bound."""
    named = {
        argument: {"$PARAMETER": value} if argument in ("min_value", "max_value") and isinstance(value, str) else value
        for argument, value in kwargs.items()
    }
    return {"type": kind, "kwargs": named, "severity": severity, "meta": {"rule": f"trades.{name}", "why": "As usual."}}


def with_history(*rules: Suite, **bounds: dict[str, Any]) -> Change:
    """Give a suite bounds, and rules beside its own."""

    def change(suite: Suite) -> None:
        suite["meta"]["history"] = bounds
        suite["expectations"].extend(rules)

    return change


def with_rows_low(severity: str = "info", **changed: Any) -> Change:
    """Give a suite the rule that a run has at least half of the rows of its weekday."""
    return with_history(usual_rule("rows.low", severity=severity, min_value="rows_low"), rows_low={**LOW, **changed})
