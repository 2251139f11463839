"""Rules that hold or fail for a run, judged by the gate on each file or day as if it were one."""

from collections.abc import Set
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Rule
from etl.gate import checks
from sluice.contracts.backtest.outcome import Errors
from sluice.contracts.backtest.row_outcomes import Broken
from sluice.contracts.backtest.rows import BROKE, SOUND, Judged, Parameters


@dataclass(frozen=True)
class Failing:
    """The rules of runs that fail on a unit: those that its rows broke, and those in error, with the engine's words."""

    broken: Broken = frozenset()
    errors: Errors = field(default_factory=dict)

    def __or__(self, other: "Failing") -> "Failing":
        """Return what either says."""
        return Failing(self.broken | other.broken, {**self.errors, **other.errors})


def failing(judged: Judged, within: Column, parameters: Parameters) -> Failing:
    """Return the rules of runs that fail on the sound rows `within`: warnings on all, the output's others on what is kept."""
    terms, rows = judged.terms, judged.frame.where(F.col(SOUND) & within)
    warnings = [rule for rule in terms.of_runs if rule.severity == "warning"]
    found = _failing(judged, rows, warnings, parameters)
    if terms.contract.stage == "output":
        rows = rows.where(~F.exists(BROKE, lambda one: one.rule.isin(_setting_aside(judged, found.broken))))
    return found | _failing(judged, rows, [rule for rule in terms.of_runs if rule not in warnings], parameters)


def _setting_aside(judged: Judged, found: Set[str]) -> list[str]:
    each = {rule.rule for rule in judged.terms.of_rows} - {rule.rule for rule in judged.terms.of_runs}
    return [rule for rule in each | found if judged.terms.severities[rule] == "warning"]


def _failing(judged: Judged, rows: DataFrame, rules: list[Rule], parameters: Parameters) -> Failing:
    results = checks.check(rows.select(*judged.terms.contract.names), judged.terms.contract, rules, parameters)
    errors = {one.rule: ", ".join(map(str, one.samples)) for one in results if one.in_error}
    return Failing(frozenset(one.rule for one in results if one.broken), errors)
