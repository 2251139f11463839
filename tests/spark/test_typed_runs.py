"""Whole runs on Parquet of every type: published, partitioned by the hour, set aside and replayed, evolved, read by others."""

import io
import json
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.spark.lake import Lake
from tests.spark.readers import query_lake

AT = datetime(2025, 1, 31, 12, 3, 1, 123_456, tzinfo=UTC)
INPUT = {
    "id": "bigint",
    "at": "timestamp",
    "local": "timestamp_ntz",
    "x": "double",
    "ratio": "float",
    "small": "smallint",
    "raw": "binary",
    "amount": "decimal(38,10)",
}
ARROW = pa.schema(
    [
        ("id", pa.int64()),
        ("at", pa.timestamp("ns", "UTC")),
        ("local", pa.timestamp("ns")),
        ("x", pa.float64()),
        ("ratio", pa.float32()),
        ("small", pa.int16()),
        ("raw", pa.binary()),
        ("amount", pa.decimal128(38, 10)),
    ]
)
WIDE = Decimal("1234567890123456789012345678.0123456789")


def make_row(number: int, **changes: Any) -> dict[str, Any]:
    at = AT + timedelta(hours=number)
    values = (number, at, at.replace(tzinfo=None), number + 0.25, 0.5, number, bytes([0, 255, number]), WIDE)
    return {**dict(zip(INPUT, values, strict=True)), **changes}


def parquet_file(*rows: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([*rows], ARROW), sink)
    return sink.getvalue()


def rule(kind: str, name: str, severity: str = "critical", **kwargs: Any) -> dict[str, Any]:
    return {
        "type": f"expect_{kind}",
        "kwargs": kwargs,
        "severity": severity,
        "meta": {"rule": f"goods.{name}", "why": "It is so."},
    }


def put_suites(lake: Lake, suites: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    """Put the suites of both stages, of their meta and rules; each asks for a row as well."""
    for stage, (meta, rules) in suites.items():
        rows = rule("table_row_count_to_be_between", f"{stage}.rows", min_value=1)
        suite = {"name": f"goods.{stage}", "meta": meta, "expectations": [rows, *rules]}
        lake.put_key(f"contracts/{stage}.json", json.dumps(suite).encode())


def put_contracts(lake: Lake, types: dict[str, str], high: float = 5, **meta: Any) -> None:
    """Declare the lake's dataset anew: its columns, a bound of `x` whose breach sets a row aside, and its times' bounds."""
    columns = [{"name": name, "type": declared, "description": name} for name, declared in INPUT.items()]
    published = [{**column, "type": types.get(column["name"], column["type"])} for column in columns]
    shared = {"version": "1.0.0", "owner": "o", "description": "d", "max_quarantined": 0.9}
    bound = rule("column_values_to_be_between", "x.high", "warning", column="x", max_value=high)
    past: dict[str, Any] = {"max_value": {"$PARAMETER": "run_time"}}
    suites = {
        "input": ({**shared, "format": "parquet", "columns": columns}, [bound]),
        "output": (
            {**shared, "columns": published, "key": ["id"], "freshness_hours": 24, **meta},
            [
                rule("column_values_to_be_unique", "id.unique", column="id"),
                rule(
                    "column_values_to_be_between", "at.past", column="at", min_value="2025-01-31T13:00:00+01:00", **past
                ),
                rule("column_max_to_be_between", "local.last", column="local", max_value="2025-02-01T00:00:00"),
                rule("column_values_to_not_be_null", "raw.kept", column="raw"),
            ],
        ),
    }
    put_suites(lake, suites)


@pytest.fixture
def goods(aws: Any, spark: Any) -> Lake:
    lake = Lake(aws, spark, "goods")
    put_contracts(lake, {"small": "int"}, partition_by=["hour(at)"])
    return lake


def test_each_type_is_published_set_aside_and_replayed_and_readers_get_the_same_values(goods: Lake) -> None:
    goods.put_files(a__parquet=parquet_file(make_row(1), make_row(2), make_row(3, x=9.5, ratio=0.1)))
    first = goods.run()
    assert (first.state, first.rows_published, first.rows_quarantined) == ("SUCCEEDED", 2, 1), first.message
    partitions = goods.spark.table(f"lake.{goods.database}.goods.files").select("partition").collect()
    assert len(partitions) == 2
    put_contracts(goods, {"small": "int", "ratio": "double"}, high=10, partition_by=["hour(at)"])
    again = goods.run(replay=first.run_id)
    assert (again.state, again.rows_published) == ("SUCCEEDED", 1), again.message
    rows = query_lake(goods, 'SELECT * FROM "goods" ORDER BY id')
    expected = [make_row(1), make_row(2), make_row(3, x=9.5, ratio=0.10000000149011612)]
    assert [{name: row[name] for name in INPUT} for row in rows] == expected


def test_what_is_not_finite_fails_the_run_and_is_shown_unless_the_contract_takes_it(goods: Lake) -> None:
    goods.put_files(a__parquet=parquet_file(make_row(1), make_row(2, x=math.nan), make_row(3, ratio=-math.inf)))
    verdict = goods.run()
    broken = {result.rule: (result.unexpected, result.samples) for result in verdict.broken}
    assert broken == {"goods.structure.finite.x": (1, ("NaN",)), "goods.structure.finite.ratio": (1, ("-Infinity",))}
    assert [place and place.row for result in verdict.broken for place in result.places] == [2, 3]


@pytest.mark.long
def test_a_time_that_is_no_whole_microsecond_or_to_come_fails_the_run(goods: Lake) -> None:
    nanosecond = cast(Any, pa.array([1_738_324_981_123_456_789])).cast(pa.timestamp("ns", "UTC"))
    sink = io.BytesIO()
    table = pa.Table.from_pylist([make_row(1)], ARROW)
    parquet.write_table(cast(Any, table).set_column(1, "at", nanosecond), sink)
    goods.put_files(a__parquet=sink.getvalue())
    [broken] = goods.run().broken
    assert (broken.rule, broken.samples) == ("goods.structure.cast.at", ("2025-01-31 12:03:01.123456789",))
    goods.put_files(a__parquet=parquet_file(make_row(1, at=datetime(2026, 2, 1, tzinfo=UTC))))
    [broken] = goods.run().broken
    assert (broken.rule, broken.samples) == ("goods.at.past", ("2026-02-01 00:00:00",))
