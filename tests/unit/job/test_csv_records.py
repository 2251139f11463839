"""The records that Python reads of a CSV: the same whatever the stream's pieces, each with the number of its first line."""

import csv
import io
import random
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ResponseStreamingError

from etl.contract.dialect import Dialect
from etl.sources import csv_reader, csv_records
from etl.sources.csv_records import iterate_records, open_lines
from etl.sources.preflight import FilePreflight
from etl.storage.byte_streams import ChunkReader
from etl.storage.object_streams import MAX_INTERRUPTIONS, ObjectStreams
from etl.storage.raw_objects import RawObject
from tests.csv_contracts import csv_contract

MANY = Dialect(multi_line=True)


def read_records(data: bytes, dialect: Dialect, columns: int | None = None, size: int = 3) -> list[tuple[Any, ...]]:
    """Return the records of bytes that come in small pieces."""
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    stream: Any = io.BufferedReader(ChunkReader(pieces), 4096)
    return [tuple(record) for record in iterate_records(open_lines(stream, dialect.encoding), dialect, columns)]


def test_files_of_pythons_writer_come_back_as_they_were_written() -> None:
    chance = random.Random(3)
    # Where lines end with a line feed alone, Python's writer quotes no carriage return.
    for end, characters in (("\n", 'a,"\n é'), ("\r\n", 'a,"\n\r é')):
        rows = [["".join(chance.choices(characters, k=chance.randint(0, 6))) for _ in range(3)] for _ in range(2000)]
        file = io.StringIO(newline="")
        csv.writer(file, lineterminator=end).writerows([["a", "b", "c"], *rows])
        records = read_records(file.getvalue().encode(), MANY, size=1000)
        assert [record[2] for record in records[1:]] == rows
        lines = io.StringIO(file.getvalue(), newline="").readlines()
        assert all("".join(lines[number - 1 :]).startswith(text) for number, text, _ in records[:200])


CASES: list[tuple[bytes, Dialect, list[tuple[Any, ...]]]] = [
    (b'a,b\n\n1,"x\ny"\r\n2,z', MANY, [(1, "a,b", ["a", "b"]), (3, '1,"x\ny"', ["1", "x\ny"]), (5, "2,z", ["2", "z"])]),
    (b'a,b\n1,"x\n2,y\n', MANY, [(1, "a,b", ["a", "b"]), (2, '1,"x\n2,y', None)]),
    (b'a,b\n1,"x\n2,y"z\n3,c\n', MANY, [(1, "a,b", ["a", "b"]), (2, '1,"x\n2,y"z', None), (4, "3,c", ["3", "c"])]),
    (b'a\n1,"x\n2",3,"y\nz"\n', MANY, [(1, "a", ["a"]), (2, '1,"x\n2",3,"y\nz"', ["1", "x\n2", "3", "y\nz"])]),
    (
        b"#x\n-\na,b\n#y\n1,2\nsum,\n\n",
        Dialect(comment="#", skip_rows=2, skip_footer=1),
        [(3, "a,b", ["a", "b"]), (5, "1,2", ["1", "2"])],
    ),
    (b"a\n\n1\n", Dialect(), [(1, "a", ["a"]), (2, "", [""]), (3, "1", ["1"])]),
    (b"\xff\xfea\x00,\x00\n\x00", Dialect(encoding="utf-16"), [(1, "a,", ["a", ""])]),  # pyright: ignore[reportArgumentType]
    (b"a\x00\n\x00", Dialect(encoding="utf-16"), [(1, "a", ["a"])]),  # pyright: ignore[reportArgumentType]
    (b"\x00a\x00\n", Dialect(encoding="utf-16"), [(1, "a", ["a"])]),  # pyright: ignore[reportArgumentType]
    (b"\xef\xbb\xbfa\n", Dialect(), [(1, "a", ["a"])]),
]


@pytest.mark.parametrize(("data", "dialect", "records"), CASES)
def test_records_have_the_number_of_their_first_line(
    data: bytes, dialect: Dialect, records: list[tuple[Any, ...]]
) -> None:
    assert read_records(data, dialect) == records


def test_a_quote_that_never_closes_takes_no_more_memory_than_a_record_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "MAX_RECORD_CHARACTERS", 10_000)
    tracemalloc.start()
    try:
        lines = ('1,"x\n' if number == 0 else "2,y\n" for number in range(100_000))
        [(number, text, fields)] = iterate_records(lines, Dialect(multi_line=True, header=False))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (number, fields, len(text) <= 10_000) == (1, None, True)
    assert peak < 1 << 20


class BreakingBody:
    """The body of an answer that breaks off after some bytes."""

    def __init__(self, data: bytes, after: int) -> None:
        self.data, self.after = data, after

    def iter_chunks(self, _size: int) -> Iterator[bytes]:
        yield self.data[: self.after]
        if len(self.data) > self.after:
            raise ResponseStreamingError(error="reset")


class BreakingS3:
    """A stand-in for S3 whose answers break off; `after` bytes of each come."""

    def __init__(self, data: bytes, after: int) -> None:
        self.data, self.after = data, after

    def get_object(self, *, Range: str, **_: str) -> dict[str, Any]:
        first, last = map(int, Range.removeprefix("bytes=").split("-"))
        return {"Body": BreakingBody(self.data[first : last + 1], self.after)}


def test_a_stream_that_breaks_off_goes_on_where_it_was_and_not_for_ever() -> None:
    data = bytes(range(100))
    raw_object = RawObject("k", "v", len(data))
    assert b"".join(ObjectStreams.from_client(BreakingS3(data, 30), "b").chunks(raw_object)) == data
    pieces: list[bytes] = []
    with pytest.raises(ResponseStreamingError):
        pieces.extend(ObjectStreams.from_client(BreakingS3(data, 3), "b").chunks(raw_object))
    assert MAX_INTERRUPTIONS == 5
    with pytest.raises(OSError, match="100 of 101 bytes"):
        list(ObjectStreams.from_client(BreakingS3(data, 200), "b").chunks(RawObject("k", "v", 101)))


def test_a_record_is_found_again_by_its_text_in_a_file_that_is_read_whole() -> None:
    data = b'a,b\n1,"x\ny"\n2,"x\nz"\n'
    contract = csv_contract(["a", "b"], dialect={"multi_line": True})
    look = FilePreflight(RawObject("k.csv", "v", len(data)), layout=("a", "b"))
    streams = ObjectStreams.from_client(BreakingS3(data, 200), "b")
    assert csv_reader.find_record_number(streams, look, contract, '2,"x\nz"') == 4
    assert csv_reader.find_record_number(streams, look, contract, "3") is None
