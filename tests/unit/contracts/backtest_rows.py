"""Reports on rows that are already judged: no Spark."""

from collections.abc import Mapping
from typing import Any

from etl.contract.model import contract_of
from sluice.contracts.backtest.outcome import DAY, FILE, Errors, Group, Name, Outcome
from sluice.contracts.backtest.report import Report
from sluice.contracts.backtest.row_outcomes import Terms
from tests.lake.examples import EXAMPLES, suite_of
from tests.lake.mutations import Suite

BETWEEN = "expect_column_values_to_be_between"
Rows = tuple[str | None, str | None, set[str] | None, set[str] | None, int]
"""File, day, what they break by the published and the changed contract, and how many they are."""


def rule(name: str, kind: str = BETWEEN, severity: str = "critical", **kwargs: Any) -> Suite:
    return {
        "type": kind,
        "kwargs": {**EXAMPLES[kind], **kwargs},
        "severity": severity,
        "meta": {"rule": f"trips.{name}", "why": "An example."},
    }


FARE, WARNED, NOTED = rule("fare"), rule("stops", severity="warning"), rule("note", severity="info")
SHARE = rule("share", "expect_column_values_to_not_be_null", mostly=0.9)
HALF = rule("half", "expect_column_values_to_not_be_null", "warning", mostly=0.5)


def terms(*rules: Suite, stage: str = "output", **meta: Any) -> Terms:
    suite = suite_of(*rules)
    suite["meta"].update(max_quarantined=1, **meta)
    suite["name"] = f"trips.{stage}"
    return Terms(contract_of(suite))


def report(
    *rows: Rows,
    now: Terms,
    was: Terms | None = None,
    headers: int = 0,
    kinds: tuple[str, ...] = (FILE, DAY),
    failing: Mapping[str, Mapping[Name, frozenset[str]]] | None = None,
    faults: Mapping[Name, str] | None = None,
    errors: Mapping[str, Mapping[Name, Errors]] | None = None,
) -> Report:
    """Return the report on rows; `failing`, `faults` and `errors` are the changed contract's."""
    groups = [Group(file, day, _ids(was_broken), _ids(broken), times) for file, day, was_broken, broken, times in rows]
    none: dict[str, dict[Name, frozenset[str]]] = {kind: {} for kind in kinds}
    after = Outcome(now, "after", faults or {}, headers, groups, {**none, **(failing or {})}, errors or {})
    return Report(groups, Outcome(was, "before", {}, headers, groups, none) if was else None, after, {})


def _ids(rules: set[str] | None) -> frozenset[str] | None:
    return None if rules is None else frozenset(rules)
