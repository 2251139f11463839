"""Rules that hold or fail for a run, judged by the gate on each file or day as if it were one."""

from collections.abc import Set

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl import gate
from etl.contract import Rule
from review.backtest_rows import BROKE, SOUND, Judged, Parameters


def failing(judged: Judged, within: Column, parameters: Parameters) -> frozenset[str]:
    """Return the rules of runs that fail on the sound rows `within`: warnings on all, the output's others on what is kept."""
    terms, rows = judged.terms, judged.frame.where(F.col(SOUND) & within)
    warnings = [rule for rule in terms.of_runs if rule.severity == "warning"]
    found = _failing(judged, rows, warnings, parameters)
    if terms.contract.stage == "output":
        rows = rows.where(~F.exists(BROKE, lambda one: one.rule.isin(_setting_aside(judged, found))))
    return found | _failing(judged, rows, [rule for rule in terms.of_runs if rule not in warnings], parameters)


def _setting_aside(judged: Judged, found: Set[str]) -> list[str]:
    each = {rule.rule for rule in judged.terms.of_rows} - {rule.rule for rule in judged.terms.of_runs}
    return [rule for rule in each | found if judged.terms.severities[rule] == "warning"]


def _failing(judged: Judged, rows: DataFrame, rules: list[Rule], parameters: Parameters) -> frozenset[str]:
    results = gate.check(rows.select(*judged.terms.contract.names), judged.terms.contract, rules, parameters)
    return frozenset(one.rule for one in results if not one.held)
