"""Rows that break a `warning` rule: marked on their way, left out of what is staged, kept with what they broke."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.column_paths import root_of
from etl.contract.model import Contract, Rule
from etl.contract.sample_values import MAX_SAMPLES
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.contract.table_names import LINE, RULES
from etl.errors import RuleInError
from etl.gate.element_rules import judged_columns
from etl.gate.onepass import bitmask
from etl.gate.onepass.row_conditions import takes_python, violation_columns
from etl.results.rule_result import RuleResult
from etl.results.rule_state import COMPUTED, Evaluation, RuleState
from etl.sources.operations import CHANGE, is_delete
from etl.wording import count_noun

WHY = (
    "More rows were set aside than the suite's max_quarantined allows, so nothing was published; see what they broke, then "
    "declare how such values are written, loosen the rule, raise max_quarantined, or leave the object out with `sluice skip`."
)


def warning_rules(contract: Contract) -> list[Rule]:
    """Return the rules that set rows aside."""
    return [rule for rule in contract.rules if rule.severity.quarantines_rows]


@dataclass(frozen=True)
class MarkedRows:
    """Rows that carry the warning rules they break as bits of longs; `rules` are these, in the bits' order, by longs.

    Of the rules `unsure` a row has the bit where nothing proves that it keeps them: where none has, none breaks them.
    """

    frame: DataFrame
    rules: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    unsure: frozenset[str] = frozenset()

    @property
    def mask_columns(self) -> tuple[str, ...]:
        """The columns of bits."""
        return tuple(name for names, _ in self.rules for name in names)

    def with_frame(self, frame: DataFrame) -> "MarkedRows":
        """Return what was made of the rows; it has their columns of bits."""
        return replace(self, frame=frame)

    def mark_warnings(
        self, contract: Contract, rules: list[Rule], parameters: dict[str, Any], *, proving: bool = False
    ) -> "MarkedRows":
        """Add those of `rules`, warnings of a contract, that a row breaks; with `proving` some of them are `unsure`."""
        if not rules:
            return self
        broken = warning_conditions(self.frame, contract, rules, parameters, proving=proving)
        unsure = {rule.rule for rule in rules if proving and takes_python(self.frame, rule)}
        if self.has_changes:
            broken = {rule: condition & ~is_delete() for rule, condition in broken.items()}
        columns = {
            f"_aside_{contract.stage}{number}": column
            for number, column in enumerate(bitmask.pack_marks(list(broken.values())))
        }
        rules_by_longs = (*self.rules, (tuple(columns), tuple(broken)))
        return MarkedRows(self.frame.withColumns(columns), rules_by_longs, self.unsure | unsure)

    @property
    def is_unsure(self) -> Column | None:
        """Where a row has the bit of a rule that is `unsure`; None where no rule is."""
        marks = [
            bitmask.is_set([F.col(name) for name in names], number)
            for names, rules in self.rules
            for number, rule in enumerate(rules)
            if rule in self.unsure
        ]
        return reduce(or_, marks) if marks else None

    @property
    def has_changes(self) -> bool:
        """Whether some of the rows may be deletes, which break no warning and are not staged."""
        return CHANGE in self.frame.columns

    @property
    def is_sound(self) -> Column:
        """Where a row broke nothing."""
        return bitmask.none_set([F.col(name) for name in self.mask_columns]) if self.rules else F.lit(True)

    @property
    def is_kept(self) -> Column:
        """Where a row is staged: it broke nothing, and is no delete."""
        return self.is_sound & ~is_delete() if self.has_changes else self.is_sound

    @property
    def kept_rows(self) -> DataFrame:
        """The rows that are staged."""
        return self.frame.where(self.is_kept) if self.rules or self.has_changes else self.frame

    @property
    def quarantined_rows(self) -> DataFrame:
        """The rows that broke something, with the ids of the rules as `_rules`."""
        broken = [
            F.when(bitmask.is_set([F.col(name) for name in names], position), F.lit(rule))
            for names, rules in self.rules
            for position, rule in enumerate(rules)
        ]
        named = self.frame.withColumn(RULES, F.array_compact(F.array(*broken)).cast("array<string>"))
        return named.where(~self.is_sound)


class WarningsUnjudged(RuleInError):
    """Warnings that cannot be judged, each as a result in error: no row is known to break them, or not to."""

    def __init__(self, results: list[RuleResult]) -> None:
        """Keep the results, which belong into the verdict."""
        super().__init__("; ".join(result.in_words for result in results))
        self.results = results


def warning_conditions(
    frame: DataFrame, contract: Contract, rules: list[Rule], parameters: dict[str, Any], *, proving: bool = False
) -> dict[str, Column]:
    """Return where a row breaks which rule; with `proving` as `violation_columns` says.

    Raises:
        WarningsUnjudged: the engine takes some of them not at all.
    """
    try:
        return violation_columns(frame, rules, parameters, proving=proving)
    except Exception as error:
        results = [_try_rule(frame, contract, rule, parameters) for rule in rules]
        if in_error := [result for result in results if result.in_error]:
            raise WarningsUnjudged(in_error) from error
        raise


def _try_rule(frame: DataFrame, contract: Contract, rule: Rule, parameters: dict[str, Any]) -> RuleResult:
    passed = RuleResult(rule.rule, contract.stage, rule.severity, RuleState.HELD, why=rule.why)
    try:
        violation_columns(frame, [rule], parameters)
    except Exception as error:  # whatever the engine raises is its word on the rule
        return passed.as_error(contract.masking.mask_exception(error))
    return passed


@dataclass(frozen=True)
class QuarantineSummary:
    """What was set aside: how many rows broke which rules together, and samples by rule; empty on a good day.

    `way` is how that came to be known.
    """

    combinations: dict[tuple[str, ...], int] = field(default_factory=dict)
    samples: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    way: Evaluation = COMPUTED

    @classmethod
    def from_frame(
        cls, frame: DataFrame, contracts: Iterable[Contract], parameters: dict[str, Any]
    ) -> "QuarantineSummary":
        """Count the rows that broke something: one pass, and a short one a broken rule for its samples."""
        counts = frame.groupBy(RULES).count().collect()
        combinations = {tuple(row[RULES]): row["count"] for row in counts}
        rules = {rule.rule: (rule, contract) for contract in contracts for rule in warning_rules(contract)}
        broken = {rule for combination in combinations for rule in combination}
        return cls(combinations, {rule: _sample_texts(frame, *rules[rule], parameters) for rule in sorted(broken)})

    def __or__(self, other: "QuarantineSummary") -> "QuarantineSummary":
        """Return what two say of rows that are not the same; where either was computed, both are."""
        way = self.way if self.way is other.way else COMPUTED
        return QuarantineSummary(self.combinations | other.combinations, {**self.samples, **other.samples}, way)

    def release_if_empty(self, rows: DataFrame) -> DataFrame | None:
        """Return the persisted rows that it counts; None where there are none, which need not be kept."""
        if self.combinations:
            return rows
        rows.unpersist()
        return None

    def count_lines(self, dataset: str) -> int:
        """Return how many lines warnings on structure set aside: no rule of a suite was held against these."""
        structure = f"{dataset}.{Stage.STRUCTURE}."
        return sum(
            count
            for combination, count in self.combinations.items()
            if any(rule.startswith(structure) for rule in combination)
        )

    def count_rows(self, contract: Contract) -> int:
        """Return how many rows a contract's rules set aside; warnings on structure are the input's."""
        rule_ids = {rule.rule for rule in warning_rules(contract)}
        structure = f"{contract.dataset}.{Stage.STRUCTURE}."
        return sum(
            count
            for combination, count in self.combinations.items()
            if any(
                rule in rule_ids or (contract.stage is Stage.INPUT and rule.startswith(structure))
                for rule in combination
            )
        )

    def count_by_rule(self) -> Counter[str]:
        """Return how many rows broke each rule."""
        counts = Counter[str]()
        for combination, count in self.combinations.items():
            counts.update(dict.fromkeys(combination, count))
        return counts

    def warning_results(self, contract: Contract) -> list[RuleResult]:
        """Return each warning rule's result."""
        counts = self.count_by_rule()
        results = [
            RuleResult(
                rule.rule,
                contract.stage,
                rule.severity,
                RuleState.from_outcome(not counts[rule.rule]),
                counts[rule.rule],
                why=rule.why,
            )
            for rule in warning_rules(contract)
        ]
        return [replace(result, samples=self.samples.get(result.rule, ()), way=self.way) for result in results]

    def share_result(self, contract: Contract, rows_read: int) -> RuleResult:
        """Return whether a contract's warnings set aside no more of the rows than its `max_quarantined` allows."""
        quarantined, max_share = self.count_rows(contract), contract.max_quarantined
        is_within_share = quarantined <= max_share * rows_read
        rule = f"{contract.dataset}.structure.quarantined.{contract.stage}"
        sample = (
            ()
            if is_within_share
            else (f"{quarantined:,} of {count_noun(rows_read, 'row')}, allowed are {max_share:.0%}",)
        )
        return RuleResult(
            rule,
            Stage.STRUCTURE,
            Severity.CRITICAL,
            RuleState.from_outcome(is_within_share),
            0 if is_within_share else quarantined,
            sample,
            WHY,
            way=self.way,
            observed=f"{quarantined / max(rows_read, 1):.6g}",
        ).judging(rows_read)


def sample_column(frame: DataFrame, rule: Rule, parameters: dict[str, Any]) -> tuple[Column, str]:
    """Return what a sample of a rule shows of rows that were set aside, and the path that it is of; LINE where they lack it."""
    paths = [path for path in rule.columns if root_of(path) in frame.columns]
    if not paths:
        return F.col(LINE), LINE
    columns = dict(zip(rule.columns, judged_columns(frame, rule, parameters), strict=True))
    return columns[paths[0]], paths[0]


def _sample_texts(
    frame: DataFrame, rule: Rule, contract: Contract, parameters: dict[str, Any]
) -> tuple[str | None, ...]:
    column, path = sample_column(frame, rule, parameters)
    rows = frame.where(F.array_contains(RULES, rule.rule)).select(column).limit(MAX_SAMPLES).collect()
    values = [row[0] for row in rows]
    return contract.masking.mask_lines(values) if path == LINE else contract.masking.mask_samples(values, [path])
