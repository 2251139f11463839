"""What a tally sees is held against what was written; where Spark runs a stage again, or not at all, it is not believed."""

from typing import Any
from unittest.mock import Mock

import pytest
from pyspark.sql import functions as F

from etl.gate.gated_plan import Told
from etl.gate.onepass import object_marks, observations
from etl.gate.onepass.observations import Seen, Tally, Unobserved
from tests.spark.lake import GOOD, Lake, day


def write(frame: Any) -> None:
    frame.write.format("noop").mode("overwrite").save()


def told(rows: int, kept: int, written: int) -> Told:
    return Told(Mock(), Seen(rows, {}, {}, {}), Seen(written, {}, {}, {}), rows, kept)


def test_counts_that_are_not_the_snapshots_are_not_believed() -> None:
    assert told(rows=3, kept=2, written=3).agrees(2)
    assert not told(rows=3, kept=4, written=3).agrees(2)
    assert not told(rows=3, kept=2, written=6).agrees(2)
    assert not told(rows=6, kept=2, written=3).agrees(2)


def test_a_range_shuffle_tallies_rows_twice_and_no_mark_too_few(spark: Any) -> None:
    seen = Tally(groups=[(None, {"odd": F.col("id") == 7, "none": F.col("id") == 99})])
    write(seen.on(spark.range(0, 10, 1, 2)).repartitionByRange(2, "id"))
    found = seen.read()
    assert (found.rows, found.marks) == (20, {"odd": True, "none": False})


def test_many_marks_are_all_told_by_code_that_is_compiled(spark: Any) -> None:
    marks: dict[Any, Any] = {at: F.col("id").cast("string").rlike(f"^{at}$") for at in range(100)}
    seen = Tally(groups=[(F.col("id") > 2, marks)], counts={"even": F.col("id") % 2 == 0})
    frame = seen.on(spark.range(60))
    write(frame)
    found = seen.read()
    assert found.marks == {at: 2 < at < 60 for at in range(100)}
    assert (found.rows, found.values) == (60, {"even": 30})
    assert frame.columns == ["id", "_long0", "_count0", "_mask0", "_mask1", "_mask2"]
    assert max(method_bytes(spark, frame)) < 8000  # HotSpot leaves larger methods to the interpreter


def test_words_share_a_long_with_marks_and_spoil_none(spark: Any) -> None:
    of_seven = F.when(F.col("id") == 7, F.lit((1 << 31) + 1).cast("long"))  # null in all other rows
    seen = Tally(groups=[(None, {"odd": F.col("id") == 3, "none": F.col("id") == 99})])
    seen.words |= {"seven": of_seven, "nothing": F.lit(None).cast("long"), "all": F.lit((1 << 32) - 1)}
    write(seen.on(spark.range(10)))
    found = seen.read()
    assert found.marks == {"odd": True, "none": False}
    assert found.words == {"seven": (1 << 31) + 1, "nothing": 0, "all": (1 << 32) - 1}


@pytest.mark.parametrize("count", [1, 16, 17, 40])
def test_each_object_shows_its_own_header_and_rows(spark: Any, count: int) -> None:
    lines = (
        spark.range(count)
        .selectExpr("int(id) AS _place", "id % 3 = 0 AS _header")
        .union(spark.range(count).where("id % 5 != 0").selectExpr("int(id)", "false"))
    )
    seen = Tally(words=object_marks.words(count))
    write(seen.on(lines.union(spark.range(1).selectExpr("int(null)", "false"))))
    headers, rows = object_marks.seen(seen.read().words, count)
    assert headers == [at % 3 == 0 for at in range(count)]
    assert rows == [at % 3 != 0 or at % 5 != 0 for at in range(count)]


def method_bytes(spark: Any, frame: Any) -> list[int]:
    """Return the size of the largest method of each part that Spark compiles as a whole."""
    cloud = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}
    tiny = {name: spark.conf.get(name) for name in cloud}
    for name, value in cloud.items():
        spark.conf.set(name, value)
    try:
        plan = frame.select("*")._jdf.queryExecution().executedPlan()
        parts = spark._jvm.org.apache.spark.sql.execution.debug.package.codegenStringSeq(plan)
        return [parts.apply(at)._3().maxMethodCodeSize() for at in range(parts.size())]
    finally:
        for name, value in tiny.items():
            spark.conf.set(name, value)


def test_rows_that_were_planned_away_are_told_from_no_rows(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observations, "LONGEST_WAIT", 0.5)
    never = Tally()
    never.on(spark.range(3))
    with pytest.raises(Unobserved):
        never.read()
    none = Tally(groups=[(None, {"any": F.col("id") >= 0})])
    write(none.on(spark.range(3).where("id > 5")))
    assert (none.read().rows, none.read().marks) == (0, {"any": False})


@pytest.mark.long
def test_a_sorted_table_is_judged_by_what_was_written(lake: Lake) -> None:
    lake.put(a__csv=day(GOOD))
    assert lake.run().state == "SUCCEEDED"
    lake.spark.sql(f"ALTER TABLE lake.{lake.database}.sales WRITE ORDERED BY region, transaction_id")
    lake.put(b__csv=day(GOOD.replace("TXN001", "TXN002"), GOOD.replace("TXN001", "TXN003")))
    partitions = "spark.sql.shuffle.partitions"
    few = lake.spark.conf.get(partitions)
    lake.spark.conf.set(partitions, "2")  # one alone is sorted without a look at the rows before
    try:
        verdict = lake.run()
    finally:
        lake.spark.conf.set(partitions, str(few))
    assert (verdict.state, verdict.rows_read, verdict.rows_published) == ("SUCCEEDED", 2, 2)
    assert {one.way for one in verdict.rules if one.stage == "output" and one.evaluated} == {"computed"}
    assert {one.state.value for one in verdict.rules} == {"held", "not_evaluated"}
