"""Proofs by files: faults are rows of a raw file, and the whole gate of a run must report them.

Rules on rows share three files: of what the raw rows break, of what sets rows aside, and of what only shows once rows are
published. A rule about a whole day has files of its own. What no file trips is tried once more by a transform that goes
wrong, where the rule is the output's; otherwise it is said to be dead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from etl.contract.model import Reference, Rule
from etl.contract.stage import Stage
from etl.contract.vocabulary import ROW_COUNT_TYPES, UNIQUE_TYPES
from sluice.contracts.prove.candidates import CandidateSelection, candidates_of, condition_of, distinct_candidates
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.day_faults import CandidateDay, candidate_days, column_days
from sluice.contracts.prove.frames import Row, judges_rows
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.raw_files import is_writable
from sluice.contracts.prove.reader_verdicts import RowReader, RowReading, is_partly
from sluice.contracts.prove.report import Proof
from sluice.contracts.prove.transform_faults import WrongTransforms, broken_rules
from sluice.contracts.prove.valid_day import ValidDay
from sluice.contracts.prove.valid_values import NoValidDay
from sluice.contracts.prove.values import mentions_column

DEAD = "no file can trip it: {}; give it a meta.counterexample that a file can hold, or drop the rule"
MISCOUNTED = "the gate reports {} of the {} rows that break it"
REFUSED = "; it refuses the file by {}"
EXCLUDED = "every row that its condition is about breaks {}"
UNTRIPPED = "no generated {} file breaks it"
EMPTY = "a file without rows is refused before it, by {}"
MOST_FILES = 6  # runs for a rule about the whole day


def prove_by_files(dataset: Dataset, day: ValidDay, lake: Lake) -> Iterator[Proof]:
    """Prove the rules of a dataset that arrives as files.

    Raises:
        NoValidDay: the gate refuses the day that keeps both contracts on frames.
    """
    keys = reference_keys(day, lake)
    lake.publish_references(keys)
    verdict = lake.run_files(day.raw)
    if verdict.state.is_failure or broken_rules(verdict):
        raise NoValidDay(
            f"the gate refuses a file that keeps both contracts: {verdict.message or sorted(broken_rules(verdict))}"
        )
    yield from _GateProver(dataset, day, lake, RowReader(lake, dataset.input_bench.parameters, keys)).proofs()


def reference_keys(day: ValidDay, lake: Lake) -> dict[Reference, list[Any]]:
    """Return the keys that the rows of a day point to, for each reference."""
    return {
        reference: sorted({row[reference.column] for row in day.rows}) for reference in lake.contracts[1].references
    }


@dataclass
class _GateProver:
    """A dataset's rules, its valid day, and the lake whose gate judges what is made of it."""

    dataset: Dataset
    day: ValidDay
    lake: Lake
    reader: RowReader
    proofs_by_rule: dict[str, Proof] = field(default_factory=dict)

    def proofs(self) -> Iterator[Proof]:
        """Yield a proof of each rule, structure first, in the suites' order."""
        self._prove_shared_files()
        input_contract, published = self.lake.contracts
        for rule in input_contract.rules:
            if rule.rule not in self.proofs_by_rule:
                self.proofs_by_rule[rule.rule] = self._day_proof(rule, Stage.INPUT) or self._dead_proof(
                    rule, Stage.INPUT
                )
        rows = [rule for rule in published.rules if rule.rule not in self.proofs_by_rule and self._is_row_rule(rule)]
        self.proofs_by_rule |= WrongTransforms(self.dataset, self.day, self.lake).prove_rows(rows)
        for rule in published.rules:
            if rule.rule not in self.proofs_by_rule:
                self.proofs_by_rule[rule.rule] = self._published_day_proof(rule) or self._dead_proof(rule, Stage.OUTPUT)
        structure = [*self.dataset.structure_marks()]
        for rule in structure:
            why = DEAD.format(UNTRIPPED.format(input_contract.format))
            self.proofs_by_rule.setdefault(rule, Proof(rule, Stage.STRUCTURE, why=why))
        yield from (
            self.proofs_by_rule[rule]
            for rule in [*structure, *(rule.rule for rule in (*input_contract.rules, *published.rules))]
        )

    @cached_property
    def selection(self) -> CandidateSelection:
        """Every generated row, as the gate reads it."""
        candidates = distinct_candidates(candidates_of(self.dataset, self.day))
        return CandidateSelection.from_dataset(
            self.dataset, candidates, self.reader.read_rows([candidate.row for candidate in candidates])
        )

    def _is_row_rule(self, rule: Rule) -> bool:
        return judges_rows(rule) and not is_partly(rule)

    def _prove_shared_files(self) -> None:
        """Prove what rows of files break: critical rules and warnings apart, since a run stops at the first."""
        input_contract, published = self.lake.contracts
        rows = [rule for rule in (*input_contract.rules, *published.rules) if self._is_row_rule(rule)]
        structure = self.dataset.structure_marks().keys()
        structure_warnings = structure & self.dataset.structure_warnings
        warnings = {rule.rule for rule in rows if rule.severity.quarantines_rows} | structure_warnings
        raw = {rule.rule for rule in input_contract.rules if self._is_row_rule(rule)} | structure
        critical_stages = {rule: Stage.STRUCTURE for rule in structure if rule not in warnings}
        critical_stages |= {rule.rule: Stage.INPUT for rule in input_contract.rules if rule.rule in raw - warnings}
        published_stages = {
            rule.rule: Stage.OUTPUT for rule in published.rules if self._is_row_rule(rule) and rule.rule not in warnings
        }
        warning_stages = {rule: Stage.INPUT if rule in raw else Stage.OUTPUT for rule in warnings}
        warning_stages |= dict.fromkeys(structure_warnings, Stage.STRUCTURE)
        self._prove_by_file(critical_stages, lambda _: True)
        self._prove_by_file(
            warning_stages,
            lambda reading: not reading.all_broken - warnings or (reading.row is not None and not reading.raw_broken),
        )
        self._prove_by_file(
            published_stages, lambda reading: reading.row is not None and not reading.all_broken & warnings
        )

    def _prove_by_file(self, stages: dict[str, Stage], allowed: Callable[[RowReading], bool]) -> None:
        """Prove rules by one file of a fault of each; by more where rows of one key would replace one another."""
        faults = {rule: index for rule in stages if (index := self._best_candidate(rule, allowed)) is not None}
        for share in self._fault_shares(faults):
            verdict = self.lake.run_files([self.selection.candidates[index].row for index in share.values()])
            counts = {rule.rule: rule.unexpected for rule in verdict.rules if rule.rule in broken_rules(verdict)}
            before = "" if counts.keys() & share.keys() else ", ".join(sorted(counts))
            for rule, index in share.items():
                expected = sum(
                    rule in self.selection.readings[other_index].all_broken for other_index in share.values()
                )
                why = "" if counts.get(rule, 0) == expected else MISCOUNTED.format(counts.get(rule, 0), expected)
                why += REFUSED.format(before) if why and before else ""
                self.proofs_by_rule[rule] = self._build_proof(rule, stages[rule], index, why)

    def _best_candidate(self, rule: str, allowed: Callable[[RowReading], bool]) -> int | None:
        return self.selection.best_candidate(rule, allowed, self._condition_columns(rule))

    def _condition_columns(self, rule: str) -> frozenset[str]:
        rules = {entry.rule: entry for entry in self.dataset.rules}
        return (
            condition_of(rules[rule], self.day.pools.keys() | self.day.raw_pools.keys())
            if rule in rules
            else frozenset()
        )

    def _fault_shares(self, faults: dict[str, int]) -> Iterator[dict[str, int]]:
        if self.lake.contracts[1].on_conflict.replaces_rows:
            yield from (
                {rule: index} for rule, index in faults.items() if self.selection.readings[index].row is not None
            )
            faults = {rule: index for rule, index in faults.items() if self.selection.readings[index].row is None}
        if faults:
            yield faults

    def _build_proof(self, rule: str, stage: Stage, index: int, why: str) -> Proof:
        overlap = tuple(sorted(self.selection.readings[index].all_broken - {rule}))
        return Proof(rule, stage, self.selection.candidates[index].words, overlap, why)

    def _day_proof(self, rule: Rule, stage: Stage) -> Proof | None:
        """Return the proof of a rule that no single row breaks, by files of its own; None where none trips it."""
        if self._is_row_rule(rule):
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
            index = self._best_candidate(rule.rule, lambda reading: stage is Stage.INPUT or reading.row is not None)
            if index is not None:
                yield (
                    f"only rows with {self.selection.candidates[index].words}",
                    [[self.selection.candidates[index].row]],
                )
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

    def _published_day_proof(self, rule: Rule) -> Proof | None:
        if self._is_row_rule(rule):
            return None
        return self._day_proof(rule, Stage.OUTPUT) or WrongTransforms(self.dataset, self.day, self.lake).prove_day(rule)

    def _dead_proof(self, rule: Rule, stage: Stage) -> Proof:
        condition = self._condition_columns(rule.rule)
        excluding = [
            self.selection.excluded_by(index, rule.rule, condition)
            for index in self.selection.breaking_candidates(rule.rule)
        ]
        if excluding and all(excluding):
            why = EXCLUDED.format(", ".join(sorted(set[str]().union(*excluding))))
        else:
            why = UNTRIPPED.format(self.lake.contracts[0].format)
        return Proof(rule.rule, stage, why=DEAD.format(why))
