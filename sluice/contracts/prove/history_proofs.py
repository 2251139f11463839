"""Proofs of rules with bounds from earlier runs: with results that a day keeps, that it breaks, and with too few of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from etl.contract.history import HistoryMetric
from etl.contract.stage import Stage
from etl.history.bound_words import format_number
from etl.results.rule_state import RuleState
from etl.results.run_line import RunLine
from etl.wording import count_noun
from sluice.contracts.prove.frames import Row
from sluice.contracts.prove.history_plan import HistoryPlan, Metric, StagedUse
from sluice.contracts.prove.history_values import MeasuredSpan, breaking_value, keeping_value, keeps_bound
from sluice.contracts.prove.report import Proof

NO_HISTORY = "no history that could be makes a valid day {} it; bound it otherwise, or drop the rule"
NOT_KEPT = "with a history that the valid day keeps it is {}"
NOT_BROKEN = "with a history that the day breaks it is {}"
JUDGED_EARLY = "with {} it is {}, and it needs {}"
States = Mapping[str, RuleState]
DayRows = Mapping[Stage, Sequence[Row]]
"""A day's rows as they came and as they are published."""
Judge = Callable[[Sequence[RunLine], DayRows], States]
"""Returns the states of rules for a day where the results of earlier runs are these lines."""


@dataclass(frozen=True)
class HistoryProver:
    """A dataset's rules that look back.

    Attributes:
        plan: the earlier runs that they are given.
        rows: the valid day's rows.
        judge: what judges a day.
    """

    plan: HistoryPlan
    rows: DayRows
    judge: Judge

    def prove_rules(self) -> Iterator[Proof]:
        """Yield a proof of each rule that uses a bound from earlier runs."""
        if self.plan.uses:
            early = self.judge(self.plan.too_few_lines(self._kept_values), self.rows)
            usual = self.judge(self.plan.enough_lines(self._kept_values), self.rows)
            for rule in dict.fromkeys(staged.use.rule.rule for staged in self.plan.uses):
                uses = [staged for staged in self.plan.uses if staged.use.rule.rule == rule]
                yield self._prove_rule(rule, uses, early.get(rule), usual.get(rule))

    @cached_property
    def _kept_values(self) -> dict[Metric, float]:
        """A value of each metric with which the day keeps every bound that is made of it, as far as there is one."""
        kept: dict[Metric, float] = {}
        for metric in dict.fromkeys(staged.metric for staged in self.plan.uses):
            spans = [
                (staged.use, MeasuredSpan.from_rows(staged.use, self.rows[staged.stage]))
                for staged in self.plan.uses
                if staged.metric == metric
            ]
            measured = [(use, span) for use, span in spans if span]
            candidates = [keeping_value(use, span) for use, span in measured]
            candidates += [end for _, span in measured for end in (span.low, span.high)]
            fitting = (
                value
                for value in candidates
                if value is not None and all(keeps_bound(use, value, span) for use, span in measured)
            )
            if (value := next(fitting, None)) is not None:
                kept[metric] = value
        return kept

    def _prove_rule(
        self, rule: str, uses: Sequence[StagedUse], early: RuleState | None, usual: RuleState | None
    ) -> Proof:
        stage, least = uses[0].stage, min(staged.use.bound.at_least for staged in uses)
        if any(staged.metric not in self._kept_values for staged in uses):
            return Proof(rule, stage, why=NO_HISTORY.format("keep"))
        if early is not RuleState.NOT_EVALUATED:
            runs = count_noun(least - 1, "earlier run")
            return Proof(rule, stage, why=JUDGED_EARLY.format(runs, _state_words(early), least))
        if usual is not RuleState.HELD:
            return Proof(rule, stage, why=NOT_KEPT.format(_state_words(usual)))
        proofs = [self._prove_use(staged) for staged in uses]
        overlap = {name for proof in proofs for name in proof.overlap}
        fault = "; ".join(proof.fault for proof in proofs if proof.fault)
        return Proof(rule, stage, fault, tuple(sorted(overlap)), next((proof.why for proof in proofs if proof.why), ""))

    def _prove_use(self, staged: StagedUse) -> Proof:
        use, rule = staged.use, staged.use.rule.rule
        for words, rows in self._days(staged):
            span = MeasuredSpan.from_rows(use, rows[staged.stage])
            value = breaking_value(use, span) if span else None
            if span is None or value is None:
                continue
            states = self.judge(self.plan.enough_lines({**self._kept_values, staged.metric: value}), rows)
            others = {name for name, state in states.items() if state is RuleState.BROKEN} - {rule}
            runs = count_noun(use.bound.at_least, f"earlier {use.bound.per}")
            fault = f"{words}{use.bound.metric_name} {format_number(span.low)} after {runs} of {format_number(value)}"
            is_broken = states.get(rule) is RuleState.BROKEN
            why = "" if is_broken else NOT_BROKEN.format(_state_words(states.get(rule)))
            return Proof(rule, staged.stage, fault, tuple(sorted(others)), why)
        return Proof(rule, staged.stage, why=NO_HISTORY.format("break"))

    def _days(self, staged: StagedUse) -> Iterator[tuple[str, DayRows]]:
        """Yield days in words and as rows: the valid one, then, for a share of nulls, one in which all are null."""
        column = staged.use.bound.column
        yield "", self.rows
        if staged.use.bound.metric is HistoryMetric.NULL_SHARE and column in self.rows[Stage.INPUT][0]:
            yield (
                f"all rows with {column} null, ",
                {stage: _without_values(rows, column) for stage, rows in self.rows.items()},
            )


def _without_values(rows: Sequence[Row], column: str) -> list[Row]:
    return [{**row, column: None} for row in rows]


def _state_words(state: RuleState | None) -> str:
    return "not judged" if state is None else state.label
