"""What no expectation can state: broken rows, text that is no text, casts that would change a value.

Each has an id, `<dataset>.structure.<what>`, and appears in the verdict like the contract's own rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.sample_values import MAX_SAMPLES, format_samples
from etl.contract.stage import Stage
from etl.contract.structure_rules import OPERATION_REMEDY, StructureRule
from etl.contract.table_names import LINE, OBJECT
from etl.gate.onepass import object_marks
from etl.gate.onepass.fallback_pass import FallbackPass
from etl.gate.onepass.line_precompute import LinePrecompute
from etl.gate.onepass.observations import ObservedValues
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.results.rule_state import COMPUTED, OBSERVED
from etl.results.structure_rules import structure_result
from etl.sources.casting import OUT_OF_RANGE, cast_to_declared, finite_columns, is_not_finite
from etl.sources.line_faults import ASIDE, LineFaults
from etl.sources.operations import ChangeKind
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, HEADER, PLACE, rows_where

STRANGE = "strange"


def is_data_row() -> Column:
    """Return where a line is no header."""
    return ~F.col(HEADER)


def is_sound_row() -> Column:
    """Return where a line is a row whose columns could be read."""
    return ~F.col(BROKEN) & is_data_row()


def transform_result(dataset: str, samples: Iterable[str] = ()) -> RuleResult:
    """Return the rule that the dataset's transform takes its rows, broken where there are samples of what it failed on.

    The pass that wrote the rows tells that it holds.
    """
    texts = list(samples)
    return replace(
        structure_result(dataset, StructureRule.TRANSFORM, len(texts), format_samples(texts)),
        way=COMPUTED if texts else OBSERVED,
    )


@dataclass(frozen=True)
class LineCounts:
    """How many data rows were read, how many of these warnings on structure set aside, and how many are deletes."""

    rows: int
    aside: int
    deletes: int = 0


class StructureRules:
    """The structure rules of a dataset's rows, seen in the pass that writes, or counted in one over what was read."""

    def __init__(self, contract: Contract, output: Contract) -> None:
        """Find the rules."""
        self.dataset = contract.dataset
        self.masking = contract.masking | output.masking
        self.has_lead = contract.format.is_positional and (contract.dialect.header or contract.dialect.skip_rows > 0)
        self.faults = LineFaults(contract, output)
        self.finite = finite_columns(contract, output)
        self.levels = contract.structure

    @cached_property
    def marks(self) -> dict[str, tuple[str, Column]]:
        """Where a line, as a reader returns it, breaks a rule, and the column to show of it."""
        finite_marks = {f"{StructureRule.FINITE}.{name}": (name, mark) for name, mark in self._finite_marks.items()}
        return {
            **{name: (LINE, is_data_row() & mark) for name, mark in self.faults.lines.items()},
            **{
                rule: (self.faults.shown_column(rule), is_sound_row() & mark)
                for name, mark in self.faults.casts.items()
                for rule in [f"{StructureRule.CAST}.{name}"]
            },
            **{rule: (name, self.is_judged_row & mark) for rule, (name, mark) in finite_marks.items()},
        }

    @cached_property
    def stopping_marks(self) -> dict[str, tuple[str, Column]]:
        """The same of the rules that fail the run, on lines of which others are set aside."""
        marks = {rule: mark for rule, mark in self.marks.items() if self._stops_run(rule)}
        return marks | {rule: (LINE, is_data_row() & mark) for rule, mark in self._stopping_lines.items()}

    @property
    def gate_marks(self) -> dict[str, tuple[str, Column]]:
        """All rules on lines as the gate judges them: where some are set aside, those by what they were set aside for."""
        is_aside = {
            rule: F.coalesce(F.array_contains(ASIDE, self.faults.id_of(rule)), F.lit(False))
            for rule in self.faults.warnings
        }
        return self.stopping_marks | {rule: (self.faults.shown_column(rule), mark) for rule, mark in is_aside.items()}

    @property
    def _stopping_lines(self) -> dict[StructureRule, Column]:
        """Where a line fails the run for what it is; one that is set aside counts as `_broken`, and is no fault."""
        marks = {rule: mark for rule, mark in self.faults.lines.items() if self._stops_run(rule)}
        if self.levels.warnings and StructureRule.ROW in marks:
            marks[StructureRule.ROW] &= F.col(ASIDE).isNull()
        return marks

    def _stops_run(self, rule: str) -> bool:
        return self.levels.severity_of(rule).stops_run

    @property
    def is_judged_row(self) -> Column:
        """Where a line is a row that rules judge: a delete of a load of changes is not."""
        return is_sound_row() if self.faults.is_delete is None else is_sound_row() & ~self.faults.is_delete

    @property
    def _finite_marks(self) -> dict[str, Column]:
        """Where a number is not finite, of columns as they came."""
        return {
            name: is_not_finite(cast_to_declared(name, declared) if name in self.faults.texts else F.col(f"`{name}`"))
            for name, declared in self.finite.items()
        }

    def add_marks(
        self, fallback: FallbackPass, precompute: LinePrecompute, frame: DataFrame, preflights: list[FilePreflight]
    ) -> None:
        """Have the lines looked at for what `results_if_held` needs; `precompute` is what stands beside them."""
        observer = fallback.line_observer
        observer.add_marks(None, {(Stage.STRUCTURE, STRANGE): F.col(OBJECT).isNull()})
        fallback.add_marks(
            is_data_row(), {(Stage.STRUCTURE, rule): mark for rule, mark in self._stopping_lines.items()}
        )
        if self._stops_run(StructureRule.CAST):
            self._add_cast_marks(fallback, precompute)
        not_finite = {name: is_not_finite(precompute.typed_value(name)) for name in self.finite}
        observer.add_marks(
            self.is_judged_row,
            {(Stage.STRUCTURE, StructureRule.FINITE, name): mark for name, mark in not_finite.items()},
        )
        if self.has_lead:
            observer.counts[Stage.STRUCTURE, HEADER] = F.col(HEADER)
        if self.levels.warnings:
            observer.counts[Stage.STRUCTURE, ASIDE] = F.col(ASIDE).isNotNull()
        if self.faults.operations:
            for kind in (ChangeKind.UPDATE, ChangeKind.DELETE):
                observer.counts[Stage.STRUCTURE, kind] = is_sound_row() & self.faults.operations.is_kind(kind)
        if PLACE in frame.columns and len(preflights) <= object_marks.MAX_OBJECTS:
            observer.words |= object_marks.object_words(len(preflights))
        elif PLACE in frame.columns and len(preflights) <= object_marks.MOST_OBJECTS:
            observer.aggregates[Stage.STRUCTURE, PLACE] = object_marks.objects_with_rows(is_data_row())

    def _add_cast_marks(self, fallback: FallbackPass, precompute: LinePrecompute) -> None:
        """Have the lines looked at for texts that are no value of their type."""
        forms, observer = self.faults.forms, fallback.line_observer
        places = ((fallback, self.faults.unformed_in_lines), (observer, self.faults.unformed_in_keys))
        for place, unformed in places:
            place.add_marks(
                is_sound_row(), {(Stage.STRUCTURE, name, forms[name][1]): mark for name, mark in unformed.items()}
            )
        changed_values = self.faults.lost_values({name: precompute.typed_value(name) for name in forms})
        for marks in (changed_values, self.faults.beyond, self.faults.unknown_operation):
            observer.add_marks(is_sound_row(), {(Stage.STRUCTURE, name): mark for name, mark in marks.items()})

    def count_rows(self, observed: ObservedValues) -> int:
        """Return the number of data rows that a tally saw."""
        return observed.rows - (observed.values[Stage.STRUCTURE, HEADER] if self.has_lead else 0)

    def count_aside(self, observed: ObservedValues) -> int:
        """Return the number of data rows that warnings on structure set aside, as a tally saw it."""
        return observed.values[Stage.STRUCTURE, ASIDE] if self.levels.warnings else 0

    def count_changes(self, observed: ObservedValues, kind: ChangeKind) -> int:
        """Return the number of sound rows that are updates, or deletes, as a tally saw it."""
        return observed.values[Stage.STRUCTURE, kind] if self.faults.operations else 0

    def results_if_held(self, observed: ObservedValues, preflights: list[FilePreflight]) -> list[RuleResult] | None:
        """Return the results of the critical rules where each holds; None where one may not: `compute_results` tells which."""
        broken = [
            key
            for key, is_there in observed.marks.items()
            if is_there and isinstance(key, tuple) and key[0] == Stage.STRUCTURE
        ]
        if broken or not self._is_whole(observed, preflights):
            return None
        return [
            replace(structure_result(self.dataset, name, 0), way=OBSERVED)
            for name in (StructureRule.HEADER, StructureRule.ROWS, *self.stopping_marks)
        ]

    def _is_whole(self, observed: ObservedValues, preflights: list[FilePreflight]) -> bool:
        """Say whether each object has its lines before the rows once, and a row."""
        bitmap = observed.values.get((Stage.STRUCTURE, PLACE))
        if bitmap is not None:
            rows = object_marks.read_bitmap(bitmap, len(preflights))
        elif observed.words or not preflights:
            _, rows = object_marks.read_words(observed.words, len(preflights))
        else:
            return False
        lead = sum(len(preflight.lead) for preflight in preflights)  # no object has fewer: the preflight read them
        return all(rows) and (not self.has_lead or observed.values[Stage.STRUCTURE, HEADER] == lead)

    def compute_results(self, frame: DataFrame, preflights: list[FilePreflight]) -> tuple[LineCounts, list[RuleResult]]:
        """Return the number of data rows and each critical rule's result; costs one pass, and one more a broken rule."""
        counts = [F.sum(mark.cast("long")).alias(name) for name, (_, mark) in self.stopping_marks.items()]
        headers = F.sum(F.col(HEADER).cast("long")).alias("headers")
        rows = F.count(F.lit(1)).alias("rows")
        lines_aside = F.count(ASIDE if self.levels.warnings else F.lit(None)).alias("aside")
        deletes = F.count_if(is_sound_row() & self.faults.is_delete) if self.faults.is_delete is not None else F.lit(0)
        aggregates = (rows, headers, lines_aside, deletes.alias("deletes"), *counts)
        counts_by_object = frame.groupBy(OBJECT).agg(*aggregates).collect()
        total = sum(row["rows"] - row["headers"] for row in counts_by_object)
        aside, deletes = (sum(row[name] for row in counts_by_object) for name in ("aside", "deletes"))
        return LineCounts(total, aside, deletes), [
            *self._header_results(counts_by_object, preflights),
            *(self._rule_result(name, counts_by_object, frame) for name in self.stopping_marks),
        ]

    def _header_results(self, counts_by_object: list[Any], preflights: list[FilePreflight]) -> list[RuleResult]:
        """Hold each object's lines against its first look: one header, at least one row."""
        row_by_object = {row[OBJECT]: row for row in counts_by_object}
        if None in row_by_object:
            raise RuntimeError("Spark read a file that was not listed: report this with the keys of the raw objects")
        versions = {preflight.object.key: preflight.object.version for preflight in preflights}
        leads = {preflight.object.key: len(preflight.lead) for preflight in preflights}
        repeated_headers = {
            key: f"{key}: the header stands {row['headers']} times"
            for key, row in row_by_object.items()
            if row["headers"] != leads.get(key, int(self.has_lead))
        }
        empty = {
            preflight.object.key: f"{preflight.object.key}: a header and no rows"
            for preflight in preflights
            if preflight.object.key not in row_by_object
            or row_by_object[preflight.object.key]["rows"] == row_by_object[preflight.object.key]["headers"]
        }
        parts = {preflight.object.key for preflight in preflights if preflight.is_part}
        if parts - empty.keys():  # a copy whose other parts have rows
            empty = {key: text for key, text in empty.items() if key not in parts}
        results: list[RuleResult] = []
        for rule_name, texts in ((StructureRule.HEADER, repeated_headers), (StructureRule.ROWS, empty)):
            places = tuple(Origin(key, versions.get(key, "")) for key in texts)
            results.append(
                replace(
                    structure_result(self.dataset, rule_name, len(texts), format_samples([*texts.values()])),
                    places=places,
                )
            )
        return results

    def _rule_result(self, name: str, counts_by_object: list[Any], frame: DataFrame) -> RuleResult:
        unexpected = sum(row[name] or 0 for row in counts_by_object)
        if not unexpected:
            return structure_result(self.dataset, name, 0)
        column, mark = self.stopping_marks[name]
        values = [row[0] for row in rows_where(frame, mark).select(column).limit(MAX_SAMPLES).collect()]
        column_name = column.removeprefix(OUT_OF_RANGE)
        samples = (
            self.masking.mask_lines(values) if column == LINE else self.masking.mask_samples(values, [column_name])
        )
        result = structure_result(self.dataset, name, unexpected, samples)
        is_operation = column_name in self.faults.unknown_operation
        return replace(result, why=OPERATION_REMEDY) if is_operation else result
