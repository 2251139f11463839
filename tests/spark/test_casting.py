"""What a cast makes of a text: of one in a type's plain form its value, and of no text a failed query."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet
from pyspark.sql import functions as F

from etl.contract.model import ColumnSpec, Contract
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.table_names import LINE
from etl.contract.types import ColumnType
from etl.gate.structure import StructureRules
from etl.ledger.quarantine_table import source_expression
from etl.sources import json_reader, readers
from etl.sources.casting import OUT_OF_RANGE, cast_to_declared, is_lost_in_cast
from etl.sources.line_regex import LineRegex
from sluice.contracts.backtest import files

YEARS = ("0000", "0001", "1582", "1900", "2000", "2023", "2024", "2100", "9999")


def test_a_date_in_plain_form_is_what_its_pattern_reads(spark: Any) -> None:
    texts = [f"{year}-{month:02}-{day:02}" for year, month, day in product(YEARS, range(14), range(33))]
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    cast, read = (
        column.cast("string")
        for column in (cast_to_declared("text", ColumnType("date")), F.try_to_date("text", "yyyy-MM-dd"))
    )
    rows = frame.select("text", cast.alias("cast"), read.alias("read")).collect()
    assert [row["text"] for row in rows if row["cast"] != row["read"]] == []
    leap = {row["text"]: row["cast"] is not None for row in rows if row["text"].endswith("-02-29")}
    assert leap == {f"{year}-02-29": year in {"0000", "2000", "2024"} for year in YEARS}


def test_a_date_is_of_the_years_that_others_can_read(spark: Any) -> None:
    texts = ["0000-01-01", "0000-12-31", "0001-01-01", "9999-12-31", None]
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    rows = frame.select(
        "text", is_lost_in_cast("text", ColumnType("date"), cast_to_declared("text", ColumnType("date"))).alias("lost")
    ).collect()
    assert [row["text"] for row in rows if row["lost"]] == texts[:2]


DAYS = {-719_529: "-0001-12-31", -719_163: "0000-12-31", 2_932_897: "+10000-01-01"}
KEPT = {-719_162: date(1, 1, 1), -1: date(1969, 12, 31), 2_932_896: date(9999, 12, 31), None: None}


@pytest.mark.parametrize("form", ["parquet", "orc"])
def test_a_typed_date_of_another_year_is_shown_as_text_and_refused(spark: Any, tmp_path: Path, form: str) -> None:
    # ORC without a calendar is read by the Julian one before 1582, where other days have these numbers.
    valid_days = [day for day in KEPT if form == "parquet" or day is None or day >= -1]
    beyond = [day - 1000 if form == "orc" and day < 0 else day for day in DAYS]
    days = pa.array([*beyond, *valid_days], pa.int32()).cast(pa.date32())
    (parquet if form == "parquet" else orc).write_table(pa.table({"day": days}), tmp_path / f"a.{form}")
    column = ColumnSpec("day", ColumnType("date"), "")
    declared = Contract(
        dataset="odd",
        stage=Stage.INPUT,
        version="1",
        owner="",
        description="",
        columns=(column,),
        rules=(),
        format=SourceFormat(form),
    )
    looks = files.preflight_files(spark, files.list_objects([tmp_path / f"a.{form}"]), declared)
    frame = readers.read_objects(spark, files.DISK, looks, declared, LineRegex())
    assert [row["day"] for row in frame.collect()] == [None] * len(DAYS) + [KEPT[day] for day in valid_days]
    _, results = StructureRules(declared, declared).compute_results(frame, looks)
    [broken] = [result for result in results if result.unexpected]
    assert (broken.rule, broken.unexpected) == ("odd.structure.cast.day", len(DAYS))
    assert form == "orc" or set(broken.samples) == set(DAYS.values())


def test_no_text_fails_a_cast(spark: Any) -> None:
    texts = [
        "1e-2000000000",
        "1E-2147483648",
        "1e2147483647",
        "1e999999999999",
        "9" * 50_000,
        f"0.{'0' * 50_000}1",
        "-",
    ]
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    types = ("decimal(10,2)", "decimal(38,18)", "int", "bigint", "date", "boolean")
    rows = frame.select(
        *(cast_to_declared("text", ColumnType(declared)).cast("string") for declared in types)
    ).collect()
    assert [[*row] for row in rows if any(row)] == [
        ["0.00", "0.000000000000000000", *[None] * 4]
    ]  # its form refuses it


@pytest.mark.long
def test_a_typed_row_that_was_set_aside_is_read_again_exactly(spark: Any) -> None:
    types = {"price": "decimal(38,18)", "n": "bigint", "day": "date", "sold": "boolean", "note": "string"}
    declared = Contract(
        dataset="odd",
        stage=Stage.INPUT,
        version="1",
        owner="",
        description="",
        columns=tuple(ColumnSpec(n, ColumnType(t), "") for n, t in types.items()),
        rules=(),
    )
    read = declared.as_stored_rows()
    row = (Decimal("0.000000000000000001"), -(2**63), date(1, 1, 1), True, "1.10")
    source = spark.createDataFrame([row], ", ".join(f"{n} {t}" for n, t in types.items()))
    line = source.select(F.expr(source_expression(replace(declared, format="parquet"))).alias(LINE))
    [again] = json_reader.split_columns(line, read).collect()
    assert ([again[name] for name in types], again["_broken"]) == ([*row], False)
    wrong = ['{"price": 1.0000000000000000001}', '{"n": 1.5}', '{"n": 9223372036854775808}', '{"day": "0001-1-1"}']
    wrong += ['{"price": "x"}', '{"sold": 1}', '{"price": 1E-19}', '{"price": 1.5E-18}']
    parsed = json_reader.split_columns(spark.createDataFrame([(text,) for text in wrong], f"{LINE} string"), read)
    texts = [f"{OUT_OF_RANGE}{name}" for name in types if name != "note"]
    assert [parsed_row[LINE] for parsed_row in parsed.where(F.coalesce(*texts).isNotNull()).collect()] == wrong
