"""The same rows as two contracts judge them: how many broke which rules by the one and by the other, and samples."""

from collections import defaultdict
from collections.abc import Iterable

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from etl.contract.masking import Masking
from etl.contract.sample_values import MAX_SAMPLES, format_samples
from etl.contract.table_names import LINE, OBJECT
from sluice.contracts.backtest.outcome import Group
from sluice.contracts.backtest.report import Samples
from sluice.contracts.backtest.row_outcomes import BrokenRules
from sluice.contracts.backtest.rows import BROKE, DAY, JudgedRows

BEFORE, AFTER, ROWS = "_before", "_after", "_rows"
MARKS = "array<struct<rule: string, value: string>>"


def join_judgements(before: JudgedRows | None, after: JudgedRows) -> DataFrame:
    """Return a row for each distinct line of a file, with what it breaks by either contract and how often it stands.

    Lines that are equal are judged alike, so their digest tells which row of the one is which of the other.
    """
    frame = _side_frame(after, AFTER, BEFORE)
    if before is not None:
        frame = frame.unionByName(_side_frame(before, BEFORE, AFTER))
    times = F.greatest(*(F.sum(F.col(name).isNotNull().cast("bigint")) for name in (BEFORE, AFTER)))
    marks = [F.first(name, ignorenulls=True).alias(name) for name in (BEFORE, AFTER)]
    return frame.groupBy(OBJECT, LINE).agg(F.first(DAY, ignorenulls=True).alias(DAY), *marks, times.alias(ROWS))


def _side_frame(judged: JudgedRows, own_column: str, other_column: str) -> DataFrame:
    return judged.frame.select(
        OBJECT, LINE, DAY, F.col(BROKE).alias(own_column), F.lit(None).cast(MARKS).alias(other_column)
    )


def count_groups(frame: DataFrame) -> list[Group]:
    """Count the rows of `join_judgements` by file, day and what they broke."""
    ids = [F.transform(name, lambda mark: mark.rule).alias(name) for name in (BEFORE, AFTER)]
    counts = frame.select(OBJECT, DAY, *ids, ROWS).groupBy(OBJECT, DAY, BEFORE, AFTER).agg(F.sum(ROWS).alias(ROWS))
    return [
        Group(row[OBJECT], row[DAY], _rule_ids(row[BEFORE]), _rule_ids(row[AFTER]), row[ROWS])
        for row in counts.collect()
    ]


def _rule_ids(rules: list[str] | None) -> BrokenRules | None:
    return None if rules is None else frozenset(rules)


def sample_values(frame: DataFrame, maskings: Iterable[Masking]) -> Samples:
    """Return a few values by rule: first those that break it by the changed contract and not by the published one.

    What any of `maskings` takes for personal is masked.
    """
    rules_before = F.coalesce(F.transform(BEFORE, lambda mark: mark.rule), F.array().cast("array<string>"))
    new = F.filter(AFTER, lambda mark: ~F.array_contains(rules_before, mark.rule))
    candidates = (
        _marked_values(frame, new, 0)
        .unionByName(_marked_values(frame, F.col(AFTER), 1))
        .unionByName(_marked_values(frame, F.col(BEFORE), 2))
    )
    first_turns = candidates.groupBy("rule", "value").agg(F.min("turn").alias("turn"))
    place = F.row_number().over(Window.partitionBy("rule").orderBy("turn", "value"))
    chosen = first_turns.withColumn("place", place).where(F.col("place") <= MAX_SAMPLES).orderBy("place")
    values: dict[str, list[str | None]] = defaultdict(list)
    for row in chosen.collect():
        values[row["rule"]].append(row["value"])
    for masking in maskings:
        values = {rule: [*masking.mask_samples(texts)] for rule, texts in values.items()}
    return {rule: format_samples(texts) for rule, texts in values.items()}


def _marked_values(frame: DataFrame, marks: Column, turn: int) -> DataFrame:
    return frame.select(F.inline(marks)).select("rule", "value", F.lit(turn).alias("turn"))
