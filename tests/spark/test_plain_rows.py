"""A row of Parquet is known to be plain by one look at its texts; what that look lets through must hold of each value."""

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from etl.contract.types import ColumnType
from etl.gate.observed_plan import ObservedPlan
from etl.gate.onepass.fallback_pass import FallbackPass
from etl.gate.onepass.row_by_row import is_row_by_row
from etl.sources.line_regex import PRESENT, LineRegex
from etl.sources.plain_rows import is_plain_row, row_regex
from etl.sources.text_lines import is_text
from tests.spark.lake import Lake
from tests.spark.test_engine_days import ways_by_rule
from tests.spark.test_typed_runs import put_suites, rule

ID, WORD, DAY = "^TXN[0-9]{3}$", "^[a-z]*$", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
PATTERNS = [("id", ID), ("id", PRESENT), ("word", WORD), ("number", PRESENT)]
ROWS: dict[str, tuple[Any, bool]] = {
    "each value": (("TXN001", "abc", 'Ünal, 🚢\t"x"', 1), True),
    "no word, no note": (("TXN001", None, None, 1), True),
    "a word without a character": (("TXN001", "", "", 1), True),
    "a note of two lines": (("TXN001", "abc", "a\nb\r\nc", 1), True),
    "a long note": (("TXN001", "abc", "é,a\n" * 50_000, 1), True),
    "no number": (("TXN001", "abc", "x", None), False),
    "no id": ((None, "abc", "x", 1), False),
    "an id without a character": (("", "abc", "x", 1), False),
    "an id with a line end": (("TXN001\n", "abc", "x", 1), False),
    "another id": (("TXN01", "abc", "x", 1), False),
    "another word": (("TXN001", "ABC", "x", 1), False),
    "a word with the delimiter": (("TXN001", "abc\x1fabc", "x", 1), False),
    "a note with the delimiter": (("TXN001", "abc", "x\x1fy", 1), False),
    "a note in doubt": (("TXN001", "abc", "\x1e", 1), False),
    "a control character": (("TXN001", "abc", "a\x07", 1), False),
    "a replacement character": (("TXN001", "abc", "\ufffd", 1), False),
    "a separator of lines": (("TXN001", "abc", "\u2028", 1), False),
}


def contract_of(**types: str) -> Any:
    columns = [SimpleNamespace(name=name, type=ColumnType.parse(declared)) for name, declared in types.items()]
    return SimpleNamespace(columns=columns, folder_columns=())


CONTRACT = contract_of(id="string", word="string", note="string", number="int")


def test_a_row_is_plain_where_each_value_is_text_and_matches(spark: Any) -> None:
    regex = row_regex(CONTRACT, [], PATTERNS)
    assert regex.patterns == {*PATTERNS}
    rows = spark.createDataFrame([row for row, _ in ROWS.values()], "id string, word string, note string, number int")
    plain = [row["plain"] for row in rows.select(is_plain_row(CONTRACT, regex).alias("plain")).collect()]
    assert dict(zip(ROWS, plain, strict=True)) == {name: is_plain for name, (_, is_plain) in ROWS.items()}
    assert not any(is_plain for (_, _, note, _), is_plain in ROWS.values() if note is not None and not is_text(note))


def test_bytes_that_are_no_characters_are_in_doubt(spark: Any) -> None:
    regex = row_regex(CONTRACT, [], PATTERNS)
    halves = spark.sql(
        "SELECT 'TXN001' AS id, 'abc' AS word, CAST(note AS string) AS note, 1 AS number FROM VALUES (X'61C3'), (X'A9'), "
        "(X'C3A9') AS t(note)"
    )
    assert [row[0] for row in halves.select(is_plain_row(CONTRACT, regex)).collect()] == [False, False, True]


def test_nothing_is_proven_where_a_form_cannot_be_or_there_is_nothing_to_look_for() -> None:
    assert row_regex(CONTRACT, [("note", DAY)], []).patterns == {("note", DAY)}
    assert row_regex(CONTRACT, [("note", r"^(?=a).*$")], PATTERNS) == LineRegex()
    assert row_regex(CONTRACT, [], [("id", PRESENT)]) == LineRegex()
    assert row_regex(contract_of(id="string", tags="array<string>"), [], [("id", ID)]) == LineRegex()
    in_folders = contract_of(id="string")
    in_folders.folder_columns = ("region",)
    assert row_regex(in_folders, [], [("id", ID)]) == LineRegex()


MADE: dict[str, tuple[Callable[[DataFrame], DataFrame], bool]] = {
    "nothing": (lambda rows: rows, True),
    "columns": (lambda rows: rows.withColumn("c", F.col("id") + 1).select("id", "c").toDF("a", "b"), True),
    "an alias": (lambda rows: rows.alias("t").select("t.id"), True),
    "a filter": (lambda rows: rows.where("id > 1"), False),
    "rows of lists": (lambda rows: rows.select(F.explode(F.array("id", "id"))), False),
    "a window": (lambda rows: rows.select(F.row_number().over(Window.orderBy("id"))), False),
    "groups": (lambda rows: rows.groupBy("id").count(), False),
    "an aggregate": (lambda rows: rows.select(F.max("id")), False),
    "no duplicates": (lambda rows: rows.dropDuplicates(["id"]), False),
    "a limit": (lambda rows: rows.limit(1), False),
    "a join": (lambda rows: rows.join(rows.sparkSession.range(3), "id"), False),
    "a union": (lambda rows: rows.union(rows), False),
    "other rows": (lambda rows: rows.sparkSession.range(3), False),
}


@pytest.mark.parametrize("made", MADE)
def test_rows_are_made_one_by_one_by_projections_alone(spark: Any, made: str) -> None:
    make, is_so = MADE[made]
    rows = spark.range(5).withColumn("x", F.lit(1))
    assert is_row_by_row(make(rows), rows) is is_so


def goods_file(*rows: tuple[str | None, str | None, int | None]) -> bytes:
    sink = io.BytesIO()
    schema = pa.schema([("id", pa.string()), ("word", pa.string()), ("number", pa.int64())])
    parquet.write_table(pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema), sink)
    return sink.getvalue()


def put_contracts(goods: Lake, *more: Any, **meta: Any) -> None:
    """Declare that each id matches a pattern, each number is there, and large ones are set aside; `more` is of the input."""
    columns = [
        {"name": name, "type": declared, "description": name}
        for name, declared in {"id": "string", "word": "string", "number": "bigint"}.items()
    ]
    shared = {"version": "1.0.0", "owner": "o", "description": "d", "max_quarantined": 0.9, "columns": columns}
    suites = {
        "input": (
            {**shared, "format": "parquet", **meta},
            [
                rule("column_values_to_match_regex", "id.format", column="id", regex=ID),
                rule("column_values_to_not_be_null", "number.present", column="number"),
                rule("column_values_to_be_between", "number.high", "warning", column="number", max_value=100),
                *more,
            ],
        ),
        "output": (
            {**shared, "key": ["id"], "freshness_hours": 24},
            [
                rule("column_values_to_be_unique", "id.unique", column="id"),
                rule("column_values_to_match_regex", "word.format", column="word", regex=WORD),
            ],
        ),
    }
    put_suites(goods, suites)


@pytest.fixture
def goods(aws: Any, spark: Any) -> Lake:
    """A lake whose dataset takes Parquet."""
    goods = Lake(aws, spark, "goods")
    put_contracts(goods)
    return goods


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passes that were taken over rows in doubt, and the days whose rows two tallies saw, by name."""
    passes: list[str] = []
    run_pass, carry_nothing = FallbackPass.run_pass, ObservedPlan._carry_nothing

    def run_noted(self: FallbackPass) -> Any:
        passes.append("in doubt")
        return run_pass(self)

    def carry_noted(self: ObservedPlan, *rows: Any) -> Any:
        passes.append("two tallies")
        return carry_nothing(self, *rows)

    monkeypatch.setattr(FallbackPass, "run_pass", run_noted)
    monkeypatch.setattr(ObservedPlan, "_carry_nothing", carry_noted)
    return passes


def keep_all(rows: DataFrame) -> DataFrame:
    return rows.withColumn("word", F.lower("word"))


def keep_positive(rows: DataFrame) -> DataFrame:
    return keep_all(rows).where("number > 0")


GOOD = [("TXN001", "abc", 1), ("TXN002", None, 2), ("TXN003", "ABC", 300)]


@pytest.mark.parametrize(("transform", "tallies"), [(keep_all, []), (keep_positive, ["two tallies"])])
def test_a_good_day_is_told_of_by_one_tally_where_its_rows_are_made_one_by_one(
    goods: Lake, passes: list[str], monkeypatch: pytest.MonkeyPatch, transform: Any, tallies: list[str]
) -> None:
    monkeypatch.setattr("etl.pipeline.transform_of", lambda _: transform)
    goods.put_files(a__parquet=goods_file(*GOOD))
    verdict = goods.run()
    assert (verdict.state, verdict.rows_read, verdict.rows_published, verdict.rows_quarantined) == (
        *("SUCCEEDED", 3, 2, 1),
    ), verdict.message
    assert passes == tallies
    observed_rules = (
        "goods.id.format",
        "goods.number.present",
        "goods.structure.text",
        "goods.word.format",
        "goods.id.unique",
    )
    assert {rule: way for rule, way in ways_by_rule(verdict).items() if rule in observed_rules} == dict.fromkeys(
        observed_rules, "observed"
    )
    assert [(row["id"], row["word"]) for row in goods.rows()] == [("TXN001", "abc"), ("TXN002", None)]


def test_rows_that_structure_sets_aside_and_a_mean_of_the_input_are_told_by_a_tally_of_their_own(
    goods: Lake, passes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.pipeline.transform_of", lambda _: keep_all)
    put_contracts(goods, structure={"text": "warning"})
    goods.put_files(a__parquet=goods_file(*GOOD, ("TXN004", "a\x07", 4)))
    verdict = goods.run()
    assert (verdict.state, verdict.rows_read, verdict.rows_published, verdict.rows_quarantined) == (
        *("SUCCEEDED", 4, 2, 2),
    ), verdict.message
    put_contracts(goods, rule("column_mean_to_be_between", "number.mean", column="number", min_value=1, max_value=9))
    goods.put_files(b__parquet=goods_file(("TXN005", "abc", 10), ("TXN006", "abc", 30)))
    verdict = goods.run()
    assert [(result.rule, result.observed) for result in verdict.broken] == [("goods.number.mean", "20.0000")]
    assert passes.count("two tallies") == 2


@pytest.mark.parametrize(
    ("row", "broken"),
    [
        (("TXN4", "abc", 4), {"goods.id.format": 1}),
        (("TXN004", "abc", None), {"goods.number.present": 1}),
        (("TXN004", "a\x07", 4), {"goods.structure.text": 1}),
        (("TXN004", "a1", 4), {"goods.word.format": 1}),
        (("TXN001", "abc", 4), {"goods.id.unique": 2}),
    ],
)
def test_a_broken_row_fails_the_run_by_its_rule(
    goods: Lake, passes: list[str], monkeypatch: pytest.MonkeyPatch, row: Any, broken: dict[str, int]
) -> None:
    monkeypatch.setattr("etl.pipeline.transform_of", lambda _: keep_all)
    goods.put_files(a__parquet=goods_file(*GOOD, row))
    verdict = goods.run()
    assert {result.rule: result.unexpected for result in verdict.broken} == broken
    assert goods.rows() == []
    assert "two tallies" not in passes
