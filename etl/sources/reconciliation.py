"""Whether what was built adds up to what it was built from: sums by common columns, to the last digit.

A contract's `meta.reconciles` gives each of its sums a rule, `<dataset>.structure.reconciles.<column>`, that appears in the
verdict like the contract's own. It is computed apart from what built the rows: straight from the source's own table.
"""

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from etl.contract.model import Contract, Reconciliation
from etl.contract.sample_values import MAX_SAMPLES, format_samples
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState

SOURCE_SUM = "_theirs_{}"
WHY = "A sum that is not its source's has lost or doubled rows; mend what builds it."


def reconciliation_results(
    contract: Contract, reconciliation: Reconciliation, built_rows: DataFrame, source_rows: DataFrame
) -> list[RuleResult]:
    """Return the rule of each sum, broken by the groups that differ or that one side lacks.

    Args:
        contract: the output whose rules these are; says what is masked.
        reconciliation: what is summed, by what.
        built_rows: what was built, with the contract's columns.
        source_rows: rows of the source that it was built from.
    """
    both = _joined_groups(reconciliation, built_rows, source_rows)
    differ = {name: ~F.col(f"`{name}`").eqNullSafe(F.col(SOURCE_SUM.format(name))) for name in reconciliation.sums}
    marks = (F.count_if(mark).alias(name) for name, mark in differ.items())
    groups, *differing = both.agg(F.count(F.lit(1)), *marks).collect()[0]
    counts = dict(zip(differ, differing, strict=True))
    samples = (
        _sample_texts(contract, reconciliation, both.where(reduce(or_, differ.values()))) if any(differing) else {}
    )
    return [
        RuleResult(
            f"{contract.dataset}.structure.reconciles.{name}",
            Stage.STRUCTURE,
            Severity.CRITICAL,
            RuleState.from_outcome(not counts[name]),
            unexpected=counts[name],
            samples=samples.get(name, ()) if counts[name] else (),
            why=WHY,
        ).judging(groups)
        for name in reconciliation.sums
    ]


def _joined_groups(reconciliation: Reconciliation, built_rows: DataFrame, source_rows: DataFrame) -> DataFrame:
    """Return the groups of either side with both sums, null where a side lacks the group."""
    built_sums = built_rows.groupBy(*(f"`{name}`" for name in reconciliation.by)).agg(
        *(F.sum(f"`{name}`").alias(name) for name in reconciliation.sums)
    )
    groups = (F.col(f"`{source}`").alias(name) for name, source in reconciliation.by.items())
    sums = (_source_sum(source).alias(SOURCE_SUM.format(name)) for name, source in reconciliation.sums.items())
    return built_sums.join(source_rows.groupBy(*groups).agg(*sums), list(reconciliation.by), "full")


def _source_sum(source: str) -> Column:
    return F.count(F.lit(1)) if source == "*" else F.sum(f"`{source}`")


def _sample_texts(
    contract: Contract, reconciliation: Reconciliation, differing: DataFrame
) -> dict[str, tuple[str | None, ...]]:
    rows = differing.limit(MAX_SAMPLES).collect()
    by = [*reconciliation.by]

    def describe_group(row: Row, name: str) -> str:
        built_sum, source_sum = (
            contract.masking.mask_key([row[column]], [name]) for column in (name, SOURCE_SUM.format(name))
        )
        return (
            f"{contract.masking.mask_key([row[column] for column in by], by)}: {built_sum}, and "
            f"{source_sum} in {reconciliation.dataset}"
        )

    return {name: format_samples([describe_group(row, name) for row in rows]) for name in reconciliation.sums}
