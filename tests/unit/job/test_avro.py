"""Avro: each value as its plain text, another schema or codec refused by name, and no half of a broken file."""

import io
import json
import math
import struct
import zlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pytest

from etl.contract.columns import ColumnSpec
from etl.contract.dialect import ExtraColumns
from etl.contract.masking import Masking
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.types import ColumnType
from etl.sources import avro_container
from etl.sources.avro_container import CODECS, read_header
from etl.sources.avro_header import header_fault
from etl.sources.avro_reader import parse_avro
from etl.sources.json_records import BrokenRecords
from etl.sources.preflight import FilePreflight
from sluice.contracts.arrow_types import declared_type
from sluice.contracts.backtest import files
from sluice.contracts.profile.avro_sample import read_avro_sample

LOGICAL = {
    "on": ("date", {"type": "int", "logicalType": "date"}),
    "at": ("timestamp", {"type": "long", "logicalType": "timestamp-micros"}),
    "ms": ("timestamp", {"type": "long", "logicalType": "timestamp-millis"}),
    "ns": ("timestamp", {"type": "long", "logicalType": "timestamp-nanos"}),
    "local": ("timestamp_ntz", {"type": "long", "logicalType": "local-timestamp-millis"}),
    "fare": ("decimal(38,2)", {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 2}),
    "tax": (
        "decimal(5,3)",
        {"type": "fixed", "name": "tax_t", "size": 3, "logicalType": "decimal", "precision": 5, "scale": 3},
    ),
}
PLAIN: dict[str, tuple[str, Any]] = {
    "id": ("string", "string"),
    "seats": ("int", ["null", "int"]),
    "riders": ("bigint", "long"),
    "ratio": ("double", "double"),
    "low": ("float", "float"),
    "paid": ("boolean", "boolean"),
    "raw": ("binary", "bytes"),
    "kind": ("string", {"type": "enum", "name": "kind_t", "namespace": "a.b", "symbols": ["CARD", "CASH"]}),
    "other": ("string", "a.b.kind_t"),
    "uid": ("string", {"type": "string", "logicalType": "uuid"}),
    "clock": ("int", {"type": "int", "logicalType": "time-millis"}),
    "any": ("bigint", ["int", "long", "null"]),
}
COLUMNS = {**PLAIN, **LOGICAL}
RECORD: dict[str, Any] = {
    "id": "a \u00e9 \U0001f600",
    "seats": None,
    "riders": -(2**63),
    "ratio": 0.1 + 0.2,
    "low": 0.5,
    "paid": False,
    "raw": b"\x00\xff",
    "kind": "CASH",
    "other": "CARD",
    "uid": "u",
    "clock": 1,
    "any": 2**40,
    "on": -719162,
    "at": -1,
    "ms": 253402300799999,
    "ns": 1_000_000_001,
    "local": 1,
    "fare": (-(10**37) - 1).to_bytes(16, "big", signed=True),
    "tax": (12).to_bytes(3, "big"),
}
TEXTS = {
    **{
        "id": "a \u00e9 \U0001f600",
        "seats": None,
        "riders": str(-(2**63)),
        "ratio": "0.30000000000000004",
        "low": "0.5",
    },
    **{"paid": "false", "raw": "AP8=", "kind": "CASH", "other": "CARD", "uid": "u", "clock": "1", "any": str(2**40)},
    **{"on": "0001-01-01", "at": "1969-12-31T23:59:59.999999Z", "ms": "9999-12-31T23:59:59.999Z"},
    **{"ns": "1970-01-01T00:00:01.000000001Z", "local": "1970-01-01T00:00:00.001"},
    **{"fare": f"-{10**35}.01", "tax": "0.012"},
}


def contract_of(types: dict[str, str]) -> Contract:
    return Contract(
        dataset="trips",
        stage=Stage.INPUT,
        version="1.0.0",
        owner="us",
        description="Trips.",
        columns=tuple(ColumnSpec(name, ColumnType(kind), name) for name, kind in types.items()),
        rules=(),
        format=SourceFormat.AVRO,
    )


CONTRACT = contract_of({name: kind for name, (kind, _) in COLUMNS.items()})


def schema_of(types: dict[str, Any]) -> Any:
    return {"type": "record", "name": "trip", "fields": [{"name": name, "type": kind} for name, kind in types.items()]}


SCHEMA = schema_of({name: kind for name, (_, kind) in COLUMNS.items()})


def avro_file(records: list[dict[str, Any]], schema: Any = SCHEMA, codec: str = "null") -> bytes:
    sink = io.BytesIO()
    fastavro.writer(sink, schema, records, codec=codec, sync_marker=b"0123456789abcdef")
    return sink.getvalue()


def texts_of(content: bytes, contract: Contract = CONTRACT) -> list[dict[str, str | None]]:
    records = parse_avro(io.BytesIO(content), contract, FilePreflight(None))  # pyright: ignore[reportArgumentType]
    return [dict(zip(contract.names, record.values or (), strict=True)) for record in records]


def fault_of(content: bytes, contract: Contract = CONTRACT) -> tuple[str, str] | None:
    return header_fault(content[:10], lambda size: content[:size], contract)


def test_each_value_is_its_plain_text_with_every_digit() -> None:
    content = avro_file([RECORD, {**RECORD, "seats": 2}])
    assert fault_of(content) is None
    assert texts_of(content) == [TEXTS, {**TEXTS, "seats": "2"}]


def test_a_time_that_no_table_has_is_a_text_that_is_no_value() -> None:
    beyond = {**RECORD, "on": 2932897, "at": 2**62, "ratio": math.nan, "low": -math.inf}
    [texts] = texts_of(avro_file([beyond]))
    assert (texts["on"], texts["at"]) == (
        "2932897 days since 1970-01-01",
        f"{2**62 // 10**6}.387904 seconds since 1970-01-01",
    )
    assert (texts["ratio"], texts["low"]) == ("NaN", "-Infinity")


def file_of_java(codec: str) -> bytes:
    """Return a file as Java's writer packs it with a codec that fastavro would take a library for."""
    plain = avro_file([RECORD] * 9)
    header = read_header(stream := io.BytesIO(plain))
    start = stream.tell()
    [(_, block)] = [avro_container.read_block(stream, stream.read(1), header)]
    packed: bytes = pa.Codec({"zstandard": "zstd"}.get(codec, codec)).compress(block, asbytes=True)
    packed += struct.pack(">I", zlib.crc32(block)) if codec == "snappy" else b""
    size = bytearray()
    number = len(packed) << 1
    while number > 127:
        size.append(number & 127 | 128)
        number >>= 7
    name = bytes([2 * len(codec)]) + codec.encode()
    head = plain[:start].replace(b"\x14avro.codec\x08null", b"\x14avro.codec" + name)
    return head + b"\x12" + bytes([*size, number]) + packed + header.sync


@pytest.mark.parametrize("codec", CODECS)
def test_each_codec_is_unpacked_and_a_broken_byte_or_a_cut_is_told(codec: str) -> None:
    content = file_of_java(codec) if codec in ("snappy", "zstandard") else avro_file([RECORD] * 9, codec=codec)
    assert texts_of(content) == [TEXTS] * 9
    for size in (len(content) - 1, len(content) - 40):
        with pytest.raises(BrokenRecords, match="block 1 is broken"):
            texts_of(content[:size])
    if codec in ("snappy", "bzip2", "xz"):  # the others have no checksum
        place = len(content) - 30
        with pytest.raises(BrokenRecords, match="block 1"):
            texts_of(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])


def test_a_block_with_more_or_fewer_bytes_than_its_records_is_told() -> None:
    content = avro_file([{"n": 1}], schema_of({"n": "long"}))
    tail = content[-19:]
    assert tail[:3] == b"\x02\x02\x02"
    for block in (b"\x02\x04\x02\x02", b"\x04\x02\x02", b"\x01\x02\x02"):
        with pytest.raises(BrokenRecords, match="block 1"):
            texts_of(content[:-19] + block + tail[3:], contract_of({"n": "bigint"}))


def test_another_codec_is_named_and_so_is_a_block_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    content = avro_file([RECORD]).replace(b"\x08null", b"\x06lz4")
    assert fault_of(content) == (
        "compression",
        "packed with lz4, which the job has no codec for; put it again as deflate, snappy or zstandard",
    )
    monkeypatch.setattr(avro_container, "MAX_HELD_BYTES", 100)
    with pytest.raises(BrokenRecords, match="a block: more than") as caught:
        avro_container.unpack_block(zlib.compress(bytes(200))[2:-4], "deflate")
    assert caught.value.rule == "size"


LINE = {
    "type": "record",
    "name": "line",
    "namespace": "a.b",
    "fields": [
        {"name": "sku", "type": "string"},
        {"name": "n", "type": ["null", "int"]},
        {"name": "fare", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "on", "type": {"type": "int", "logicalType": "date"}},
        {"name": "kind", "type": "a.b.kind_t"},
    ],
}
SPOT = {
    "type": "record",
    "name": "spot",
    "fields": [
        {"name": "x", "type": ["double", "null"]},
        {"name": "seen", "type": {"type": "long", "logicalType": "timestamp-nanos"}},
        {"name": "raw", "type": "bytes"},
    ],
}
CUSTOMER = {
    "type": "record",
    "name": "customer_t",
    "fields": [{"name": "at", "type": ["null", SPOT]}, {"name": "before", "type": ["null", "spot"]}],
}
SPOT_TYPE = "struct<x:double,seen:timestamp,raw:binary>"
NESTED: dict[str, tuple[str, Any]] = {
    "lines": (
        "array<struct<sku:string,n:int,fare:decimal(10,2),on:date,kind:string>>",
        {"type": "array", "items": ["null", LINE]},
    ),
    "customer": (f"struct<at:{SPOT_TYPE},before:{SPOT_TYPE}>", ["null", CUSTOMER]),
    "deep": ("array<array<int>>", {"type": "array", "items": ["null", {"type": "array", "items": ["null", "int"]}]}),
}
VALUES: list[dict[str, Any]] = [
    {
        "lines": [{"sku": "a", "n": 1, "fare": b"\x69", "on": 20119, "kind": "CASH"}, None],
        "customer": {"at": {"x": 0.1 + 0.2, "seen": 1000, "raw": b""}, "before": None},
        "deep": [],
    },
    {"lines": [], "customer": None, "deep": [[1, None], None]},
]
NESTED_TEXTS = [
    {
        "lines": [{"sku": "a", "n": "1", "fare": "1.05", "on": "2025-01-31", "kind": "CASH"}, None],
        "customer": {
            "at": {"x": "0.30000000000000004", "seen": "1970-01-01T00:00:00.000001000Z", "raw": ""},
            "before": None,
        },
        "deep": [],
    },
    {"lines": [], "customer": None, "deep": [["1", None], None]},
]


WHOLE = contract_of({name: declared for name, (declared, _) in {**COLUMNS, **NESTED}.items()})
WHOLE_SCHEMA = schema_of({name: kind for name, (_, kind) in {**COLUMNS, **NESTED}.items()})


def test_lists_and_records_are_json_with_the_text_of_each_value() -> None:
    content = avro_file([{**RECORD, **values} for values in VALUES], WHOLE_SCHEMA)
    assert fault_of(content, WHOLE) is None
    texts = texts_of(content, WHOLE)
    assert [{name: json.loads(row[name] or "null") for name in NESTED} for row in texts] == NESTED_TEXTS
    assert texts[1]["customer"] is None


def test_a_record_within_itself_has_no_type_of_a_contract() -> None:
    node = {
        "type": "record",
        "name": "node",
        "fields": [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "node"]}],
    }
    content = avro_file([], schema_of({"x": node}))
    assert fault_of(content, contract_of({"x": "struct<v:int>"})) == (
        "schema",
        "x struct<v:int,next:node> instead of struct<v:int>",
    )


OTHERS: dict[str, tuple[Any, str]] = {
    "another type": ("int", "x int instead of string"),
    "a list": ({"type": "array", "items": "string"}, "x array<string> instead of string"),
    "a record": (schema_of({"y": "int"}) | {"name": "inner"}, "x struct<y:int> instead of string"),
    "a map": ({"type": "map", "values": "string"}, "x map instead of string"),
    "two types": (["string", "int"], "x union<int,string> instead of string"),
    "nothing": ("null", "x null instead of string"),
    "a decimal": (
        {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2},
        "x decimal(10,2) instead of string",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_field_of_another_type_is_named(name: str) -> None:
    kind, detail = OTHERS[name]
    content = avro_file([], schema_of({"x": kind}))
    fault = fault_of(content, contract_of({"x": "string"}))
    kinds = ("int", "decimal(10,2)", "array<string>", "struct<y:int>")  # that a contract can declare
    line = next(
        (f'; write "type": "{kind}" for x in the columns of the input' for kind in kinds if f"x {kind} " in detail), ""
    )
    assert fault == ("schema", detail + line)


def test_fields_stand_in_any_order_and_more_are_refused_or_ignored() -> None:
    content = avro_file(
        [{"b": {"y": 1}, "a": "t"}], schema_of({"b": schema_of({"y": "int"}) | {"name": "i"}, "a": "string"})
    )
    contract = contract_of({"a": "string"})
    line = 'write "extra_columns": "ignore" in the meta of the input'
    assert fault_of(content, contract) == ("schema", f"b struct<y:int> instead of nothing; {line}")
    object.__setattr__(contract, "extra_columns", ExtraColumns.IGNORE)
    assert (fault_of(content, contract), texts_of(content, contract)) == (None, [{"a": "t"}])
    assert Masking() == contract.masking


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"Obj\x01", "it ends within its header"),
        (b"Obj\x01\x00" + bytes(16), "its header has no schema"),
        (avro_file([], "string"), "the schema in its header is not that of records"),
        (avro_file([]).replace(b'"double"', b'"dubble"'), "the schema in its header is none of Avro's: "),
        (b"Obj\x01" + b"\xff" * 20, "a length in it is none"),
    ],
)
def test_a_header_that_is_none_is_a_file_of_another_format(content: bytes, detail: str) -> None:
    fault = fault_of(content)
    assert fault
    assert (fault[0], fault[1][: len(detail)]) == ("format", detail)


def test_a_look_reads_a_large_header_and_the_whole_file_where_it_may_be_broken(tmp_path: Path) -> None:
    types = {f"c{index}": "long" for index in range(2500)}
    contract, content = (
        contract_of(dict.fromkeys(types, "bigint")),
        avro_file([dict.fromkeys(types, 7)] * 3, schema_of(types)),
    )
    path = tmp_path / "day.snappy"  # whose end says nothing of Avro
    for body, fault in ((content, None), (content[:-1], "format"), (content[:60_000], "format"), (b"PAR1", "format")):
        path.write_bytes(body)
        [raw_object] = files.list_objects([path])
        assert files._preflight_file(raw_object, contract).fault == fault


def test_a_draft_sees_a_file_s_own_types_and_leaves_out_what_no_contract_has(tmp_path: Path) -> None:
    path = tmp_path / "day.avro"
    fields = [{"name": name, "type": kind} for name, (_, kind) in NESTED.items()]
    other = {"name": "others", "type": {"type": "map", "values": "int"}}
    schema = {**SCHEMA, "fields": [*SCHEMA["fields"], *fields, other]}
    path.write_bytes(avro_file([{**RECORD, **VALUES[0], "others": {}}, {**RECORD, **VALUES[1], "others": {}}], schema))
    content = read_avro_sample(path)
    assert content.doubts == ["column others (map) is left out: no contract can declare its type"]
    row, second = content.table.to_pylist()
    assert [*row] == [*COLUMNS, *NESTED]
    assert {name: declared_type(content.table.schema.field(name).type) for name in NESTED} == {
        name: declared for name, (declared, _) in NESTED.items()
    }
    first_line = {"sku": "a", "n": 1, "fare": Decimal("1.05"), "on": date(2025, 1, 31), "kind": "CASH"}
    assert (row["lines"], row["customer"]["at"]["x"]) == ([first_line, None], 0.1 + 0.2)
    assert (second["lines"], second["customer"], second["deep"]) == ([], None, [[1, None], None])
    assert (row["fare"], row["tax"], str(row["on"])) == (Decimal(TEXTS["fare"] or ""), Decimal("0.012"), "0001-01-01")
    assert json.dumps(row["riders"]) == str(-(2**63))
