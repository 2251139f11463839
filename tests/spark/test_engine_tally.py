"""What a tally sees is held against what was written; where Spark runs a stage again, or not at all, it is not believed."""

from typing import Any
from unittest.mock import Mock

import pytest
from pyspark.sql import functions as F

from etl.gate.observed_rows import Observations
from etl.gate.onepass import object_marks, observations
from etl.gate.onepass.observations import FrameObserver, NotObserved, ObservedValues
from tests.spark.lake import GOOD, Lake, csv_bytes


def run_frame(frame: Any) -> None:
    frame.write.format("noop").mode("overwrite").save()


def make_observations(rows: int, kept_rows: int, written: int) -> Observations:
    return Observations(Mock(), ObservedValues(rows, {}, {}, {}), ObservedValues(written, {}, {}, {}), rows, kept_rows)


def test_counts_that_are_not_the_snapshots_are_not_believed() -> None:
    assert make_observations(rows=3, kept_rows=2, written=3).matches_staged(2)
    assert not make_observations(rows=3, kept_rows=4, written=3).matches_staged(2)
    assert not make_observations(rows=3, kept_rows=2, written=6).matches_staged(2)
    assert not make_observations(rows=6, kept_rows=2, written=3).matches_staged(2)


def test_a_range_shuffle_tallies_rows_twice_and_no_mark_too_few(spark: Any) -> None:
    row_tally = FrameObserver(groups=[(None, {"odd": F.col("id") == 7, "none": F.col("id") == 99})])
    run_frame(row_tally.attach_to(spark.range(0, 10, 1, 2)).repartitionByRange(2, "id"))
    counted = row_tally.read_values()
    assert (counted.rows, counted.marks) == (20, {"odd": True, "none": False})


def test_many_marks_are_all_told_by_code_that_is_compiled(spark: Any) -> None:
    marks: dict[Any, Any] = {number: F.col("id").cast("string").rlike(f"^{number}$") for number in range(100)}
    row_tally = FrameObserver(groups=[(F.col("id") > 2, marks)], counts={"even": F.col("id") % 2 == 0})
    frame = row_tally.attach_to(spark.range(60))
    run_frame(frame)
    counted = row_tally.read_values()
    assert counted.marks == {number: 2 < number < 60 for number in range(100)}
    assert (counted.rows, counted.values) == (60, {"even": 30})
    assert frame.columns == ["id", "_long0", "_count0", "_mask0", "_mask1", "_mask2"]
    assert max(method_bytes(spark, frame)) < 8000  # HotSpot leaves larger methods to the interpreter


def test_marks_of_more_columns_than_spark_compiles_take_one_step(spark: Any) -> None:
    wide = spark.range(60).select(
        "id", *(F.lit(number).alias(f"c{number}") for number in range(observations.MAX_FIELDS))
    )
    row_tally = FrameObserver(groups=[(None, {number: F.col("id") == number for number in range(100)})])
    frame = row_tally.attach_to(wide)
    run_frame(frame)
    assert row_tally.read_values().marks == {number: number < 60 for number in range(100)}
    assert frame._jdf.queryExecution().logical().toString().count("CollectMetrics") == 1
    assert spark.conf.get("spark.sql.codegen.maxFields") == str(observations.MAX_FIELDS)


def test_words_share_a_long_with_marks_and_spoil_none(spark: Any) -> None:
    of_seven = F.when(F.col("id") == 7, F.lit((1 << 31) + 1).cast("long"))  # null in all other rows
    row_tally = FrameObserver(groups=[(None, {"odd": F.col("id") == 3, "none": F.col("id") == 99})])
    row_tally.words |= {"seven": of_seven, "nothing": F.lit(None).cast("long"), "all": F.lit((1 << 32) - 1)}
    run_frame(row_tally.attach_to(spark.range(10)))
    counted = row_tally.read_values()
    assert counted.marks == {"odd": True, "none": False}
    assert counted.words == {"seven": (1 << 31) + 1, "nothing": 0, "all": (1 << 32) - 1}


@pytest.mark.parametrize("count", [1, 16, 17, 40])
def test_each_object_shows_its_own_header_and_rows(spark: Any, count: int) -> None:
    lines = (
        spark.range(count)
        .selectExpr("int(id) AS _place", "id % 3 = 0 AS _header")
        .union(spark.range(count).where("id % 5 != 0").selectExpr("int(id)", "false"))
    )
    row_tally = FrameObserver(words=object_marks.object_words(count))
    run_frame(row_tally.attach_to(lines.union(spark.range(1).selectExpr("int(null)", "false"))))
    headers, rows = object_marks.read_words(row_tally.read_values().words, count)
    assert headers == [index % 3 == 0 for index in range(count)]
    assert rows == [index % 3 != 0 or index % 5 != 0 for index in range(count)]


def test_a_bitmap_shows_which_of_very_many_objects_have_a_row(spark: Any) -> None:
    count = object_marks.MOST_OBJECTS
    lines = spark.range(count).selectExpr("int(id) AS _place", "id % 3 = 0 AS _header")
    lines = lines.union(spark.range(1).selectExpr("int(null)", "false"))
    row_tally = FrameObserver(aggregates={"rows": object_marks.objects_with_rows(~F.col("_header"))})
    run_frame(row_tally.attach_to(lines))
    bitmap = row_tally.read_values().values["rows"]
    assert object_marks.read_bitmap(bitmap, count) == [index % 3 != 0 for index in range(count)]


def method_bytes(spark: Any, frame: Any) -> list[int]:
    """Return the size of the largest method of each part that Spark compiles as a whole."""
    cloud = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}
    tiny = {name: spark.conf.get(name) for name in cloud}
    for name, value in cloud.items():
        spark.conf.set(name, value)
    try:
        plan = frame.select("*")._jdf.queryExecution().executedPlan()
        parts = spark._jvm.org.apache.spark.sql.execution.debug.package.codegenStringSeq(plan)
        return [parts.apply(index)._3().maxMethodCodeSize() for index in range(parts.size())]
    finally:
        for name, value in tiny.items():
            spark.conf.set(name, value)


def test_rows_that_were_planned_away_are_told_from_no_rows(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observations, "LONGEST_WAIT", 0.5)
    never = FrameObserver()
    never.attach_to(spark.range(3))
    with pytest.raises(NotObserved):
        never.read_values()
    none = FrameObserver(groups=[(None, {"any": F.col("id") >= 0})])
    run_frame(none.attach_to(spark.range(3).where("id > 5")))
    assert (none.read_values().rows, none.read_values().marks) == (0, {"any": False})


@pytest.mark.long
def test_a_sorted_table_is_judged_by_what_was_written(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    assert lake.run().state == "SUCCEEDED"
    lake.spark.sql(f"ALTER TABLE lake.{lake.database}.trades WRITE ORDERED BY region, transaction_id")
    lake.put_files(b__csv=csv_bytes(GOOD.replace("TXN001", "TXN002"), GOOD.replace("TXN001", "TXN003")))
    partitions = "spark.sql.shuffle.partitions"
    few = lake.spark.conf.get(partitions)
    lake.spark.conf.set(partitions, "2")  # one alone is sorted without a look at the rows before
    try:
        verdict = lake.run()
    finally:
        lake.spark.conf.set(partitions, str(few))
    assert (verdict.state, verdict.rows_read, verdict.rows_published) == ("SUCCEEDED", 2, 2)
    assert {result.way for result in verdict.rules if result.stage == "output" and result.evaluated} == {"computed"}
    assert {result.state.value for result in verdict.rules} == {"held", "not_evaluated"}
