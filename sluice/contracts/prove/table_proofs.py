"""Proofs for a dataset that is built from tables: its faults are rows of frames, which the gate's judging must report."""

from collections.abc import Iterator

from etl.contract.model import Rule
from etl.gate.structure import Structure
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.day_faults import of_rule_of_days
from sluice.contracts.prove.frames import Bench, Row, as_read, judges_rows, marked
from sluice.contracts.prove.report import Proof
from sluice.contracts.prove.row_faults import Candidate, Fault, chosen, of_column, of_rule
from sluice.contracts.prove.sum_faults import of_sums
from sluice.contracts.prove.valid_day import ValidDay
from sluice.contracts.prove.valid_values import Pools

NO_FAULT = "no generated fault trips it; give it a meta.counterexample, or drop the rule"


def of_tables(dataset: Dataset, day: ValidDay) -> Iterator[Proof]:
    """Prove the rules of a dataset that is built from tables; it has no files that a fault could arrive in."""
    yield from _of_raw(dataset, day)
    yield from _of_published(dataset, day)
    yield from of_sums(dataset.published, day.rows)


def _of_raw(dataset: Dataset, day: ValidDay) -> Iterator[Proof]:
    valid, pools = day.raw[0], day.raw_pools
    structure = dataset.structure()
    candidates = [
        candidate for rule, (column, _) in structure.items() for candidate in of_column(rule, column, valid, pools)
    ]
    candidates += _candidates(dataset.given, valid, pools)
    faults = chosen(candidates, dataset.input_marks([candidate.row for candidate in candidates]))
    yield from _of_structure(dataset, {rule: faults[rule] for rule in structure if rule in faults})
    yield from _of_stage(dataset.given, faults, day.raw, pools)


def _of_published(dataset: Dataset, day: ValidDay) -> Iterator[Proof]:
    bench, valid = dataset.published, {name: day.rows[0][name] for name in dataset.published.contract.names}
    candidates = _candidates(bench, valid, day.pools)
    frame = bench.frame([candidate.row for candidate in candidates])
    faults = chosen(candidates, marked(frame, bench.conditions))
    yield from _of_stage(bench, faults, day.rows, day.pools)


def _candidates(bench: Bench, valid: Row, pools: Pools) -> list[Candidate]:
    return [candidate for rule in bench.row_rules for candidate in of_rule(rule, valid, pools, bench.contract)]


def _of_structure(dataset: Dataset, faults: dict[str, Fault]) -> Iterator[Proof]:
    contracts = dataset.given.contract, dataset.published.contract
    frame = as_read(dataset.given.frame([fault.row for fault in faults.values()]), contracts[0])
    _, results = Structure(*contracts).check(frame, [])
    counts = {result.rule: result.unexpected for result in results if result.broken}
    for rule in dataset.structure():
        yield _proof(rule, "structure", faults, counts)


def _of_stage(bench: Bench, faults: dict[str, Fault], rows: list[Row], pools: Pools) -> Iterator[Proof]:
    """Prove a stage's rules: those that each row must keep on one frame of all their faults, the others on days."""
    each = [rule for rule in bench.row_rules if rule.kwargs.get("mostly", 1) == 1]
    row_faults = {rule.rule: faults[rule.rule] for rule in each if rule.rule in faults}
    reported = bench.reported(bench.frame([fault.row for fault in row_faults.values()]), each) if row_faults else {}
    counts = {rule: result.unexpected for rule, result in reported.items()}
    for rule in bench.contract.rules:
        if rule in each:
            yield _proof(rule.rule, bench.contract.stage, row_faults, counts)
        else:
            yield _of_days(rule, bench, rows, pools)


def _proof(rule: str, stage: str, faults: dict[str, Fault], counts: dict[str, int]) -> Proof:
    """Hold what the gate counted on the frame of all faults against the rows that break the rule."""
    fault = faults.get(rule)
    if fault is None:
        return Proof(rule, stage, why=NO_FAULT)
    overlap = tuple(sorted(fault.broken - {rule}))
    expected = sum(rule in other.broken for other in faults.values())
    counted = counts.get(rule, 0)
    why = "" if counted == expected else f"the gate reports {counted} of the {expected} rows that break it"
    return Proof(rule, stage, fault.words, overlap, why)


def _of_days(rule: Rule, bench: Bench, rows: list[Row], pools: Pools) -> Proof:
    for day in of_rule_of_days(rule, bench, rows, pools):
        frame = bench.frame(day.rows)
        if rule.rule in bench.reported(frame, [rule]):
            others = [other for other in bench.contract.rules if not judges_rows(other) and other != rule]
            overlap = tuple(sorted(bench.reported(frame, others)))
            return Proof(rule.rule, bench.contract.stage, day.words, overlap)
    return Proof(rule.rule, bench.contract.stage, why=NO_FAULT)
