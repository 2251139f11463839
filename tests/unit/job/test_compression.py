"""Compression and encoding are told by bytes: each packing as its own tool writes it, under each name, and as bare text."""

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from etl.sources import compression, object_verification, preflight
from etl.sources.compression import (
    BrokenStream,
    TruncatedStream,
    codec_of,
    compression_fault,
    decompress_stream,
    ends_complete_stream,
    packing_of,
)
from etl.sources.encodings import wide_encoding_of
from etl.storage.raw_objects import RawObject
from sluice.contracts.backtest.files import (
    DISK,
    _LocalClient,  # pyright: ignore[reportPrivateUsage]
    list_objects,
)
from tests.csv_contracts import csv_contract
from tests.spark.lake import GOOD, csv_bytes

TEXT = csv_bytes(*(GOOD.replace("TXN001", f"TXN{number}") for number in range(30)))


def stream_packer(codec: str) -> Callable[[bytes], bytes]:
    def pack_stream(text: bytes) -> bytes:
        sink = io.BytesIO()
        with pa.CompressedOutputStream(sink, codec) as stream:
            stream.write(text)
            stream.flush()
            return sink.getvalue() if codec == "snappy" else _close_stream(stream, sink)

    return pack_stream


def _close_stream(stream: Any, sink: io.BytesIO) -> bytes:
    get_value = sink.getvalue
    sink.close = lambda: None  # pyright: ignore[reportAttributeAccessIssue]
    stream.close()
    return get_value()


def raw_snappy(text: bytes) -> bytes:
    return pa.compress(text, "snappy", asbytes=True)


def hadoop_framed(text: bytes) -> bytes:
    """Return text as Hadoop's snappy and lz4 codecs frame it: its length, that of a chunk, and the chunk."""
    packed = raw_snappy(text)
    return len(text).to_bytes(4) + len(packed).to_bytes(4) + packed


def zip_packed(text: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("day.csv", text)
    return sink.getvalue()


def tar_packed(text: bytes) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        member = tarfile.TarInfo("day.csv")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return sink.getvalue()


def columnar_packer(module: Any) -> Callable[[bytes], bytes]:
    def write_columnar(text: bytes) -> bytes:
        sink = io.BytesIO()
        module.write_table(pa.table({"line": text.decode().splitlines()}), sink)
        return sink.getvalue()

    return write_columnar


PACKINGS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "gzip": (gzip.compress, "gzip"),
    "bzip2": (bz2.compress, "bzip2"),
    "zstd": (stream_packer("zstd"), "zstd"),
    "lz4": (stream_packer("lz4"), "lz4"),
    "snappy, framed": (lambda text: b"\xff\x06\x00\x00sNaPpY\x01" + raw_snappy(text), "snappy"),
    "snappy, Hadoop's": (hadoop_framed, "binary data"),
    "snappy, bare": (raw_snappy, "binary data"),
    "zlib": (zlib.compress, "deflate"),
    "deflate, bare": (lambda text: zlib.compress(text)[2:-4], "binary data"),
    "xz": (lzma.compress, "xz"),
    "lzma": (lambda text: lzma.compress(text, lzma.FORMAT_ALONE), "lzma"),
    "zip": (zip_packed, "zip"),
    "an empty zip": (lambda _: b"PK\x05\x06" + bytes(18), "zip"),
    "tar": (tar_packed, "tar"),
    "7z": (lambda text: b"7z\xbc\xaf\x27\x1c\x00\x04" + text, "7z"),
    "parquet": (columnar_packer(parquet), "parquet"),
    "orc": (columnar_packer(orc), "orc"),
    "avro": (lambda _: b"Obj\x01\x04\x14avro.codec\x08null\x00", "avro"),
    "xls": (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "xls"),
}


@pytest.mark.parametrize("name", PACKINGS)
def test_a_packing_is_told_by_its_bytes_under_any_name_but_its_own(name: str) -> None:
    pack, label = PACKINGS[name]
    packed = pack(TEXT)
    assert str(packing_of(packed)).startswith(label)
    ends = ("", ".csv", ".gz", ".GZ", ".bz2", ".Bz2", ".zst", ".snappy", ".lz4", ".deflate", ".zip")
    ending = compression.READ_EXTENSIONS.get(name)
    refused = {end: compression_fault(f"trades/day{end}", packed) for end in ends}
    assert [end for end, why in refused.items() if not why] == ([ending] if ending else [])
    assert {label in why for end, why in refused.items() if end != ending} == {True}


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        b"",
        b"a",
        b"PAR1,ORC,BZh9\n1,2,3\n",
        b"ORC;Gr\xf6\xdfe\n",
        b"PAR1;Gr\xf6\xdfe\n",
        b"x^2,y\n",
        b"Rar!,a\n",
        "\ufeffä,日,😀\n".encode(),
        "a,é".encode()[:-1],
        b"a,b\n1,\x00\n" + b"1,2\n" * 9,
        b"Gr\xf6\xdfe,Stra\xdfe\n" * 40,
    ],
)
def test_text_is_text_whatever_it_begins_with(text: bytes) -> None:
    assert (packing_of(text), wide_encoding_of(text), compression_fault("trades/day.csv", text)) == (None, None, "")


def test_text_under_a_name_that_spark_would_unpack_is_refused_in_any_case() -> None:
    for end in (*compression.CODEC_BY_EXTENSION, *(end.upper() for end in compression.CODEC_BY_EXTENSION)):
        assert compression_fault(f"trades/day.csv{end}", TEXT).endswith(
            f"though its name ends in {end}; rename it to day.csv"
        )
        assert codec_of(f"trades/day.csv{end}")
    assert [compression_fault(f"trades/day.{end}", TEXT) for end in ("csv", "gzip", "zip", "xz", "gz.csv", "txt")] == [
        ""
    ] * 6


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [TEXT.decode(), "имя,город\nАда,Лондон\n", '{"name": "日本語"}\n', "a\n"])
def test_a_wide_encoding_is_told_with_its_mark_and_without(encoding: str, text: str) -> None:
    assert wide_encoding_of(text.encode(encoding)) == encoding[:6].upper()
    marked = {"-le": "\ufeff", "-be": "\ufeff"}.get(encoding[6:], "") + text
    assert wide_encoding_of(marked.encode(encoding)) == encoding[:6].upper()


@pytest.mark.parametrize("packing", ["gzip", "bzip2"])
def test_the_encoding_of_a_packed_file_is_that_of_what_it_holds(packing: str, tmp_path: Path) -> None:
    path = tmp_path / f"day.csv.{'gz' if packing == 'gzip' else 'bz2'}"
    path.write_bytes(PACKINGS[packing][0]("id,amount\n1,é\n".encode("utf-16")))
    [raw_object] = list_objects([path])
    contracts = [csv_contract(["id", "amount"], dialect={"encoding": encoding}) for encoding in ("utf-16", "utf-8")]
    looks = [preflight.preflight_object(_LocalClient(), DISK, raw_object, contract) for contract in contracts]
    assert [look.fault for look in looks] == [None, "encoding"]


@pytest.mark.parametrize("packing", ["gzip", "bzip2"])
def test_streams_one_behind_the_other_are_unpacked_and_a_cut_or_broken_one_is_told(packing: str) -> None:
    pack = PACKINGS[packing][0]
    two = pack(TEXT[:500]) + pack(b"") + pack(TEXT[500:])
    for size in (1, 7, len(two)):
        pieces = [two[start : start + size] for start in range(0, len(two), size)]
        assert b"".join(decompress_stream(pieces, packing)) == TEXT
    for cut in (two[:-1], two[:-9], two[: len(two) // 2], two[:3]):
        with pytest.raises(TruncatedStream):
            list(decompress_stream([cut], packing))
    for broken in (two + b"rubbish", two[:-20] + bytes(20)):
        with pytest.raises(BrokenStream):
            list(decompress_stream([broken], packing))


def test_the_end_of_a_bzip2_is_told_from_its_last_bytes_at_every_bit() -> None:
    shifts = [bz2.compress(TEXT[:length]) for length in range(200)]
    assert all(ends_complete_stream(packed[-compression.STREAM_TAIL_BYTES :]) for packed in shifts)
    assert not any(
        ends_complete_stream(packed[:-cut][-compression.STREAM_TAIL_BYTES :])
        for packed in shifts
        for cut in range(1, 12)
    )
    assert not any(
        ends_complete_stream((packed + behind)[-compression.STREAM_TAIL_BYTES :])
        for packed in shifts
        for behind in (b"\0", b"BZh9")
    )


@pytest.fixture
def bomb(request: pytest.FixtureRequest, tmp_path: Any) -> RawObject:
    """One file that unpacks to 60 MB of a single line."""
    packing = request.param
    path = tmp_path / f"day.csv{compression.READ_EXTENSIONS[packing]}"
    opened: Any = (gzip if packing == "gzip" else bz2).open(path, "wb")
    with opened as file:
        file.write(TEXT)
        for _ in range(6):
            file.write(b"9" * 10_000_000)
    return RawObject(str(path).removeprefix("/"), "file", path.stat().st_size)


@pytest.mark.parametrize(
    "bomb", ["gzip", pytest.param("bzip2", marks=pytest.mark.long)], indirect=True, ids=["gzip", "bzip2"]
)
def test_every_look_at_what_unpacks_to_very_much_takes_constant_memory(bomb: RawObject) -> None:
    contract = csv_contract(TEXT.decode().splitlines()[0].split(","))
    tracemalloc.start()
    try:
        looked = preflight.preflight_object(_LocalClient(), DISK, bomb, contract)
        assert (looked.fault, looked.lead) == (None, (",".join(contract.names),))
        assert object_verification.verify_stream(_LocalClient(), DISK, looked) == looked
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
