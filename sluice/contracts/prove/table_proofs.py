"""Proofs for a dataset that is built from tables: its faults are rows of frames, which the gate's judging must report."""

from collections.abc import Iterator

from etl.contract.model import Rule
from etl.contract.stage import Stage
from etl.gate.structure import StructureRules
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.day_faults import candidate_days
from sluice.contracts.prove.frames import ContractBench, Row, add_reader_columns, broken_by_row, judges_rows
from sluice.contracts.prove.report import Proof
from sluice.contracts.prove.row_faults import Candidate, Fault, choose_faults, rule_candidates, structure_candidates
from sluice.contracts.prove.sum_faults import prove_each_sum
from sluice.contracts.prove.valid_day import ValidDay
from sluice.contracts.prove.valid_values import Pools

NO_FAULT = "no generated fault trips it; give it a meta.counterexample, or drop the rule"


def prove_on_frames(dataset: Dataset, day: ValidDay) -> Iterator[Proof]:
    """Prove the rules of a dataset that is built from tables; it has no files that a fault could arrive in."""
    yield from _prove_raw(dataset, day)
    yield from _prove_published(dataset, day)
    yield from prove_each_sum(dataset.output_bench, day.rows)


def _prove_raw(dataset: Dataset, day: ValidDay) -> Iterator[Proof]:
    valid, pools = day.raw[0], day.raw_pools
    structure = dataset.structure_marks()
    candidates = [
        candidate
        for rule, (column, _) in structure.items()
        for candidate in structure_candidates(rule, column, valid, pools)
    ]
    candidates += _row_candidates(dataset.input_bench, valid, pools)
    faults = choose_faults(candidates, dataset.input_marks([candidate.row for candidate in candidates]))
    yield from _prove_structure(dataset, {rule: faults[rule] for rule in structure if rule in faults})
    yield from _prove_stage(dataset.input_bench, faults, day.raw, pools)


def _prove_published(dataset: Dataset, day: ValidDay) -> Iterator[Proof]:
    bench, valid = dataset.output_bench, {name: day.rows[0][name] for name in dataset.output_bench.contract.names}
    candidates = _row_candidates(bench, valid, day.pools)
    frame = bench.build_frame([candidate.row for candidate in candidates])
    faults = choose_faults(candidates, broken_by_row(frame, bench.conditions))
    yield from _prove_stage(bench, faults, day.rows, day.pools)


def _row_candidates(bench: ContractBench, valid: Row, pools: Pools) -> list[Candidate]:
    return [candidate for rule in bench.row_rules for candidate in rule_candidates(rule, valid, pools, bench.contract)]


def _prove_structure(dataset: Dataset, faults: dict[str, Fault]) -> Iterator[Proof]:
    contracts = dataset.input_bench.contract, dataset.output_bench.contract
    frame = add_reader_columns(dataset.input_bench.build_frame([fault.row for fault in faults.values()]), contracts[0])
    _, results = StructureRules(*contracts).compute_results(frame, [])
    counts = {result.rule: result.unexpected for result in results if result.broken}
    for rule in dataset.structure_marks():
        yield _build_proof(rule, Stage.STRUCTURE, faults, counts)


def _prove_stage(bench: ContractBench, faults: dict[str, Fault], rows: list[Row], pools: Pools) -> Iterator[Proof]:
    """Prove a stage's rules: those that each row must keep on one frame of all their faults, the others on days."""
    strict_rules = [rule for rule in bench.row_rules if rule.kwargs.get("mostly", 1) == 1]
    row_faults = {rule.rule: faults[rule.rule] for rule in strict_rules if rule.rule in faults}
    reported = (
        bench.broken_results(bench.build_frame([fault.row for fault in row_faults.values()]), strict_rules)
        if row_faults
        else {}
    )
    counts = {rule: result.unexpected for rule, result in reported.items()}
    for rule in bench.contract.rules:
        if rule in strict_rules:
            yield _build_proof(rule.rule, bench.contract.stage, row_faults, counts)
        else:
            yield _prove_by_days(rule, bench, rows, pools)


def _build_proof(rule: str, stage: Stage, faults: dict[str, Fault], counts: dict[str, int]) -> Proof:
    """Hold what the gate counted on the frame of all faults against the rows that break the rule."""
    fault = faults.get(rule)
    if fault is None:
        return Proof(rule, stage, why=NO_FAULT)
    overlap = tuple(sorted(fault.broken - {rule}))
    expected = sum(rule in other_fault.broken for other_fault in faults.values())
    counted = counts.get(rule, 0)
    why = "" if counted == expected else f"the gate reports {counted} of the {expected} rows that break it"
    return Proof(rule, stage, fault.words, overlap, why)


def _prove_by_days(rule: Rule, bench: ContractBench, rows: list[Row], pools: Pools) -> Proof:
    for day in candidate_days(rule, bench, rows, pools):
        frame = bench.build_frame(day.rows)
        if rule.rule in bench.broken_results(frame, [rule]):
            other_rules = [
                other_rule for other_rule in bench.contract.rules if not judges_rows(other_rule) and other_rule != rule
            ]
            overlap = tuple(sorted(bench.broken_results(frame, other_rules)))
            return Proof(rule.rule, bench.contract.stage, day.words, overlap)
    return Proof(rule.rule, bench.contract.stage, why=NO_FAULT)
