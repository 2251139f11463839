"""Whether what was built adds up to what it was built from: sums by common columns, to the last digit.

A contract's `meta.reconciles` gives each of its sums a rule, `<dataset>.structure.reconciles.<column>`, that appears in the
verdict like the contract's own. It is computed apart from what built the rows: straight from the source's own table.
"""

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from etl.contract.model import Contract, Reconciliation
from etl.contract.sample_values import SAMPLES, shown
from etl.results.verdict import RuleResult, RuleState

THEIRS = "_theirs_{}"
WHY = "A sum that is not its source's has lost or doubled rows; mend what builds it."


def results(contract: Contract, one: Reconciliation, own: DataFrame, theirs: DataFrame) -> list[RuleResult]:
    """Return the rule of each sum, broken by the groups that differ or that one side lacks.

    Args:
        contract: the output whose rules these are; says what is masked.
        one: what is summed, by what.
        own: what was built, with the contract's columns.
        theirs: rows of the source that it was built from.
    """
    both = _together(one, own, theirs)
    differ = {name: ~F.col(f"`{name}`").eqNullSafe(F.col(THEIRS.format(name))) for name in one.sums}
    counts = both.agg(*(F.count_if(mark).alias(name) for name, mark in differ.items())).collect()[0]
    samples = _samples(contract, one, both.where(reduce(or_, differ.values()))) if any(counts) else {}
    return [
        RuleResult(
            f"{contract.dataset}.structure.reconciles.{name}",
            "structure",
            "critical",
            RuleState.judged(not counts[name]),
            unexpected=counts[name],
            samples=samples.get(name, ()) if counts[name] else (),
            why=WHY,
        )
        for name in one.sums
    ]


def _together(one: Reconciliation, own: DataFrame, theirs: DataFrame) -> DataFrame:
    """Return the groups of either side with both sums, null where a side lacks the group."""
    built = own.groupBy(*(f"`{name}`" for name in one.by)).agg(*(F.sum(f"`{name}`").alias(name) for name in one.sums))
    groups = (F.col(f"`{source}`").alias(name) for name, source in one.by.items())
    sums = (_sum(source).alias(THEIRS.format(name)) for name, source in one.sums.items())
    return built.join(theirs.groupBy(*groups).agg(*sums), list(one.by), "full")


def _sum(source: str) -> Column:
    return F.count(F.lit(1)) if source == "*" else F.sum(f"`{source}`")


def _samples(contract: Contract, one: Reconciliation, differing: DataFrame) -> dict[str, tuple[str | None, ...]]:
    found = differing.limit(SAMPLES).collect()
    by = [*one.by]

    def sample(row: Row, name: str) -> str:
        own, theirs = (contract.masking.key([row[column]], [name]) for column in (name, THEIRS.format(name)))
        return f"{contract.masking.key([row[column] for column in by], by)}: {own}, and {theirs} in {one.dataset}"

    return {name: shown([sample(row, name) for row in found]) for name in one.sums}
