"""Faults of a transform: what an output's rule guards against where the input lets no such file in.

The day is a valid one; the transform makes something wrong of some of its rows.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract, Rule
from etl.contract.stage import Stage
from etl.results.verdict import Verdict
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.day_faults import candidate_days, whole_days
from sluice.contracts.prove.frames import Row, broken_by_row, json_text, judges_rows
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.nested_values import as_plain_data, is_nested
from sluice.contracts.prove.report import Proof
from sluice.contracts.prove.row_faults import Candidate, Fault, rule_candidates
from sluice.contracts.prove.valid_day import ValidDay

GUARDS = "what arrives cannot break it: it guards the transform"
BEHIND = "what arrives cannot break it, and what a transform makes wrong is refused before it by {}"
MOST_VALUES = 60  # of a rule, tried in each row of the day
MOST_DAYS = 6  # of a rule about the whole day, each a run

Faults = dict[int, Fault]
"""Wrong published rows by the place of the row of the day that they are made of."""
Altered = dict[int, Row]


@dataclass(frozen=True)
class WrongTransforms:
    """Runs of a valid day whose transform goes wrong."""

    dataset: Dataset
    day: ValidDay
    lake: Lake

    @property
    def contract(self) -> Contract:
        """The output's contract, without helper columns."""
        return self.lake.contracts[1]

    def prove_rows(self, rules: Sequence[Rule]) -> dict[str, Proof]:
        """Return proofs by id of the rules on rows that a wrong transform trips; a run shows as many as the day has rows."""
        waiting = self._row_faults(rules)
        proofs: dict[str, Proof] = {}
        while waiting:
            batch = _next_batch(waiting)
            verdict = self._run_altered({index: fault.row for index, fault in batch.values()})
            for rule, (_, fault) in batch.items():
                if proof := _build_proof(rule, fault.words, fault.broken, verdict):
                    proofs[rule] = proof
                elif len(batch) > 1:  # another fault of the run may have been refused first
                    proofs |= self._prove_alone(rule, *batch[rule])
                del waiting[rule]
        return proofs

    def prove_day(self, rule: Rule) -> Proof | None:
        """Return the proof of a rule that no single row breaks; None where no wrong transform trips it."""
        rows, bench = self.day.rows, self.dataset.output_bench
        days = (
            whole_days(rule, bench.contract, rows, self.day.pools)
            if judges_rows(rule)
            else (day for day in candidate_days(rule, bench, rows, self.day.pools) if len(day.rows) == len(rows))
        )
        tries = 0
        for day in days:
            if tries == MOST_DAYS:
                break
            if rule.rule in bench.broken_results(bench.build_frame(day.rows), [rule]):
                tries += 1
                if proof := _build_proof(rule.rule, day.words, (), self._run_altered(dict(enumerate(day.rows)))):
                    return proof
        return None

    def _row_faults(self, rules: Sequence[Rule]) -> dict[str, Faults]:
        """Return for each rule that a wrong row breaks, by the place of the row, that which breaks the fewest others."""
        bench, rows = self.dataset.output_bench, self.day.rows
        candidates = [
            (rule, index, candidate)
            for rule in rules
            for index in range(len(rows))
            for candidate in self._row_candidates(rule, rows[index])
        ]
        broken = (
            broken_by_row(bench.build_frame([candidate.row for _, _, candidate in candidates]), bench.conditions)
            if candidates
            else {}
        )
        best: dict[str, Faults] = {}
        for position, (rule, index, candidate) in enumerate(candidates):
            fault = Fault(rule.rule, candidate.row, candidate.words, broken[position])
            faults = best.setdefault(rule.rule, {})
            if rule.rule in fault.broken and (index not in faults or len(fault.broken) < len(faults[index].broken)):
                faults[index] = fault
        return {rule: faults for rule, faults in best.items() if faults}

    def _row_candidates(self, rule: Rule, row: Row) -> list[Candidate]:
        pools = {name: self.day.pools[name][-MOST_VALUES:] for name in rule.roots if name in self.day.pools}
        return rule_candidates(rule, row, pools, self.contract) if len(pools) == len(rule.roots) else []

    def _prove_alone(self, rule: str, index: int, fault: Fault) -> dict[str, Proof]:
        verdict = self._run_altered({index: fault.row})
        if proof := _build_proof(rule, fault.words, fault.broken, verdict):
            return {rule: proof}
        before = sorted(broken_rules(verdict) - {rule})
        return (
            {rule: Proof(rule, self.contract.stage, fault.words, no_file=BEHIND.format(", ".join(before)))}
            if before
            else {}
        )

    def _run_altered(self, altered: Altered) -> Verdict:
        return self.lake.run_files(
            self.day.raw, transform=lambda rows: self._alter_rows(self.lake.transform(rows), altered)
        )

    def _alter_rows(self, transformed: DataFrame, altered: Altered) -> DataFrame:
        """Return what a transform made, with these rows altered; a row is known by its key as it should be."""
        names = self.contract.key or tuple(self.contract.names)
        types = {column.name: column.type for column in self.contract.columns}

        def typed_literal(name: str, value: Any) -> Any:
            if is_nested(value):
                text = json.dumps(as_plain_data(value, types[name]), default=json_text)
                return F.from_json(F.lit(text), str(types[name]))
            literal = value if value is None or isinstance(value, bytes | bytearray) else str(value)
            return F.lit(literal).cast(types[name])

        columns = {name: F.col(f"`{name}`") for name in transformed.columns}
        for index, row in altered.items():
            valid = self.day.rows[index]
            is_row = F.lit(True)
            for name in names:
                is_row &= F.col(f"`{name}`").eqNullSafe(typed_literal(name, valid[name]))
            for name in types:
                if row[name] != valid[name]:
                    columns[name] = F.when(is_row, typed_literal(name, row[name])).otherwise(columns[name])
        return transformed.select(*(column.alias(name) for name, column in columns.items()))


def broken_rules(verdict: Verdict) -> set[str]:
    """Return the ids of the rules that a run reported."""
    return {rule.rule for rule in verdict.rules if rule.broken}


def _build_proof(rule: str, words: str, overlap: Collection[str], verdict: Verdict) -> Proof | None:
    """Return the proof of a rule that a run reported, with the others that the same fault breaks."""
    if rule not in broken_rules(verdict):
        return None
    return Proof(
        rule, Stage.OUTPUT, f"a transform that makes {words}", tuple(sorted({*overlap} - {rule})), no_file=GUARDS
    )


def _next_batch(waiting: Mapping[str, Faults]) -> dict[str, tuple[int, Fault]]:
    """Return faults in different rows, one for each of as many rules as that gives."""
    batch: dict[str, tuple[int, Fault]] = {}
    taken: set[int] = set()
    for rule, faults in waiting.items():
        if free := [index for index in faults if index not in taken]:
            batch[rule] = free[0], faults[free[0]]
            taken.add(free[0])
    return batch
