"""Rows that break a `warning` rule: marked on their way, left out of what is staged, kept with what they broke."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract, Rule
from etl.contract.sample_values import SAMPLES
from etl.contract.table_names import LINE, RULES
from etl.errors import RuleInError
from etl.gate import checks
from etl.gate.onepass import bitmask
from etl.gate.onepass.row_conditions import breaks
from etl.results.verdict import COMPUTED, RuleResult, RuleState
from etl.wording import counted

WHY = "More rows were set aside than the suite's max_quarantined allows; mend the export, or raise the share."


def warnings(contract: Contract) -> list[Rule]:
    """Return the rules that set rows aside."""
    return [rule for rule in contract.rules if rule.severity == "warning"]


@dataclass(frozen=True)
class Marked:
    """Rows that carry the warning rules they break as bits of longs; `rules` are these, in the bits' order, by longs."""

    frame: DataFrame
    rules: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The columns of bits."""
        return tuple(name for names, _ in self.rules for name in names)

    def over(self, frame: DataFrame) -> "Marked":
        """Return what was made of the rows; it has their columns of bits."""
        return replace(self, frame=frame)

    def mark(self, contract: Contract, rules: list[Rule], parameters: dict[str, Any]) -> "Marked":
        """Add those of `rules`, warnings of a contract, that a row breaks."""
        if not rules:
            return self
        broken = conditions(self.frame, contract, rules, parameters)
        words = {f"_aside_{contract.stage}{at}": word for at, word in enumerate(bitmask.packed(list(broken.values())))}
        return Marked(self.frame.withColumns(words), (*self.rules, (tuple(words), tuple(broken))))

    @property
    def is_kept(self) -> Column:
        """Where a row broke nothing."""
        return bitmask.none_set([F.col(name) for name in self.words])

    @property
    def kept(self) -> DataFrame:
        """The rows that broke nothing."""
        return self.frame.where(self.is_kept) if self.rules else self.frame

    @property
    def aside(self) -> DataFrame:
        """The rows that broke something, with the ids of the rules as `_rules`."""
        broken = [
            F.when(bitmask.is_set([F.col(name) for name in names], at), F.lit(rule))
            for names, rules in self.rules
            for at, rule in enumerate(rules)
        ]
        named = self.frame.withColumn(RULES, F.array_compact(F.array(*broken)).cast("array<string>"))
        return named.where(~self.is_kept)


class Unjudged(RuleInError):
    """Warnings that cannot be judged, each as a result in error: no row is known to break them, or not to."""

    def __init__(self, results: list[RuleResult]) -> None:
        """Keep the results, which belong into the verdict."""
        super().__init__("; ".join(one.in_words for one in results))
        self.results = results


def conditions(
    frame: DataFrame, contract: Contract, rules: list[Rule], parameters: dict[str, Any]
) -> dict[str, Column]:
    """Return where a row breaks which rule.

    Raises:
        Unjudged: the engine takes some of them not at all.
    """
    try:
        return breaks(frame, rules, parameters)
    except Exception as error:
        found = [_tried(frame, contract, rule, parameters) for rule in rules]
        if in_error := [one for one in found if one.in_error]:
            raise Unjudged(in_error) from error
        raise


def _tried(frame: DataFrame, contract: Contract, rule: Rule, parameters: dict[str, Any]) -> RuleResult:
    held = RuleResult(rule.rule, contract.stage, rule.severity, RuleState.HELD, why=rule.why)
    try:
        breaks(frame, [rule], parameters)
    except Exception as error:  # whatever the engine raises is its word on the rule
        return held.failed(contract.masking.exception(error))
    return held


def is_partly(rule: Rule) -> bool:
    """Say whether a rule with `mostly` may hold though rows break it: these it sets aside only where it fails."""
    return rule.kwargs.get("mostly", 1) < 1


def marking(frame: DataFrame, contract: Contract, parameters: dict[str, Any]) -> list[Rule]:
    """Return the warning rules that set rows aside; one with `mostly` takes a pass over the frame."""
    partly = [rule for rule in warnings(contract) if is_partly(rule)]
    results = checks.check(frame, contract, partly, parameters)
    if in_error := [one for one in results if one.in_error]:
        raise Unjudged(in_error)
    held = {one.rule for one in results if one.held}
    return [rule for rule in warnings(contract) if rule.rule not in held]


@dataclass(frozen=True)
class Aside:
    """What was set aside: how many rows broke which rules together, and samples by rule; empty on a good day.

    `way` is how that came to be known.
    """

    combinations: dict[tuple[str, ...], int] = field(default_factory=dict)
    samples: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    way: str = COMPUTED

    @classmethod
    def of(cls, frame: DataFrame, contracts: Iterable[Contract]) -> "Aside":
        """Count the rows that broke something: one pass, and a short one a broken rule for its samples."""
        found = frame.groupBy(RULES).count().collect()
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
            RuleResult(
                one.rule,
                contract.stage,
                one.severity,
                RuleState.judged(not counts[one.rule]),
                counts[one.rule],
                why=one.why,
            )
            for one in warnings(contract)
        ]
        return [replace(one, samples=self.samples.get(one.rule, ()), way=self.way) for one in rules]

    def share(self, contract: Contract, rows_read: int) -> RuleResult:
        """Return whether a contract's warnings set aside no more of the rows than its `max_quarantined` allows."""
        found, most = self.rows(contract), contract.max_quarantined
        held = found <= most * rows_read
        rule = f"{contract.dataset}.structure.quarantined.{contract.stage}"
        sample = () if held else (f"{found:,} of {counted(rows_read, 'row')}, allowed are {most:.0%}",)
        return RuleResult(
            rule, "structure", "critical", RuleState.judged(held), 0 if held else found, sample, WHY, way=self.way
        )


def _samples(frame: DataFrame, rule: Rule, contract: Contract) -> tuple[str | None, ...]:
    column = next((name for name in rule.columns if name in frame.columns), LINE)
    rows = frame.where(F.array_contains(RULES, rule.rule)).select(column).limit(SAMPLES).collect()
    values = [row[0] for row in rows]
    return contract.masking.lines(values) if column == LINE else contract.masking.samples(values, [column])
