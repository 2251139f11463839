"""The same rows as two contracts judge them: how many broke which rules by the one and by the other, and samples."""

from collections import defaultdict
from collections.abc import Iterable

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from etl.contract.masking import Masking
from etl.contract.sample_values import SAMPLES, shown
from etl.contract.table_names import LINE, OBJECT
from sluice.contracts.backtest.outcome import Group
from sluice.contracts.backtest.report import Samples
from sluice.contracts.backtest.row_outcomes import Broken
from sluice.contracts.backtest.rows import BROKE, DAY, Judged

BEFORE, AFTER, ROWS = "_before", "_after", "_rows"
MARKS = "array<struct<rule: string, value: string>>"


def together(before: Judged | None, after: Judged) -> DataFrame:
    """Return a row for each distinct line of a file, with what it breaks by either contract and how often it stands.

    Lines that are equal are judged alike, so their digest tells which row of the one is which of the other.
    """
    frame = _side(after, AFTER, BEFORE)
    if before is not None:
        frame = frame.unionByName(_side(before, BEFORE, AFTER))
    times = F.greatest(*(F.sum(F.col(name).isNotNull().cast("bigint")) for name in (BEFORE, AFTER)))
    marks = [F.first(name, ignorenulls=True).alias(name) for name in (BEFORE, AFTER)]
    return frame.groupBy(OBJECT, LINE).agg(F.first(DAY, ignorenulls=True).alias(DAY), *marks, times.alias(ROWS))


def _side(judged: Judged, mine: str, other: str) -> DataFrame:
    return judged.frame.select(OBJECT, LINE, DAY, F.col(BROKE).alias(mine), F.lit(None).cast(MARKS).alias(other))


def groups(frame: DataFrame) -> list[Group]:
    """Count the rows of `together` by file, day and what they broke."""
    ids = [F.transform(name, lambda one: one.rule).alias(name) for name in (BEFORE, AFTER)]
    found = frame.select(OBJECT, DAY, *ids, ROWS).groupBy(OBJECT, DAY, BEFORE, AFTER).agg(F.sum(ROWS).alias(ROWS))
    return [Group(row[OBJECT], row[DAY], _ids(row[BEFORE]), _ids(row[AFTER]), row[ROWS]) for row in found.collect()]


def _ids(rules: list[str] | None) -> Broken | None:
    return None if rules is None else frozenset(rules)


def samples(frame: DataFrame, maskings: Iterable[Masking]) -> Samples:
    """Return a few values by rule: first those that break it by the changed contract and not by the published one.

    What any of `maskings` takes for personal is masked.
    """
    known = F.coalesce(F.transform(BEFORE, lambda one: one.rule), F.array().cast("array<string>"))
    new = F.filter(AFTER, lambda one: ~F.array_contains(known, one.rule))
    found = (
        _values(frame, new, 0)
        .unionByName(_values(frame, F.col(AFTER), 1))
        .unionByName(_values(frame, F.col(BEFORE), 2))
    )
    least = found.groupBy("rule", "value").agg(F.min("turn").alias("turn"))
    place = F.row_number().over(Window.partitionBy("rule").orderBy("turn", "value"))
    chosen = least.withColumn("place", place).where(F.col("place") <= SAMPLES).orderBy("place")
    values: dict[str, list[str | None]] = defaultdict(list)
    for row in chosen.collect():
        values[row["rule"]].append(row["value"])
    for masking in maskings:
        values = {rule: [*masking.samples(texts)] for rule, texts in values.items()}
    return {rule: shown(texts) for rule, texts in values.items()}


def _values(frame: DataFrame, marks: Column, turn: int) -> DataFrame:
    return frame.select(F.inline(marks)).select("rule", "value", F.lit(turn).alias("turn"))
