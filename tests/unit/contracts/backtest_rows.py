"""Reports on rows that are already judged: no Spark."""

from collections.abc import Mapping
from typing import Any

from etl.contract.loading import contract_of
from sluice.contracts.backtest.outcome import DAY, FILE, Errors, Group, Outcome, UnitName
from sluice.contracts.backtest.report import BacktestReport
from sluice.contracts.backtest.row_outcomes import ContractRules
from tests.lake.examples import EXAMPLES, suite_of
from tests.lake.mutations import Suite

BETWEEN = "expect_column_values_to_be_between"
Rows = tuple[str | None, str | None, set[str] | None, set[str] | None, int]
"""File, day, what they break by the published and the changed contract, and how many they are."""


def make_rule(name: str, kind: str = BETWEEN, severity: str = "critical", **kwargs: Any) -> Suite:
    return {
        "type": kind,
        "kwargs": {**EXAMPLES[kind], **kwargs},
        "severity": severity,
        "meta": {"rule": f"trips.{name}", "why": "An example."},
    }


FARE, WARNED, NOTED = make_rule("fare"), make_rule("stops", severity="warning"), make_rule("note", severity="info")
SHARE = make_rule("share", "expect_column_values_to_not_be_null", mostly=0.9)
HALF = make_rule("half", "expect_column_values_to_not_be_null", "warning", mostly=0.5)


def make_terms(*rules: Suite, stage: str = "output", **meta: Any) -> ContractRules:
    suite = suite_of(*rules)
    suite["meta"].update(max_quarantined=1, **meta)
    suite["name"] = f"trips.{stage}"
    return ContractRules(contract_of(suite))


def make_report(
    *rows: Rows,
    now: ContractRules,
    was: ContractRules | None = None,
    headers: int = 0,
    kinds: tuple[str, ...] = (FILE, DAY),
    failing: Mapping[str, Mapping[UnitName, frozenset[str]]] | None = None,
    faults: Mapping[UnitName, str] | None = None,
    errors: Mapping[str, Mapping[UnitName, Errors]] | None = None,
) -> BacktestReport:
    """Return the report on rows; `failing`, `faults` and `errors` are the changed contract's."""
    groups = [
        Group(file, day, _rule_ids(was_broken), _rule_ids(broken), times)
        for file, day, was_broken, broken, times in rows
    ]
    none: dict[str, dict[UnitName, frozenset[str]]] = {kind: {} for kind in kinds}
    after = Outcome(now, "after", faults or {}, headers, groups, {**none, **(failing or {})}, errors or {})
    return BacktestReport(groups, Outcome(was, "before", {}, headers, groups, none) if was else None, after, {})


def _rule_ids(rules: set[str] | None) -> frozenset[str] | None:
    return None if rules is None else frozenset(rules)
