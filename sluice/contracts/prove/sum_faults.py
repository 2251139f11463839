"""Faults for the sums that a contract shares with what it is built from: each is off by one in one row."""

from collections.abc import Iterator

from pyspark.sql import functions as F

from etl.contract.model import Reconciliation
from etl.sources.reconciliation import results
from sluice.contracts.prove.frames import Bench, Row
from sluice.contracts.prove.report import Proof


def of_sums(bench: Bench, rows: list[Row]) -> Iterator[Proof]:
    """Prove each sum's rule on a valid day's rows, held against a source that has one row for each of them."""
    for one in bench.contract.reconciles:
        counted = {name: 1 for name, theirs in one.sums.items() if theirs == "*"}
        own = [{**row, **counted} for row in rows]
        for name in one.sums:
            yield _proof(bench, one, own, name)


def _proof(bench: Bench, one: Reconciliation, rows: list[Row], name: str) -> Proof:
    named = {**one.by, **{own: theirs for own, theirs in one.sums.items() if theirs != "*"}}
    theirs = bench.frame(rows).select(*(F.col(f"`{own}`").alias(source) for own, source in named.items()))
    less = rows[0][name] - 1  # a number of the column's own kind
    wrong = bench.frame([{**rows[0], name: less}, *rows[1:]])
    rule = f"{bench.contract.dataset}.structure.reconciles.{name}"
    counts = {each.rule: each.unexpected for each in results(bench.contract, one, wrong, theirs) if each.broken}
    why = "" if counts.get(rule) == 1 else f"the gate reports {counts.get(rule, 0)} of the 1 group that differs"
    fault = f"{name} {less} instead of {rows[0][name]}"
    return Proof(rule, "structure", fault, tuple(sorted(counts.keys() - {rule})), why)
