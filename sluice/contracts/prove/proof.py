"""`prove`: every rule of a dataset is shown to bite, each by a fault that the gate must report by the rule's id."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from etl.contract.loads import Load, LoadKind
from etl.contract.model import Contract
from etl.contract.run_parameters import rule_parameters
from etl.contract.stage import Stage
from etl.datasets import transform_of
from sluice.contracts.history.bound_uses import bound_uses, without_history_rules
from sluice.contracts.prove.copy_proofs import prove_gone
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import ContractBench
from sluice.contracts.prove.gate_proofs import prove_by_files
from sluice.contracts.prove.history_judges import frame_judge, lake_judge
from sluice.contracts.prove.history_plan import HistoryPlan, StagedUse
from sluice.contracts.prove.history_proofs import HistoryProver
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.report import ProofReport
from sluice.contracts.prove.table_proofs import prove_on_frames
from sluice.contracts.prove.valid_day import find_valid_day
from sluice.contracts.prove.valid_values import NoValidDay


def bench_dataset(
    spark: SparkSession, contracts: tuple[Contract, Contract], run_date: date, started: datetime
) -> Dataset:
    """Return both contracts with the transform between them; every reference of a row is known."""
    input_contract, published = contracts
    parameters = rule_parameters(run_date, started)
    # On the valid day every reference is known; an unknown one is a fault put in.
    extended = replace(published, columns=(*published.columns, *published.helper_columns))
    reference_columns = {reference.name: F.col(reference.column) for reference in published.references}
    transform = transform_of(published.transform_module)
    benches = ContractBench(spark, input_contract, parameters), ContractBench(spark, extended, parameters)
    return Dataset(
        *benches, lambda rows: transform(rows).withColumns(reference_columns) if reference_columns else transform(rows)
    )


def _as_appended(published: Contract) -> Contract:
    """Return the contract of a snapshot, or of changes, as of a dataset whose days are appended: a first copy, whose rows are
    all there from then on, is judged and published so.
    """
    meta = {**published.suite["meta"], "load": LoadKind.APPEND.value}
    return replace(published, load=Load(kind=LoadKind.APPEND), suite={**published.suite, "meta": meta})


def prove_rules(spark: SparkSession, input_contract: Contract, published: Contract, run_date: date) -> ProofReport:
    """Show of both contracts of a dataset that each rule reports a fault, and none a valid day.

    Faults arrive in a file of the declared format, and go through the whole gate of a run: in the lake that the session's
    catalog is in. A dataset that is built from tables has no files, and its rules are shown to bite on frames. Rules with
    bounds from earlier runs are proven apart: without results they are not evaluated.
    """
    start, started = time.monotonic(), datetime.now(UTC)
    snapshot = published if published.loading.kind is LoadKind.SNAPSHOT else None
    has_changes = published.loading.kind is LoadKind.CHANGES
    published = _as_appended(published) if snapshot or has_changes else published
    contracts = without_history_rules(input_contract), without_history_rules(published)
    dataset = bench_dataset(spark, contracts, run_date, started)
    uses = [StagedUse(Stage(part.stage), use) for part in (input_contract, published) for use in bound_uses(part)]
    plan = HistoryPlan(input_contract.dataset, run_date, uses)
    try:
        day = find_valid_day(dataset)
        rows = {Stage.INPUT: day.raw, Stage.OUTPUT: day.rows}
        if input_contract.sources:
            judge = frame_judge(dataset, (input_contract, published), run_date)
            proofs = [*prove_on_frames(dataset, day), *HistoryProver(plan, rows, judge).prove_rules()]
        else:
            transform = transform_of(published.transform_module)
            lake = Lake.create_lake(spark, contracts, transform, run_date, started)
            proofs = [
                *prove_by_files(dataset, day, lake),
                *(prove_gone(without_history_rules(snapshot), day, lake) if snapshot else ()),
                *HistoryProver(plan, rows, lake_judge(lake)).prove_rules(),
            ]
    except NoValidDay as error:
        return ProofReport(input_contract.dataset, [], time.monotonic() - start, str(error))
    return ProofReport(input_contract.dataset, proofs, time.monotonic() - start)
