"""Where the rows are from that broke rules: looked for once they broke, and never to change what was judged.

A rule's own condition finds such rows again: of the input in the lines, of the output in what was staged. What was staged names
its object; the object's rows are then judged once more for the line. Line numbers take a third reading, of a few objects.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract, Rule
from etl.contract.stage import Stage
from etl.contract.structure_rules import StructureRule
from etl.contract.table_names import LINE, OBJECT, RAW_TEXT, RULES, VERSION
from etl.contract.vocabulary import UNIQUE_TYPES, VOCABULARY
from etl.gate import key_conflicts, primary_key
from etl.gate.broken_rows import (
    MAX_ROWS,
    TEXT,
    TRACED_COLUMNS,
    BrokenRow,
    collect_rows,
    line_mark,
    row_mark,
    warning_on_failure,
    with_raw_line,
)
from etl.gate.element_rules import judged_columns
from etl.gate.gated_plan import GatedPlan
from etl.gate.key_conflicts import StagedRows
from etl.gate.onepass import row_queries
from etl.gate.onepass.row_conditions import violation_columns
from etl.gate.quarantine_routing import QuarantineSummary, sample_column
from etl.gate.row_numbers import RowNumbers
from etl.gate.structure import StructureRules
from etl.results.row_origin import Candidate, Origin, match_origins
from etl.results.rule_result import RuleResult
from etl.sources.line_faults import LineFaults
from etl.sources.provenance import rows_where

BAD, QUERY = "_bad", "unexpected_rows_query"
SECONDS = 60.0  # for all rules of one judgement
TracedRows = list[tuple[Candidate, BrokenRow]]


@dataclass
class OriginLookup:
    """A look at one passage's source; `quarantined_rows` are the rows that warnings set aside, by rule."""

    row_numbers: RowNumbers
    quarantined_rows: dict[str, TracedRows] = field(default_factory=dict)

    def remember_quarantined(self, rows: DataFrame, summary: QuarantineSummary) -> None:
        """Keep where some of the rows are from that were set aside, while they are at hand."""
        broken = sorted({rule for rules in summary.combinations for rule in rules})
        with warning_on_failure():
            for rule in (self._rules_by_id[name][0] for name in broken):
                sample, _ = sample_column(rows, rule, self._gated_plan.parameters)
                broken_rows = rows.where(F.array_contains(RULES, rule.rule)).withColumn(TEXT, F.struct(sample))
                self.quarantined_rows[rule.rule] = collect_rows(broken_rows, line_mark(), lambda values: values[0])

    def remember_lines(self, lines: DataFrame, faults: LineFaults, summary: QuarantineSummary) -> None:
        """Keep where some of the lines are from that warnings on structure set aside, while they are at hand."""
        with warning_on_failure():
            for rule in faults.warnings:
                if summary.count_by_rule()[faults.id_of(rule)]:
                    column = faults.shown_column(rule)
                    shown = F.coalesce(RAW_TEXT, LINE) if column == LINE else F.col(f"`{column}`")
                    broken_lines = lines.where(F.array_contains(RULES, faults.id_of(rule)))
                    traced = collect_rows(
                        broken_lines.withColumn(TEXT, F.struct(shown)), line_mark(), lambda values: values[0]
                    )
                    self.quarantined_rows[faults.id_of(rule)] = traced

    def with_origins(self, results: list[RuleResult], staged: StagedRows | None) -> list[RuleResult]:
        """Return the results, broken ones with the places of their samples, as far as these are found.

        Args:
            results: of rules, as judged.
            staged: what the run staged, once it has.
        """
        until = time.monotonic() + SECONDS
        rows: dict[str, list[list[BrokenRow]]] = {}
        for result in results:
            if result.broken and result.samples and not any(result.places) and time.monotonic() < until:
                with warning_on_failure():
                    rows[result.rule] = _rows_by_sample(result, self._broken_rows(result, staged))
        numbered: dict[BrokenRow, list[int]] = {}
        with warning_on_failure():
            numbered = self.row_numbers.find_numbers(
                [[row for sample_rows in samples for row in sample_rows[:2]] for samples in rows.values()]
            )
        with warning_on_failure():
            return [
                self._with_places(result, rows[result.rule], numbered) if result.rule in rows else result
                for result in results
            ]
        return results

    def _with_places(
        self, result: RuleResult, samples: list[list[BrokenRow]], numbered: Mapping[BrokenRow, list[int]]
    ) -> RuleResult:
        """Return a result with the place of each sample, and of a key that stands twice the second one too."""
        rule, _ = self._rules_by_id.get(result.rule, (None, None))
        sample_origins = [sorted(_numbered_origins(rows[:2], numbered), key=_origin_order) for rows in samples]
        places = tuple(origins[0] if origins else None for origins in sample_origins)
        if rule is None or rule.type not in UNIQUE_TYPES:
            return replace(result, places=places)
        second = (origins[1] if len(origins) > 1 else None for origins in sample_origins)
        return replace(result, places=places, also=tuple(map(_first_known, result.also, second)))

    @property
    def _gated_plan(self) -> GatedPlan:
        return self.row_numbers.gated_plan

    @cached_property
    def _rules_by_id(self) -> dict[str, tuple[Rule, Contract]]:
        return {
            rule.rule: (rule, contract)
            for contract in (self._gated_plan.input, self._gated_plan.output)
            for rule in contract.rules
        }

    @cached_property
    def _structure_marks(self) -> Mapping[str, tuple[str, Column]]:
        structure = StructureRules(self.row_numbers.source.contract, self._gated_plan.output)
        return {f"{structure.dataset}.structure.{name}": mark for name, mark in structure.stopping_marks.items()}

    def _broken_rows(self, result: RuleResult, staged: StagedRows | None) -> TracedRows:
        """Return rows that break a rule."""
        if result.rule in self.quarantined_rows:
            return self.quarantined_rows[result.rule]
        if result.rule in self._structure_marks:
            column, mark = self._structure_marks[result.rule]
            broken_rows = rows_where(with_raw_line(self.row_numbers.lines.unproven), mark).withColumn(
                TEXT, F.struct(F.col(f"`{column}`"))
            )
            return collect_rows(broken_rows, line_mark(), lambda values: values[0])
        if staged and result.rule == StructureRule.KEY.id_of(self._gated_plan.output.dataset):
            return self._keyless_rows(staged)
        rule, contract = self._rules_by_id.get(result.rule, (None, None))
        return self._contract_rows(rule, contract, result, staged) if rule and contract else []

    def _contract_rows(
        self, rule: Rule, contract: Contract, result: RuleResult, staged: StagedRows | None
    ) -> TracedRows:
        """Return rows that break a rule of a contract: of the input among the lines, of the output among what was staged."""
        if contract.stage is Stage.INPUT:
            rows = self._gated_plan.isolated_rows(with_raw_line(self.row_numbers.lines.unproven), TRACED_COLUMNS)
            return self._rows_breaking(rows, rule, line_mark(), result)
        if staged is None:
            return []
        broken_rows = self._rows_breaking(staged.rows, rule, row_mark(self._gated_plan.output), result)
        return [*broken_rows, *self._clashing_rows(staged)] if contract.is_key_rule(rule) else broken_rows

    def _rows_breaking(self, frame: DataFrame, rule: Rule, mark: Column, result: RuleResult) -> TracedRows:
        """Return rows of a frame that break a rule by its own condition; none where it judges no row by itself."""
        if QUERY in rule.kwargs:
            broken = row_queries.query_condition(frame, rule.kwargs[QUERY])
            if broken is None:
                return []
            return collect_rows(frame.where(broken).withColumn(TEXT, F.struct()), mark, lambda _: result.samples[0])
        if not VOCABULARY[rule.type].judges.is_row:
            return []
        broken = violation_columns(frame, [rule], self._gated_plan.parameters)[rule.rule]
        judged = judged_columns(frame, rule, self._gated_plan.parameters)
        columns = F.struct(*(column.alias(str(number)) for number, column in enumerate(judged)))
        broken_rows = frame.withColumn(BAD, broken).where(BAD).withColumn(TEXT, columns)
        return collect_rows(broken_rows, mark, lambda values: _sample_value(rule, values))

    def _keyless_rows(self, staged: StagedRows) -> TracedRows:
        """Return rows of the run that lack a part of their key."""
        columns = F.struct(*(F.col(f"`{name}`") for name in staged.key), OBJECT)
        keyless_rows = staged.rows.where(primary_key.is_null(staged.key)).withColumn(TEXT, columns)
        masking = self._gated_plan.output.masking
        return collect_rows(
            keyless_rows,
            row_mark(self._gated_plan.output),
            lambda values: primary_key.null_sample(values[:-1], values[-1], staged.key, masking),
        )

    def _clashing_rows(self, staged: StagedRows) -> TracedRows:
        """Return rows of the run whose keys the table holds already."""
        earlier = key_conflicts.find_earlier_rows(staged)
        if earlier is None:
            return []
        key, earlier_rows = [f"`{name}`" for name in staged.key], earlier.withColumnsRenamed({OBJECT: "_there"})
        clashing_rows = staged.rows.join(earlier_rows.drop(VERSION).limit(MAX_ROWS), list(staged.key))
        masking = self._gated_plan.output.masking
        sampled_rows = clashing_rows.withColumn(TEXT, F.struct(*key, "_there"))
        return collect_rows(
            sampled_rows,
            row_mark(self._gated_plan.output),
            lambda values: key_conflicts.describe_clash(values[:-1], values[-1], staged.key, masking),
        )


def _sample_value(rule: Rule, values: tuple[Any, ...]) -> Any:
    """Return a row's values as the library shows them: one, a pair, or several by name."""
    expectation = VOCABULARY[rule.type]
    if expectation.column_lists:
        return dict(zip(rule.columns, values, strict=True))
    return values[0] if len(expectation.columns) == 1 else values


def _rows_by_sample(result: RuleResult, traced_rows: TracedRows) -> list[list[BrokenRow]]:
    """Return the rows of each sample."""
    rows = {id(candidate.origin): row for candidate, row in traced_rows}
    sample_origins = match_origins(result.samples, [candidate for candidate, _ in traced_rows])
    return [[rows[id(origin)] for origin in origins] for origins in sample_origins]


def _numbered_origins(rows: Iterable[BrokenRow], numbered: Mapping[BrokenRow, list[int]]) -> Iterable[Origin]:
    """Yield the origins of rows; of rows that are alike each has a number of its own."""
    used: dict[BrokenRow, int] = defaultdict(int)
    for row in rows:
        numbers = numbered.get(row, [])
        position = used[row]
        used[row] += 1
        yield replace(row.origin, row=numbers[position]) if position < len(numbers) else row.origin


def _origin_order(origin: Origin) -> tuple[str, int]:
    return origin.object, origin.row or 0


def _first_known(origin: Origin | None, fallback: Origin | None) -> Origin | None:
    return origin or fallback
