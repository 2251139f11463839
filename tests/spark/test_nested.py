"""Lists and objects: read from JSON as exactly as flat values, from Parquet as they are, published, set aside and replayed."""

import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet
from pyspark.sql import functions as F

from etl.contract.dialect import ExtraColumns
from etl.contract.model import Contract
from etl.contract.types import ColumnType
from etl.contract.validation.suite import faults_of
from etl.gate.structure import StructureRules
from etl.sources import json_reader
from etl.sources.casting import OUT_OF_RANGE
from sluice.contracts.arrow_types import arrow_type
from sluice.contracts.prove.avro_files import avro_body
from tests.csv_contracts import csv_contract
from tests.spark.lake import HEADER, Lake
from tests.spark.test_quarantine import sale_line, set_aside

LINES = "array<struct<sku: string, n: int, tags: array<string>>>"
CUSTOMER = "struct<id: bigint, city: string, born: date, score: decimal(30,18), at: struct<x: double>>"
CONTRACT = csv_contract(
    ["id", {"name": "lines", "type": LINES}, {"name": "customer", "type": CUSTOMER}], format="jsonl", records="lines"
)
SOUND: dict[str, tuple[Any, Any]] = {
    '{"id": 1, "lines": [], "customer": null}': ([], None),
    '{"id": "a"}': (None, None),
    '{"lines": [{"sku": "a\\u00e9", "n": 2, "tags": ["x", null, "[]"]}, null, {}], "id": null}': (
        [("aé", 2, ["x", None, "[]"]), None, (None, None, None)],
        None,
    ),
    '{"customer": {"score": 1.123456789012345685, "id": 9007199254740993, "city": 1.10, "at": {"x": 1e2}}}': (
        None,
        (9007199254740993, "1.10", None, Decimal("1.123456789012345685"), (100.0,)),
    ),
    ' { "customer" : { "city" : "{\\"a\\": [1, }" , "born" : "2025-01-31" } } ': (
        None,
        (None, '{"a": [1, }', "2025-01-31", None, None),
    ),
}
BROKEN: dict[str, str] = {
    '{"customer": {"id": 1, "name": "x"}}': "row",
    '{"customer": {"id": 1, "id": 2}}': "row",
    '{"customer": {"at": {"x": 1, "x": 1}}}': "row",
    '{"customer": {"id": 1}, "customer": {"id": 1}}': "row",
    '{"lines": [{"sku": "a", "sku": "b"}]}': "row",
    '{"customer": [1]}': "row",
    '{"customer": "{}"}': "row",
    '{"customer": 5}': "row",
    '{"\\u0063ustomer": 5}': "row",
    '{"lines": {"sku": "a"}}': "row",
    '{"lines": [1]}': "row",
    '{"lines": [{"tags": "x"}]}': "row",
    '{"customer": {"city": {"a": 1}}}': "row",
    '{"customer": {"city": ["a"]}}': "row",
    '{"id": {"a": 1}}': "row",
    '{"id": 1, "other": 1}': "row",
    '{"customer": {"id": 01}}': "row",
    '{"customer": {"city": "\\ud800"}}': "row",
    '{"customer": {"id": 1}} {}': "row",
    '{"customer": {"id": 1,}}': "row",
    '{"customer": {"city": "\\u0007"}}': "text",
    '{"lines": [{"tags": ["a", "\\u0000"]}]}': "text",
    '{"customer": {"id": 1.5}}': "cast.customer",
    '{"customer": {"id": 9223372036854775808}}': "cast.customer",
    '{"customer": {"id": true}}': "cast.customer",
    '{"customer": {"born": "2025-02-30"}}': "cast.customer",
    '{"customer": {"score": 0.0000000000000000001}}': "cast.customer",
    '{"customer": {"at": {"x": "NaN"}}}': "cast.customer",
    '{"customer": {"at": {"x": 1e999}}}': "cast.customer",
    '{"lines": [{"n": 1}, {"n": 2147483648}]}': "cast.lines",
    '{"lines": [{"n": "many"}]}': "cast.lines",
}


def plain(value: Any) -> Any:
    """Return a value of Spark without the names of its fields; a day as text."""
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, tuple):
        return tuple(plain(entry) for entry in value)
    return str(value) if type(value).__name__ == "date" else value


def test_json_is_read_as_it_stands_or_refused(spark: Any) -> None:
    lines = spark.createDataFrame([(line,) for line in (*SOUND, *BROKEN)], "_line string").coalesce(1)
    rows = json_reader.split_columns(lines, CONTRACT).withColumn("_header", F.lit(False))
    marks = StructureRules(CONTRACT, CONTRACT).marks
    broken = F.array_compact(F.array(*(F.when(mark, F.lit(rule)) for rule, (_, mark) in marks.items())))
    read = {row["_line"]: row for row in rows.withColumn("broke", broken).collect()}
    assert {line: read[line]["broke"] for line in SOUND} == {line: [] for line in SOUND}
    assert {line: (plain(read[line]["lines"]), plain(read[line]["customer"])) for line in SOUND} == SOUND
    assert {line: read[line]["broke"] for line in BROKEN} == {line: [rule] for line, rule in BROKEN.items()}
    shown = read['{"lines": [{"n": "many"}]}'][f"{OUT_OF_RANGE}lines"]
    assert json.loads(shown) == [{"n": "many"}]


IGNORING = replace(CONTRACT, extra_columns=ExtraColumns.IGNORE)
IGNORED = {
    '{"id": 1, "other": {"a": [{"b": [{}]}, "}"]}, "customer": {"id": 1, "more": [{"id": 2}]}}': [],
    '{"id": 1, "other": [[[[[[1]]]]]]}': ["row"],
    '{"id": {"a": 1}, "other": 1}': ["row"],
    '{"\\u0069d": {"a": 1}}': ["row"],
    '{"other": 1, "other": 2}': ["row"],
    '{"customer": {"other": 1, "id": [1]}}': ["row"],
}


def test_what_nobody_declared_may_hold_anything_where_it_is_ignored(spark: Any) -> None:
    lines = spark.createDataFrame([(line,) for line in IGNORED], "_line string").coalesce(1)
    rows = json_reader.split_columns(lines, IGNORING).withColumn("_header", F.lit(False))
    marks = StructureRules(IGNORING, IGNORING).marks
    broken = F.array_compact(F.array(*(F.when(mark, F.lit(rule)) for rule, (_, mark) in marks.items())))
    read = {row["_line"]: row for row in rows.withColumn("broke", broken).collect()}
    assert {line: row["broke"] for line, row in read.items()} == IGNORED
    first = next(iter(read.values()))
    assert (first["id"], first["customer"]["id"]) == ("1", 1)


def declare(lake: Lake, form: str) -> None:
    """Let the lake's trades have lists and objects beside what they have, in both suites."""
    for stage in ("input", "output"):
        place = f"contracts/{stage}.json"
        suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read())
        if stage == "input":
            suite["meta"]["format"] = form
        nested = {"lines": LINES, "customer": CUSTOMER}
        suite["meta"]["columns"] += [{"name": name, "type": nested[name], "description": "d"} for name in nested]
        rule = {"rule": f"trades.customer.{stage}", "why": "A sale has a buyer."}
        kwargs = {"column": "customer"}
        severity = {"severity": "warning"} if stage == "input" else {}
        suite["expectations"].append(
            {"type": "expect_column_values_to_not_be_null", "kwargs": kwargs, "meta": rule, **severity}
        )
        suite["meta"]["max_quarantined"] = 0.9
        assert faults_of(suite) == []
        lake.put_key(place, json.dumps(suite).encode())


CUSTOMER_VALUE = {"id": 7, "city": "x", "born": date(2020, 2, 29), "score": Decimal("1.5"), "at": {"x": 0.5}}
LINE_VALUES = [{"sku": "a", "n": 1, "tags": ["x", None]}, None]


def row(number: int, **changes: Any) -> dict[str, Any]:
    values = sale_line(number).split(",")
    return {
        **dict(zip(HEADER.split(","), values, strict=True)),
        "lines": LINE_VALUES,
        "customer": CUSTOMER_VALUE,
    } | changes


def as_tuples(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a row's lists and objects as a proof has them: objects are their fields' values in order."""
    declared = {"lines": ColumnType(LINES), "customer": ColumnType(CUSTOMER)}
    return {name: as_parts(entry[name], kind) for name, kind in declared.items()}


def as_parts(value: Any, declared: ColumnType) -> Any:
    if value is None or not declared.parts:
        return value
    if isinstance(value, list):
        return tuple(as_parts(entry, declared.parts[""]) for entry in value)
    return tuple(as_parts(value.get(name), part) for name, part in declared.parts.items())


def avro_contract() -> Contract:
    nested = [{"name": "lines", "type": LINES}, {"name": "customer", "type": CUSTOMER}]
    return csv_contract([*HEADER.split(","), *nested], format="avro")


def as_file(rows: list[dict[str, Any]], form: str) -> bytes:
    if form == "jsonl":
        return "\n".join(json.dumps(entry, default=str) for entry in rows).encode()
    if form == "avro":
        return avro_body([{**entry, **as_tuples(entry)} for entry in rows], avro_contract())
    columns = [(name, pa.string()) for name in HEADER.split(",")]
    nested = [(name, arrow_type(ColumnType(declared))) for name, declared in (("lines", LINES), ("customer", CUSTOMER))]
    sink = io.BytesIO()
    write_table = parquet.write_table if form == "parquet" else orc.write_table
    write_table(pa.Table.from_pylist(rows, pa.schema([*columns, *nested])), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    "form", ["jsonl", *(pytest.param(form, marks=pytest.mark.long) for form in ("parquet", "orc", "avro"))]
)
def test_lists_and_objects_are_published_set_aside_and_replayed(lake: Lake, form: str) -> None:
    declare(lake, form)
    lake.put_key(f"trades/a.{form}", as_file([row(1), row(2, customer=None), row(3, lines=[])], form))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_quarantined) == ("SUCCEEDED", 2, 1), verdict.message
    first, third = lake.rows()
    assert first["customer"].asDict(recursive=True) == {**CUSTOMER_VALUE, "score": Decimal("1.500000000000000000")}
    assert [line and line.asDict() for line in first["lines"]] == LINE_VALUES
    assert third["lines"] == []
    [aside] = set_aside(lake)
    assert json.loads(aside["source"])["lines"][0]["tags"] == ["x", None]
    source = json.dumps({**json.loads(aside["source"]), "customer": CUSTOMER_VALUE}, default=str)
    lake.put_key("mended.jsonl", json.dumps({"row": aside["row"], "mended": source}).encode())
    replayed = lake.run(replay=verdict.run_id, mended=f"s3://{lake.bucket}/mended.jsonl")
    assert (replayed.state, replayed.rows_published) == ("SUCCEEDED", 1), replayed.message
    assert lake.rows()[1]["customer"] == first["customer"]
    assert lake.rows()[1]["lines"] == first["lines"]
    lake.put_key(f"trades/b.{form}", as_file([row(4)], form))
    assert lake.run().state == "SUCCEEDED"
