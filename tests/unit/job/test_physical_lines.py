"""The number of a line in an object, whatever it is packed with and wherever a chunk ends."""

import bz2
import gzip
import tracemalloc

import pytest

from etl.sources.compression import codec_of, decompress_stream
from etl.sources.physical_lines import mark_of_line, match_line_numbers


def split_chunks(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


def numbers_of(body: bytes, line: bytes, size: int = 1 << 20, most: int = 5, key: str = "a.csv") -> list[int]:
    codec = codec_of(key)
    pieces = decompress_stream(split_chunks(body, size), codec) if codec else split_chunks(body, size)
    return match_line_numbers(pieces, {mark_of_line(line): most})[mark_of_line(line)]


BODIES = {
    "a line feed": (b"h\nx\n\nbad\ny\nbad", [4, 6]),
    "a return and a line feed": (b"h\r\nx\r\n\r\nbad\r\ny\r\nbad\r\n", [4, 6]),
    "a return": (b"h\rx\r\rbad\ry\rbad\r", [4, 6]),
    "a byte order mark": (b"\xef\xbb\xbfbad\nx\nbad\n", [1, 3]),
    "no text": (b"h\nb\xffad\nbad\n", [3]),
    "what is no line end": ("h\n\u0085\u2028\x0b\x0c\x1c\nbad\n".encode(), [3]),
}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 20])
@pytest.mark.parametrize("case", BODIES)
def test_rows_count_from_one_by_physical_lines_wherever_a_chunk_ends(case: str, size: int) -> None:
    body, expected = BODIES[case]
    assert numbers_of(body, b"bad", size) == expected


@pytest.mark.parametrize(("key", "pack"), [("a.csv.gz", gzip.compress), ("a.jsonl.bz2", bz2.compress)])
@pytest.mark.parametrize("size", [1, 9, 1 << 20])
def test_a_packed_object_is_counted_unpacked_over_all_its_members(key: str, pack: object, size: int) -> None:
    packed = pack(b"h\nx\n") + pack(b"\nbad\n")  # pyright: ignore[reportCallIssue]
    assert numbers_of(packed, b"bad", size, key=key) == [4]


def test_no_more_lines_are_found_than_are_wanted_nor_more_read() -> None:
    def endless_chunks() -> object:
        yield b"bad\nbad\n"
        yield b"bad\n"
        raise AssertionError("read on")

    assert match_line_numbers(endless_chunks(), {mark_of_line(b"bad"): 3})[mark_of_line(b"bad")] == [1, 2, 3]  # pyright: ignore[reportArgumentType]
    assert numbers_of(b"x\ny\n", b"bad") == []


def test_a_look_at_much_that_is_packed_into_little_takes_little_memory() -> None:
    chunks = split_chunks(gzip.compress(b"0" * (32 << 20)), 1 << 20)
    tracemalloc.start()
    try:
        assert match_line_numbers(decompress_stream(chunks, "gzip"), {mark_of_line(b"bad"): 1}) == {
            mark_of_line(b"bad"): []
        }
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_line_over_many_chunks_has_the_mark_of_the_whole() -> None:
    line = b"long" * 1000
    assert numbers_of(b"h\n" + line + b"\nx\n", line, size=64) == [2]
