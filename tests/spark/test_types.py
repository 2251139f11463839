"""Each declared type on its way: from Parquet and text to a value, to JSON in the quarantine, and back."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import functions as F

from etl.contract.model import ColumnSpec, Contract
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.table_names import LINE
from etl.contract.types import ColumnType
from etl.gate.structure import StructureRules
from etl.ledger.quarantine_table import source_expression
from etl.sources import json_reader, readers
from etl.sources.casting import cast_to_declared
from etl.sources.line_regex import LineRegex
from etl.sources.nanoseconds import nanoseconds_as_long
from etl.sources.parquet_footer import footer_types
from sluice.contracts.backtest import files

TIME = datetime(2025, 1, 31, 12, 3, 1, 123_456)
NAN = float("nan")


def contract_of(types: dict[str, str], form: str = "parquet", **options: Any) -> Contract:
    columns = tuple(ColumnSpec(name, ColumnType(declared), "", **options) for name, declared in types.items())
    return Contract(
        dataset="odd",
        stage=Stage.INPUT,
        version="1",
        owner="",
        description="",
        columns=columns,
        rules=(),
        format=SourceFormat(form),
    )


# A text, and what it is as the type: a value's own text in Spark; None where the gate refuses it.
TEXTS: dict[str, dict[str, str | None]] = {
    "timestamp": {
        "2025-01-31 12:03": "2025-01-31 12:03:00",
        "2025-01-31T12:03Z": "2025-01-31 12:03:00",
        "2025-01-31T12:03+0200": "2025-01-31 10:03:00",
        "2025-01-31T12:03:01.123456000": "2025-01-31 12:03:01.123456",
        "2025-01-31 12:03:01 +0200": "2025-01-31 10:03:01",
        "2025-01-31T12:03:01-05:30": "2025-01-31 17:33:01",
        "2025-01-31T12:03:01Z": "2025-01-31 12:03:01",
        "0001-01-01T00:00:00": "0001-01-01 00:00:00",
        "9999-12-31T23:59:59.999999": "9999-12-31 23:59:59.999999",
        "0001-01-01T00:00:00+01:00": None,
        "9999-12-31T23:59:59-01:00": None,
        "0000-12-31T00:00:00": None,
        "2025-01-31T12:03:60": None,
        "2025-01-31T24:00:00": None,
        "2025-02-29T12:03:01": None,
        "2025-01-31T12:03:01.1234567": None,
        "2025-01-31T12:03:01.": None,
        "2025-01-31T12:03:01+19:00": None,
        "2025-01-31T12:03:01 Europe/Berlin": None,
        "2025-01-31": None,
        "12:03": None,
        "31.01.2025 12:03": None,
    },
    "timestamp_ntz": {
        "2025-01-31T12:03": "2025-01-31 12:03:00",
        "2025-01-31 12:03:01.5": "2025-01-31 12:03:01.5",
        "2025-01-31T12:03:01Z": None,
        "2025-01-31T12:03:01+02:00": None,
        "0000-12-31T00:00:00": None,
    },
    "double": {
        "1": "1.0",
        "-1.": "-1.0",
        ".5": "0.5",
        "1e5": "100000.0",
        "-2.5E-3": "-0.0025",
        "1.7976931348623157e308": "1.7976931348623157E308",
        "1e-999": "0.0",
        "1e309": None,
        "-1e2000000000": None,
        "nan": None,
        "inf": None,
        "1d": None,
        "0x1p3": None,
        "+1": None,
        " 1": None,
        "1,5": None,
        ".": None,
    },
    "float": {"0.1": "0.1", "3.4e38": "3.4E38", "1e39": None, "1e-60": "0.0"},
    "smallint": {"32767": "32767", "32768": None},
    "tinyint": {"-128": "-128", "128": None},
}


def test_a_text_is_the_value_that_its_plain_form_says_or_is_refused(spark: Any) -> None:
    """One frame holds each type's texts side by side."""
    length = max(map(len, TEXTS.values()))
    padded = {kind: [*texts, *([None] * (length - len(texts)))] for kind, texts in TEXTS.items()}
    frame = spark.createDataFrame([*zip(*padded.values(), strict=True)], ", ".join(f"{kind} string" for kind in TEXTS))
    raw, typed = contract_of(dict.fromkeys(TEXTS, "string"), "csv"), contract_of({kind: kind for kind in TEXTS})
    marks = StructureRules(raw, typed).marks
    reader = frame.withColumns({"_broken": F.lit(False), "_header": F.lit(False), LINE: F.lit("")})
    rows = reader.select(
        *(
            F.struct(
                F.col(kind).alias("text"),
                cast_to_declared(kind, ColumnType(kind)).cast("string").alias("value"),
                marks[f"cast.{kind}"][1].alias("refused"),
            ).alias(kind)
            for kind in TEXTS
        )
    ).collect()
    for kind, texts in TEXTS.items():
        values = [row[kind] for row in rows if row[kind]["text"] is not None]
        assert {value["text"]: None if value["refused"] else value["value"] for value in values} == texts, kind


def test_what_is_not_finite_breaks_a_rule_of_its_own_unless_the_column_says_so(spark: Any) -> None:
    frame = spark.createDataFrame(
        [("NaN", NAN), ("-Infinity", math.inf), ("1.5", 1.5), (None, None)], "x string, y double"
    )
    reader = frame.withColumns({"_broken": F.lit(False), "_header": F.lit(False), LINE: F.lit("")})
    raw, typed = contract_of({"x": "string", "y": "double"}), contract_of({"x": "double", "y": "double"})
    marks = StructureRules(raw, typed).marks
    broken = reader.select(*(F.sum(marks[f"finite.{name}"][1].cast("int")) for name in ("x", "y"))).first()
    assert [*broken] == [2, 2]
    assert reader.where(marks["cast.x"][1]).count() == 0
    allowed = contract_of({"x": "double", "y": "double"}, non_finite=True)
    assert not [name for name in StructureRules(raw, allowed).marks if name.startswith("finite")]


ROW = {
    "at": ("timestamp", TIME),
    "local": ("timestamp_ntz", TIME),
    "first": ("timestamp", datetime(1, 1, 2)),  # PySpark cannot take the first day
    "real": ("double", -1.5e-300),
    "nan": ("double", NAN),
    "endless": ("double", -math.inf),
    "small": ("float", 0.5),
    "short": ("smallint", -3),
    "tiny": ("tinyint", 7),
    "bytes": ("binary", b"\x00\xff"),
    "wide": ("decimal(38,10)", Decimal("1234567890123456789012345678.0123456789")),
    "day": ("date", date(9999, 12, 31)),
}


def test_a_row_of_each_type_is_read_again_exactly_from_the_quarantine(spark: Any) -> None:
    types = {name: declared for name, (declared, _) in ROW.items()}
    declared = contract_of(types)
    source = spark.createDataFrame(
        [tuple(value for _, value in ROW.values())], ", ".join(f"{n} {t}" for n, t in types.items())
    )
    line = source.select(F.expr(source_expression(declared)).alias(LINE))
    [again] = json_reader.split_columns(line, replace(declared, format=SourceFormat.JSONL)).collect()
    assert not again["_broken"]
    assert {name: repr(again[name]) for name in ROW} == {name: repr(value) for name, (_, value) in ROW.items()}


NANOSECONDS = [1_738_324_981_123_456_000, 1_738_324_981_123_456_789, -1_000, -1, None]
MICROSECONDS = [TIME, None, datetime(1969, 12, 31, 23, 59, 59, 999_999), None, None]


@pytest.fixture
def pandas_files(tmp_path: Path) -> list[Path]:
    """Write what pandas 1 and 2 write: times in nanoseconds in one file, in microseconds in the other, and small numbers."""
    nanoseconds = pa.array(NANOSECONDS, pa.int64())
    table = pa.table(
        {
            "at": nanoseconds.cast(pa.timestamp("ns", "UTC")),
            "local": nanoseconds.cast(pa.timestamp("ns")),
            "n": pa.array([1, 2, 3, 4, None], pa.int8()),
            "raw": pa.array([b"a", b"\xff", b"", None, b"b"]),
            "x": pa.array([1.5, 2.5, None, 4.5, 5.5]),
        }
    )
    times = {"at": pa.timestamp("us", "UTC"), "local": pa.timestamp("us")}
    later = pa.schema([(field.name, times.get(field.name, field.type)) for field in table.schema])
    parquet.write_table(table, tmp_path / "a.parquet")
    parquet.write_table(cast(Any, table).slice(0, 1).cast(later, safe=False), tmp_path / "b.parquet")
    return [tmp_path / "a.parquet", tmp_path / "b.parquet"]


def test_parquet_of_pandas_is_read_and_a_remainder_below_a_microsecond_is_refused(
    spark: Any, pandas_files: list[Path]
) -> None:
    types = {"at": "timestamp", "local": "timestamp_ntz", "n": "tinyint", "raw": "binary", "x": "double"}
    declared = contract_of(types)
    looks = files.preflight_files(spark, files.list_objects(pandas_files), declared)
    assert [(look.fault, sorted(look.nanoseconds)) for look in looks] == [(None, ["at", "local"]), (None, [])]
    rows = readers.read_objects(spark, files.DISK, looks, declared, LineRegex())
    by_place = {place: [row for row in rows.collect() if row["_place"] == place] for place in (0, 1)}
    assert [row["at"] for row in by_place[0]] == [row["local"] for row in by_place[0]] == MICROSECONDS
    assert [(row["at"], row["n"], row["x"]) for row in by_place[1]] == [(TIME, 1, 1.5)]
    assert "2025-01-31 12:03:01.123456789" in by_place[0][1][LINE]
    _, results = StructureRules(declared, declared).compute_results(rows, looks)
    broken = {result.rule: (result.unexpected, result.samples) for result in results if result.unexpected}
    samples = ("2025-01-31 12:03:01.123456789", "1969-12-31 23:59:59.999999999")
    assert broken == {f"odd.structure.cast.{name}": (2, samples) for name in ("at", "local")}


def test_a_parquet_footer_has_the_types_that_sparks_reader_has(
    spark: Any, tmp_path: Path, pandas_files: list[Path]
) -> None:
    by_spark, by_arrow, alike = (tmp_path / name for name in ("spark", "arrow.parquet", "alike.parquet"))
    of_spark = "1Y AS a, 2S AS b, 3.50BD AS c, DATE'2025-01-31' AS d, NOW() AS e, LOCALTIMESTAMP() AS f, X'00' AS g"
    nested = "ARRAY(NAMED_STRUCT('x', 1, 'y', ARRAY('z'))) AS h, MAP('k', 1L) AS i"
    spark.sql(f"SELECT 'x' AS `Ä b`, {of_spark}, {nested}").write.parquet(str(by_spark))
    unsigned = {
        "u": pa.array([1], pa.uint32()),
        "v": pa.array([1], pa.uint64()),
        "Größe (m)": pa.array([1.5], pa.float32()),
    }
    parquet.write_table(pa.table({**unsigned, "w": pa.array([["x"]])}), by_arrow)
    parquet.write_table(pa.table([[1], [2]], names=["a", "A"]), alike)
    paths = [*by_spark.glob("*.parquet"), by_arrow, pandas_files[1]]
    for path in paths:
        fields = spark.read.parquet(str(path)).schema.fields
        assert footer_types(spark, path.as_uri()) == {field.name: field.dataType.simpleString() for field in fields}
    for refused in (pandas_files[0], alike, tmp_path / "none"):
        refusal = pytest.raises(Exception, match=r"(?i)nanos|two columns|not exist")
        with nanoseconds_as_long(spark, False), refusal:
            footer_types(spark, refused.as_uri())


def test_a_whole_number_is_not_taken_for_a_time_in_nanoseconds(spark: Any, pandas_files: list[Path]) -> None:
    declared = contract_of({"at": "bigint", "local": "timestamp", "n": "int", "raw": "binary", "x": "float"})
    [look] = files.preflight_files(spark, files.list_objects(pandas_files[:1]), declared)
    assert look.detail.partition(": ")[2].partition("; write ")[0] == (
        "at timestamp instead of bigint, local timestamp_ntz instead of timestamp, n tinyint instead of int, "
        "x double instead of float"
    )


def test_python_reads_the_times_of_spark_as_utc(spark: Any) -> None:
    [row] = spark.sql("SELECT timestamp'2025-07-01 00:00:00Z' AS at").collect()
    assert row["at"] == datetime.fromtimestamp(row["at"].replace(tzinfo=UTC).timestamp(), UTC).replace(tzinfo=None)
    assert row["at"] == datetime(2025, 7, 1)
