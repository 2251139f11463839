"""Faults for the sums that a contract shares with what it is built from: each is off by one in one row."""

from collections.abc import Iterator

from pyspark.sql import functions as F

from etl.contract.model import Reconciliation
from etl.contract.stage import Stage
from etl.sources.reconciliation import reconciliation_results
from sluice.contracts.prove.frames import ContractBench, Row
from sluice.contracts.prove.report import Proof


def prove_each_sum(bench: ContractBench, rows: list[Row]) -> Iterator[Proof]:
    """Prove each sum's rule on a valid day's rows, held against a source that has one row for each of them."""
    for reconciliation in bench.contract.reconciles:
        counted = {name: 1 for name, source_column in reconciliation.sums.items() if source_column == "*"}
        output_rows = [{**row, **counted} for row in rows]
        for name in reconciliation.sums:
            yield _prove_sum(bench, reconciliation, output_rows, name)


def _prove_sum(bench: ContractBench, reconciliation: Reconciliation, rows: list[Row], name: str) -> Proof:
    named = {
        **reconciliation.by,
        **{column: source_column for column, source_column in reconciliation.sums.items() if source_column != "*"},
    }
    source_frame = bench.build_frame(rows).select(
        *(F.col(f"`{column}`").alias(source) for column, source in named.items())
    )
    wrong_value = rows[0][name] - 1  # a number of the column's own kind
    wrong = bench.build_frame([{**rows[0], name: wrong_value}, *rows[1:]])
    rule = f"{bench.contract.dataset}.structure.reconciles.{name}"
    counts = {
        result.rule: result.unexpected
        for result in reconciliation_results(bench.contract, reconciliation, wrong, source_frame)
        if result.broken
    }
    why = "" if counts.get(rule) == 1 else f"the gate reports {counts.get(rule, 0)} of the 1 group that differs"
    fault = f"{name} {wrong_value} instead of {rows[0][name]}"
    return Proof(rule, Stage.STRUCTURE, fault, tuple(sorted(counts.keys() - {rule})), why)
