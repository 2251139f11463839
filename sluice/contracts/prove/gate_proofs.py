"""Proofs by files: faults are rows of a raw file, and the whole gate of a run must report them.

Rules on rows share three files: of what the raw rows break, of what sets rows aside, and of what only shows once rows are
published. A rule about a whole day has files of its own. What no file trips is tried once more by a transform that goes
wrong, where the rule is the output's; otherwise it is said to be dead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from etl.contract.manifest_globs import with_manifest
from etl.contract.model import Reference, Rule
from etl.contract.stage import Stage
from etl.contract.structure_rules import StructureRule
from sluice.contracts.prove.candidates import (
    Candidate,
    CandidateSelection,
    candidates_of,
    condition_of,
    distinct_candidates,
)
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.day_proofs import DayProofs, is_row_rule
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.reader_verdicts import RowReader, RowReading
from sluice.contracts.prove.report import Proof
from sluice.contracts.prove.transform_faults import WrongTransforms, broken_rules
from sluice.contracts.prove.valid_day import ValidDay
from sluice.contracts.prove.valid_values import NoValidDay

DEAD = "no file can trip it: {}; give it a meta.counterexample that a file can hold, or drop the rule"
MISCOUNTED = "the gate reports {} of the {} rows that break it"
REFUSED = "; it refuses the file by {}"
EXCLUDED = "every row that its condition is about breaks {}"
UNTRIPPED = "no generated {} file breaks it"
WRONG_MANIFEST = "a manifest that says one row more"
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
                self.proofs_by_rule[rule.rule] = self.days.prove(rule, Stage.INPUT) or self._dead_proof(
                    rule, Stage.INPUT
                )
        rows = [rule for rule in published.rules if rule.rule not in self.proofs_by_rule and is_row_rule(rule)]
        self.proofs_by_rule |= WrongTransforms(self.dataset, self.day, self.lake).prove_rows(rows)
        for rule in published.rules:
            if rule.rule not in self.proofs_by_rule:
                self.proofs_by_rule[rule.rule] = self._published_day_proof(rule) or self._dead_proof(rule, Stage.OUTPUT)
        structure = [*self.dataset.structure_marks()]
        for rule in structure:
            why = DEAD.format(UNTRIPPED.format(input_contract.format))
            self.proofs_by_rule.setdefault(rule, Proof(rule, Stage.STRUCTURE, why=why))
        if with_manifest(input_contract.arrivals):
            yield self._manifest_proof()
        yield from (
            self.proofs_by_rule[rule]
            for rule in [*structure, *(rule.rule for rule in (*input_contract.rules, *published.rules))]
        )

    def _manifest_proof(self) -> Proof:
        """Return the proof that a day is refused whose manifest says something else."""
        rule = StructureRule.MANIFEST.id_of(self.lake.dataset)
        tripped = broken_rules(self.lake.run_with_manifest(self.day.raw, surplus=1))
        why = "" if rule in tripped else UNTRIPPED.format("manifest of a")
        return Proof(rule, Stage.STRUCTURE, WRONG_MANIFEST, tuple(sorted(tripped - {rule})), why)

    @cached_property
    def selection(self) -> CandidateSelection:
        """Every generated row, as the gate reads it."""
        candidates = distinct_candidates(candidates_of(self.dataset, self.day))
        return CandidateSelection.from_dataset(
            self.dataset, candidates, self.reader.read_rows([candidate.row for candidate in candidates])
        )

    @cached_property
    def days(self) -> DayProofs:
        """Proofs of rules that no single row breaks."""
        return DayProofs(self.dataset, self.day, self.lake, self.reader, self._lone_fault)

    def _lone_fault(self, rule: Rule, stage: Stage) -> Candidate | None:
        """Return the row to fill a file with for a rule on rows that holds of a share of them."""
        index = self._best_candidate(rule.rule, lambda reading: stage is Stage.INPUT or reading.row is not None)
        return None if index is None else self.selection.candidates[index]

    def _prove_shared_files(self) -> None:
        """Prove what rows of files break: critical rules and warnings apart, since a run stops at the first."""
        input_contract, published = self.lake.contracts
        rows = [rule for rule in (*input_contract.rules, *published.rules) if is_row_rule(rule)]
        structure = self.dataset.structure_marks().keys()
        structure_warnings = structure & self.dataset.structure_warnings
        warnings = {rule.rule for rule in rows if rule.severity.quarantines_rows} | structure_warnings
        raw = {rule.rule for rule in input_contract.rules if is_row_rule(rule)} | structure
        critical_stages = {rule: Stage.STRUCTURE for rule in structure if rule not in warnings}
        critical_stages |= {rule.rule: Stage.INPUT for rule in input_contract.rules if rule.rule in raw - warnings}
        published_stages = {
            rule.rule: Stage.OUTPUT for rule in published.rules if is_row_rule(rule) and rule.rule not in warnings
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
        if self.lake.contracts[1].loading.replaces_rows:
            yield from (
                {rule: index} for rule, index in faults.items() if self.selection.readings[index].row is not None
            )
            faults = {rule: index for rule, index in faults.items() if self.selection.readings[index].row is None}
        if faults:
            yield faults

    def _build_proof(self, rule: str, stage: Stage, index: int, why: str) -> Proof:
        overlap = tuple(sorted(self.selection.readings[index].all_broken - {rule}))
        return Proof(rule, stage, self.selection.candidates[index].words, overlap, why)

    def _published_day_proof(self, rule: Rule) -> Proof | None:
        if is_row_rule(rule):
            return None
        return self.days.prove(rule, Stage.OUTPUT) or WrongTransforms(self.dataset, self.day, self.lake).prove_day(rule)

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
