"""Rows that break a `warning` rule: marked on their way, left out of what is staged, kept with what they broke."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl import gate
from etl.conditions import breaks
from etl.contract import Contract, Rule
from etl.sources import LINE
from etl.verdict import SAMPLES, RuleResult, shown

WHY = "More rows were set aside than the suite's max_quarantined allows; mend the export, or raise the share."
RULES = "_rules"  # the ids of the warning rules that a row broke, an array of text


def warnings(contract: Contract) -> list[Rule]:
    """Return the rules that set rows aside."""
    return [rule for rule in contract.rules if rule.severity == "warning"]


def unmarked(frame: DataFrame) -> DataFrame:
    """Give every row an empty list of broken rules."""
    return frame.withColumn(RULES, F.array().cast("array<string>"))


def mark(frame: DataFrame, contract: Contract, parameters: dict[str, Any]) -> DataFrame:
    """Add to each row's `_rules` the contract's warning rules that it breaks.

    A rule with `mostly` marks rows only where it fails: that takes a pass of its own, which no other rule does.
    """
    rules = _failing(frame, contract, warnings(contract), parameters)
    broken = [F.when(column, F.lit(rule)) for rule, column in breaks(frame, rules, parameters).items()]
    return frame.withColumn(RULES, F.concat(RULES, F.array_compact(F.array(*broken)))) if broken else frame


def _failing(frame: DataFrame, contract: Contract, rules: list[Rule], parameters: dict[str, Any]) -> list[Rule]:
    partly = [rule for rule in rules if rule.kwargs.get("mostly", 1) < 1]
    held = {one.rule for one in gate.check(frame, contract, partly, parameters) if one.held}
    return [rule for rule in rules if rule.rule not in held]


def kept(frame: DataFrame) -> DataFrame:
    """Return the rows that broke nothing."""
    return frame.where(F.size(RULES) == 0)


def aside(frame: DataFrame) -> DataFrame:
    """Return the rows that broke something."""
    return frame.where(F.size(RULES) > 0)


@dataclass(frozen=True)
class Aside:
    """What was set aside: how many rows broke which rules together, and samples by rule; empty on a good day."""

    combinations: dict[tuple[str, ...], int] = field(default_factory=dict)
    samples: dict[str, tuple[str | None, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: DataFrame, contracts: Iterable[Contract]) -> "Aside":
        """Count the marked rows of a frame: one pass, and a short one a broken rule for its samples."""
        found = aside(frame).groupBy(RULES).count().collect()
        combinations = {tuple(row[RULES]): row["count"] for row in found}
        rules = {rule.rule: (rule, contract) for contract in contracts for rule in warnings(contract)}
        broken = {rule for combination in combinations for rule in combination}
        return cls(combinations, {rule: _samples(frame, *rules[rule]) for rule in sorted(broken)})

    def rows(self, contract: Contract) -> int:
        """Return how many rows a contract's rules set aside."""
        own = {rule.rule for rule in warnings(contract)}
        return sum(count for combination, count in self.combinations.items() if own & set(combination))

    def results(self, contract: Contract) -> list[RuleResult]:
        """Return each warning rule's result."""
        counts = Counter[str]()
        for combination, count in self.combinations.items():
            counts.update(dict.fromkeys(combination, count))
        rules = [
            RuleResult(one.rule, contract.stage, one.severity, not counts[one.rule], counts[one.rule], why=one.why)
            for one in warnings(contract)
        ]
        return [replace(one, samples=self.samples.get(one.rule, ())) for one in rules]

    def share(self, contract: Contract, rows_read: int) -> RuleResult:
        """Return whether a contract's warnings set aside no more of the rows than its `max_quarantined` allows."""
        found, most = self.rows(contract), contract.max_quarantined
        held = found <= most * rows_read
        rule = f"{contract.dataset}.structure.quarantined.{contract.stage}"
        sample = () if held else (f"{found} of {rows_read} rows, allowed are {most:.0%}",)
        return RuleResult(rule, "structure", "critical", held, 0 if held else found, sample, WHY)


def _samples(frame: DataFrame, rule: Rule, contract: Contract) -> tuple[str | None, ...]:
    column = next((name for name in rule.columns if name in frame.columns), LINE)
    rows = frame.where(F.array_contains(RULES, rule.rule)).select(column).limit(SAMPLES).collect()
    return shown([row[0] for row in rows], bool(contract.pii & set(rule.columns)))
