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
from etl.contract.table_names import LINE, OBJECT, RULES, VERSION
from etl.contract.vocabulary import UNIQUE, VOCABULARY
from etl.gate import key_conflicts, primary_key
from etl.gate.broken_rows import ROWS, TEXT, TRACED, Row, collected, harmless, line_mark, row_mark, traced
from etl.gate.gated_plan import INPUT, Crossing
from etl.gate.key_conflicts import Staged
from etl.gate.onepass import row_queries
from etl.gate.onepass.row_conditions import breaks
from etl.gate.quarantine_routing import Aside
from etl.gate.row_numbers import RowNumbers
from etl.gate.structure import Structure
from etl.results.row_origin import Candidate, Origin, matched
from etl.results.verdict import RuleResult

BAD, QUERY = "_bad", "unexpected_rows_query"
SECONDS = 60.0  # for all rules of one judgement
TracedRows = list[tuple[Candidate, Row]]


@dataclass
class SecondLook:
    """A look at one passage's source; `aside` are the rows that warnings set aside, by rule."""

    numbers: RowNumbers
    aside: dict[str, TracedRows] = field(default_factory=dict)

    def remember(self, rows: DataFrame, aside: Aside) -> None:
        """Keep where some of the rows are from that were set aside, while they are at hand."""
        broken = sorted({rule for rules in aside.combinations for rule in rules})
        with harmless():
            for rule in (self._rules[name][0] for name in broken):
                column = next((name for name in rule.columns if name in rows.columns), LINE)
                broken_rows = rows.where(F.array_contains(RULES, rule.rule)).withColumn(
                    TEXT, F.struct(F.col(f"`{column}`"))
                )
                self.aside[rule.rule] = collected(broken_rows, line_mark(), lambda values: values[0])

    def placed(self, results: list[RuleResult], staged: Staged | None) -> list[RuleResult]:
        """Return the results, broken ones with the places of their samples, as far as these are found.

        Args:
            results: of rules, as judged.
            staged: what the run staged, once it has.
        """
        until = time.monotonic() + SECONDS
        rows: dict[str, list[list[Row]]] = {}
        for result in results:
            if result.broken and result.samples and not any(result.places) and time.monotonic() < until:
                with harmless():
                    rows[result.rule] = _by_sample(result, self._broken_rows(result, staged))
        numbered: dict[Row, list[int]] = {}
        with harmless():
            numbered = self.numbers.of(
                [[row for sample_rows in samples for row in sample_rows[:2]] for samples in rows.values()]
            )
        with harmless():
            return [
                self._with_places(result, rows[result.rule], numbered) if result.rule in rows else result
                for result in results
            ]
        return results

    def _with_places(
        self, result: RuleResult, samples: list[list[Row]], numbered: Mapping[Row, list[int]]
    ) -> RuleResult:
        """Return a result with the place of each sample, and of a key that stands twice the second one too."""
        rule, _ = self._rules.get(result.rule, (None, None))
        sample_origins = [sorted(_origins(rows[:2], numbered), key=_order) for rows in samples]
        places = tuple(origins[0] if origins else None for origins in sample_origins)
        if rule is None or rule.type not in UNIQUE:
            return replace(result, places=places)
        second = (origins[1] if len(origins) > 1 else None for origins in sample_origins)
        return replace(result, places=places, also=tuple(map(_first, result.also, second)))

    @property
    def _crossing(self) -> Crossing:
        return self.numbers.crossing

    @cached_property
    def _rules(self) -> dict[str, tuple[Rule, Contract]]:
        return {
            rule.rule: (rule, contract)
            for contract in (self._crossing.input, self._crossing.output)
            for rule in contract.rules
        }

    @cached_property
    def _marks(self) -> Mapping[str, tuple[str, Column]]:
        structure = Structure(self.numbers.source.contract, self._crossing.output)
        return {f"{structure.dataset}.structure.{name}": mark for name, mark in structure.marks.items()}

    def _broken_rows(self, result: RuleResult, staged: Staged | None) -> TracedRows:
        """Return rows that break a rule."""
        if result.rule in self.aside:
            return self.aside[result.rule]
        if result.rule in self._marks:
            column, mark = self._marks[result.rule]
            broken_rows = traced(self.numbers.lines).where(mark).withColumn(TEXT, F.struct(F.col(f"`{column}`")))
            return collected(broken_rows, line_mark(), lambda values: values[0])
        if staged and result.rule == f"{self._crossing.output.dataset}.structure.key":
            return self._keyless(staged)
        rule, contract = self._rules.get(result.rule, (None, None))
        return self._contract_rows(rule, contract, result, staged) if rule and contract else []

    def _contract_rows(self, rule: Rule, contract: Contract, result: RuleResult, staged: Staged | None) -> TracedRows:
        """Return rows that break a rule of a contract: of the input among the lines, of the output among what was staged."""
        if contract.stage == INPUT:
            rows = self._crossing.rows(traced(self.numbers.lines), TRACED)
            return self._breaking(rows, rule, line_mark(), result)
        if staged is None:
            return []
        broken_rows = self._breaking(staged.rows, rule, row_mark(self._crossing.output), result)
        return [*broken_rows, *self._clashing(staged)] if contract.is_key_rule(rule) else broken_rows

    def _breaking(self, frame: DataFrame, rule: Rule, mark: Column, result: RuleResult) -> TracedRows:
        """Return rows of a frame that break a rule by its own condition; none where it judges no row by itself."""
        if QUERY in rule.kwargs:
            broken = row_queries.condition(frame, rule.kwargs[QUERY])
            if broken is None:
                return []
            return collected(frame.where(broken).withColumn(TEXT, F.struct()), mark, lambda _: result.samples[0])
        if VOCABULARY[rule.type].judges != "row":
            return []
        broken = breaks(frame, [rule], self._crossing.parameters)[rule.rule]
        columns = F.struct(*(F.col(f"`{name}`") for name in rule.columns))
        broken_rows = frame.withColumn(BAD, broken).where(BAD).withColumn(TEXT, columns)
        return collected(broken_rows, mark, lambda values: _value(rule, values))

    def _keyless(self, staged: Staged) -> TracedRows:
        """Return rows of the run that lack a part of their key."""
        columns = F.struct(*(F.col(f"`{name}`") for name in staged.key), OBJECT)
        keyless_rows = staged.rows.where(primary_key.is_null(staged.key)).withColumn(TEXT, columns)
        masking = self._crossing.output.masking
        return collected(
            keyless_rows,
            row_mark(self._crossing.output),
            lambda values: primary_key.null_sample(values[:-1], values[-1], staged.key, masking),
        )

    def _clashing(self, staged: Staged) -> TracedRows:
        """Return rows of the run whose keys the table holds already."""
        earlier = key_conflicts.clashes(staged)
        if earlier is None:
            return []
        key, earlier_rows = [f"`{name}`" for name in staged.key], earlier.withColumnsRenamed({OBJECT: "_there"})
        clashing_rows = staged.rows.join(earlier_rows.drop(VERSION).limit(ROWS), list(staged.key))
        masking = self._crossing.output.masking
        sampled = clashing_rows.withColumn(TEXT, F.struct(*key, "_there"))
        return collected(
            sampled,
            row_mark(self._crossing.output),
            lambda values: key_conflicts.clash(values[:-1], values[-1], staged.key, masking),
        )


def _value(rule: Rule, values: tuple[Any, ...]) -> Any:
    """Return a row's values as the library shows them: one, a pair, or several by name."""
    expectation = VOCABULARY[rule.type]
    if expectation.column_lists:
        return dict(zip(rule.columns, values, strict=True))
    return values[0] if len(expectation.columns) == 1 else values


def _by_sample(result: RuleResult, traced_rows: TracedRows) -> list[list[Row]]:
    """Return the rows of each sample."""
    rows = {id(candidate.origin): row for candidate, row in traced_rows}
    sample_origins = matched(result.samples, [candidate for candidate, _ in traced_rows])
    return [[rows[id(origin)] for origin in origins] for origins in sample_origins]


def _origins(rows: Iterable[Row], numbered: Mapping[Row, list[int]]) -> Iterable[Origin]:
    """Yield the origins of rows; of rows that are alike each has a number of its own."""
    used: dict[Row, int] = defaultdict(int)
    for row in rows:
        numbers = numbered.get(row, [])
        position = used[row]
        used[row] += 1
        yield replace(row.origin, row=numbers[position]) if position < len(numbers) else row.origin


def _order(origin: Origin) -> tuple[str, int]:
    return origin.object, origin.row or 0


def _first(origin: Origin | None, fallback: Origin | None) -> Origin | None:
    return origin or fallback
