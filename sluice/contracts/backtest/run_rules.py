"""Rules that hold or fail for a run, judged by the gate on each file or day as if it were one."""

from collections.abc import Set
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Rule
from etl.contract.stage import Stage
from etl.gate import checks
from sluice.contracts.backtest.outcome import Errors
from sluice.contracts.backtest.row_outcomes import BrokenRules
from sluice.contracts.backtest.rows import BROKE, SOUND, JudgedRows, Parameters


@dataclass(frozen=True)
class FailingRules:
    """The rules of runs that fail on a unit: those that its rows broke, and those in error, with the engine's words."""

    broken: BrokenRules = frozenset()
    errors: Errors = field(default_factory=dict[str, str])

    def __or__(self, other: "FailingRules") -> "FailingRules":
        """Return what either says."""
        return FailingRules(self.broken | other.broken, {**self.errors, **other.errors})


def find_failing_rules(judged: JudgedRows, within: Column, parameters: Parameters) -> FailingRules:
    """Return the rules of runs that fail on the sound rows `within`: warnings on all, the output's others on what is kept."""
    contract_rules, rows = judged.contract_rules, judged.frame.where(F.col(SOUND) & within)
    warnings = [rule for rule in contract_rules.run_rules if rule.severity.quarantines_rows]
    failing_warnings = check_rules(judged, rows, warnings, parameters)
    if contract_rules.contract.stage is Stage.OUTPUT:
        rows = kept_rows(judged, rows, failing_warnings.broken)
    return failing_warnings | check_rules(
        judged, rows, [rule for rule in contract_rules.run_rules if rule not in warnings], parameters
    )


def kept_rows(judged: JudgedRows, rows: DataFrame, failing_warnings: Set[str]) -> DataFrame:
    """Return the rows that no warning sets aside in a run in which these warnings fail."""
    return rows.where(~F.exists(BROKE, lambda mark: mark.rule.isin(_quarantining_rules(judged, failing_warnings))))


def _quarantining_rules(judged: JudgedRows, failing_warnings: Set[str]) -> list[str]:
    row_rule_ids = {rule.rule for rule in judged.contract_rules.row_rules} - {
        rule.rule for rule in judged.contract_rules.run_rules
    }
    return [rule for rule in row_rule_ids | failing_warnings if judged.contract_rules.severities[rule].quarantines_rows]


def check_rules(judged: JudgedRows, rows: DataFrame, rules: list[Rule], parameters: Parameters) -> FailingRules:
    """Return the rules that fail on rows as if they were a run's."""
    results = checks.check_frame(
        rows.select(*judged.contract_rules.contract.names), judged.contract_rules.contract, rules, parameters
    )
    errors = {result.rule: ", ".join(map(str, result.samples)) for result in results if result.in_error}
    return FailingRules(frozenset(result.rule for result in results if result.broken), errors)
