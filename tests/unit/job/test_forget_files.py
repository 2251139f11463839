"""A file without some of its rows: the others are there, as they were."""

import bz2
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import fastavro
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

from etl.contract.dialect import Dialect, Encoding
from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.forget.avro_rewrite import rewrite_avro
from etl.forget.binary_rewrite import rewrite_file
from etl.forget.excel_rewrite import rewrite_excel
from etl.forget.line_rewrite import open_packed, rewrite_lines
from etl.forget.text_rewrite import rewrite_text
from etl.forget.text_search import TextSearch
from etl.sources.physical_lines import mark_of_line
from tests.lake import LAKE

CONTRACT = parse_contract((LAKE / "expectations/trades/input.json").read_text(), "trades/input.json")


def rewritten(data: bytes, contract: Contract, places: set[Any], width: int = 2) -> bytes:
    target = io.BytesIO()
    counts = rewrite_text(lambda: [data[:3], data[3:]], contract, places, width, target)
    assert counts.dropped == len(places)
    return target.getvalue()


def test_lines_go_and_every_other_byte_stays() -> None:
    data = b"\xef\xbb\xbfa,b\r\n1,x\r\n\r\n2,y\r3,\xe4\n4"
    places: set[Any] = {mark_of_line(b"1,x"), mark_of_line(b"3,\xe4")}
    assert rewritten(data, CONTRACT, places) == b"\xef\xbb\xbfa,b\r\n\r\n2,y\r4"


@pytest.mark.parametrize("data", ["a,b\n1,ä\n2,y\n".encode("utf-16"), "a,b\n1,ä\n2,y\n".encode("utf-16-le")])
def test_wide_letters_keep_their_order_and_their_mark(data: bytes) -> None:
    contract = replace(CONTRACT, dialect=Dialect(encoding=Encoding.UTF_16))
    changed = rewritten(data, contract, {1})
    assert changed.decode("utf-16" if data[:2] == b"\xff\xfe" else "utf-16-le") == "a,b\n2,y\n"
    assert changed[:2] == data[:2]


def test_a_record_of_several_lines_goes_as_a_whole() -> None:
    contract = replace(CONTRACT, dialect=Dialect(multi_line=True))
    assert rewritten(b'a,b\n1,"x\r\ny"\n\n2,"p\nq"\n3,z', contract, {1}) == b'a,b\n\n2,"p\nq"\n3,z'


def test_single_bytes_are_compared_as_letters() -> None:
    target = io.BytesIO()
    rewrite_lines([b"\xe4\n\xf6\n"], Encoding.ISO_8859_1, lambda _, text: text == "ä".encode(), target)
    assert target.getvalue() == b"\xf6\n"


JSON_CASES = {
    "array": ('[ {"a":1},\n {"a":2} , {"a":3}\n]', {1: '[ {"a":2} , {"a":3}\n]', 3: '[ {"a":1},\n {"a":2}\n]'}),
    "objects": ('{"a":1}{"a":2}\n{"a":3}\n', {1: '{"a":2}\n{"a":3}\n', 3: '{"a":1}{"a":2}\n'}),
    "$.rows": ('{"n":{"a":1},"rows":[{"a":1},{"a":2}],"z":0}', {1: '{"n":{"a":1},"rows":[{"a":2}],"z":0}'}),
}


@pytest.mark.parametrize("records", JSON_CASES)
def test_an_entry_goes_with_its_comma(records: str) -> None:
    text, cases = JSON_CASES[records]
    contract = replace(CONTRACT, format=SourceFormat.JSONL, records=records)
    for number, expected in cases.items():
        assert rewritten(text.encode(), contract, {number - 1}).decode() == expected


def test_of_a_list_all_entries_or_the_last_ones_may_go() -> None:
    contract = replace(CONTRACT, format=SourceFormat.JSONL, records="array")
    assert rewritten(b'[{"a":1},{"a":2},{"a":3}]', contract, {1, 2}) == b'[{"a":1}]'
    assert rewritten(b'[{"a":1},{"a":2},{"a":3}]', contract, {0, 1, 2}) == b"[]"


def test_what_was_packed_is_packed_again() -> None:
    target = io.BytesIO()
    with open_packed(target, "bzip2") as packed:
        packed.write(b"x")
    assert bz2.decompress(target.getvalue()) == b"x"


TABLE = pa.table({"id": ["a", "b", "c", "d"], "n": pa.array([1, 2, None, 4], pa.int32())})


def test_parquet_keeps_its_groups_types_and_codecs() -> None:
    sink = io.BytesIO()
    pq.write_table(TABLE, sink, row_group_size=2, compression="zstd")
    changed = rewrite_file(sink.getvalue(), replace(CONTRACT, format=SourceFormat.PARQUET), {1, 2})
    after: Any = pq.ParquetFile(io.BytesIO(changed.data))
    assert after.read().to_pydict() == {"id": ["a", "d"], "n": [1, 4]}
    assert (after.num_row_groups, after.metadata.row_group(0).column(0).compression) == (2, "ZSTD")
    assert (changed.rows, changed.remaining) == (2, 2)
    assert b"b" not in after.read()["id"].to_pylist()


def test_orc_keeps_its_types() -> None:
    sink = pa.BufferOutputStream()
    orc.write_table(TABLE, sink, compression="zlib")
    changed = rewrite_file(sink.getvalue().to_pybytes(), replace(CONTRACT, format=SourceFormat.ORC), {0})
    assert orc.ORCFile(io.BytesIO(changed.data)).read().to_pydict() == {"id": ["b", "c", "d"], "n": [2, None, 4]}


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy", "zstandard", "bzip2", "xz"])
def test_avro_keeps_the_blocks_that_have_none_of_the_records(codec: str) -> None:
    schema: Any = {"type": "record", "name": "r", "fields": [{"name": "id", "type": "string"}]}
    sink = io.BytesIO()
    if codec in ("null", "deflate", "bzip2", "xz"):
        fastavro.writer(sink, schema, [{"id": f"{n}" * 40} for n in range(6)], codec=codec, sync_interval=100)
    else:
        fastavro.writer(sink, schema, [{"id": f"{n}" * 40} for n in range(6)], sync_interval=100)
    data = sink.getvalue()
    changed, removed, remaining = rewrite_avro(data, {1, 5})
    assert [record["id"][0] for record in fastavro.reader(io.BytesIO(changed))] == ["0", "2", "3", "4"]  # pyright: ignore
    assert (removed, remaining) == (2, 4)


def shared_texts(data: bytes) -> bytes:
    """Return a workbook whose texts stand in a part of their own, as Excel writes them."""
    texts: list[bytes] = []

    def share(text: re.Match[bytes]) -> bytes:
        texts.append(text[1])
        return b'<c r="%s" t="s"><v>%d</v></c>' % (text[0].split(b'"')[1], texts.index(text[1]))

    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            body = source.read(name)
            if name.endswith("sheet1.xml"):
                body = re.sub(rb'<c r="[A-Z0-9]+" t="inlineStr"><is><t>(.*?)</t></is></c>', share, body)
            if name != "xl/sharedStrings.xml":
                archive.writestr(name, body)
        items = b"".join(b"<si><t>%s</t></si>" % text for text in texts)
        archive.writestr(
            "xl/sharedStrings.xml",
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>' % items,
        )
    return target.getvalue()


@pytest.mark.parametrize("written", [bytes, shared_texts])
def test_a_workbook_loses_rows_and_the_texts_that_only_they_had(written: Any) -> None:
    workbook: Any = openpyxl.Workbook()
    for row in (("id", "name"), ("k1", "Ada"), ("k2", "Bo"), ("k3", "Ada")):
        workbook.active.append(row)
    sink = io.BytesIO()
    workbook.save(sink)
    changed, removed, remaining = rewrite_excel(written(sink.getvalue()), "", 1, {3})
    assert (removed, remaining) == (1, 2)
    with zipfile.ZipFile(io.BytesIO(changed)) as archive:
        bodies = [archive.read(name) for name in archive.namelist()]
    assert not any(text in body for body in bodies for text in (b">Bo<", b">k2<"))
    assert any(b">Ada<" in body for body in bodies)


def test_a_text_counts_where_it_stands_by_itself() -> None:
    search = TextSearch((("A1", "x"), ("B2", "y")))
    assert search.finds("1,A1,x")
    assert search.finds('{"k": "B2", "v": "y"}')
    assert not search.finds("1,A1,y")
    assert not search.finds("1,A12,x")
    assert TextSearch((('a"b',), ("ä/ö",))).finds('1,"a""b"')
    assert TextSearch((("ä",),)).finds('{"k": "\\u00e4"}')
