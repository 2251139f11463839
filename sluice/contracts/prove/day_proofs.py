"""Proofs of rules that no single row breaks: files of a whole day, of which the gate must report the rule."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from etl.contract.model import Rule
from etl.contract.stage import Stage
from etl.contract.vocabulary import ROW_COUNT_TYPES, UNIQUE_TYPES
from sluice.contracts.prove.candidates import Candidate
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.day_faults import CandidateDay, candidate_days, column_days
from sluice.contracts.prove.frames import Row, judges_rows
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.raw_files import is_writable
from sluice.contracts.prove.reader_verdicts import RowReader, is_partly
from sluice.contracts.prove.report import Proof
from sluice.contracts.prove.transform_faults import broken_rules
from sluice.contracts.prove.valid_day import ValidDay
from sluice.contracts.prove.values import mentions_column

EMPTY = "a file without rows is refused before it, by {}"
MOST_FILES = 6  # runs for a rule about the whole day


def is_row_rule(rule: Rule) -> bool:
    """Say whether one row can break a rule."""
    return judges_rows(rule) and not is_partly(rule)


@dataclass(frozen=True)
class DayProofs:
    """Proofs by days.

    Attributes:
        dataset, day: whose rules, and a day that keeps them.
        lake: whose gate judges files.
        reader: how the gate reads rows.
        lone_fault: returns the row to fill a file with for a rule that holds of a share of the rows.
    """

    dataset: Dataset
    day: ValidDay
    lake: Lake
    reader: RowReader
    lone_fault: Callable[[Rule, Stage], Candidate | None]

    def prove(self, rule: Rule, stage: Stage) -> Proof | None:
        """Return the proof of a rule that no single row breaks, by files of its own; None where none trips it."""
        if is_row_rule(rule):
            return None
        for words, files in islice(self._day_files(rule, stage), MOST_FILES):
            tripped = broken_rules(self.lake.run_files(*files))
            if rule.rule in tripped:
                return Proof(rule.rule, stage, words, tuple(sorted(tripped - {rule.rule})))
            if rule.type in ROW_COUNT_TYPES and not files[0] and tripped:
                before = ", ".join(sorted(tripped))
                shadowed = Proof(rule.rule, stage, words, tuple(sorted(tripped)), no_file=EMPTY.format(before))
                return self._row_count_proof(rule, stage) or shadowed
        return None

    def _row_count_proof(self, rule: Rule, stage: Stage) -> Proof | None:
        """Return the proof of a rule on the number of rows by too many of them, where it has a bound on these."""
        for words, files in self._day_files(rule, stage):
            if files[0] and rule.rule in (tripped := broken_rules(self.lake.run_files(*files))):
                return Proof(rule.rule, stage, words, tuple(sorted(tripped - {rule.rule})))
        return None

    def _day_files(self, rule: Rule, stage: Stage) -> Iterator[tuple[str, list[list[Row]]]]:
        """Yield files that may break a rule about the whole, in words and as rows."""
        bench = self.dataset.input_bench if stage is Stage.INPUT else self.dataset.output_bench
        if judges_rows(rule):
            if candidate := self.lone_fault(rule, stage):
                yield f"only rows with {candidate.words}", [[candidate.row]]
            return
        raw, pools = self.day.raw, self.day.raw_pools
        days = (
            [*candidate_days(rule, bench, raw, pools)]
            if self._reads_raw_columns(rule)
            else [*self._raw_column_days(rule)]
        )
        days = [
            CandidateDay(day.words, [row for row in day.rows if is_writable(row, self.lake.contracts[0])])
            for day in days
        ]
        if rule.type in UNIQUE_TYPES or rule.type in ROW_COUNT_TYPES:
            yield from ((day.words, [day.rows]) for day in days)
            yield from (
                (f"{day.words}, in a later file", [raw, day.rows[len(raw) :]])
                for day in days
                if rule.type in UNIQUE_TYPES
            )
            return
        for day in days:
            rows = (
                day.rows
                if stage is Stage.INPUT
                else [reading.row for reading in self.reader.read_rows(day.rows) if reading.row]
            )
            if rows and rule.rule in bench.broken_results(bench.build_frame(rows), [rule]):
                yield day.words, [day.rows]

    def _reads_raw_columns(self, rule: Rule) -> bool:
        return {*rule.roots} <= self.day.raw_pools.keys() and not rule.counterexample

    def _raw_column_days(self, rule: Rule) -> Iterator[CandidateDay]:
        """Yield days that differ in one raw column, for a rule that is about what the transform makes of them."""
        named = [name for name in self.day.raw_pools if name in rule.roots or mentions_column(rule, name)]
        for name in named or self.day.raw_pools:
            yield from column_days(name, self.day.raw, self.day.raw_pools)
