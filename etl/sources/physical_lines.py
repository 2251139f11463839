"""The numbers of lines in an object that is read once more, in memory that does not grow with it, nor with a line.

Lines end where Spark's text reader ends them: at a line feed, a carriage return, or both (Hadoop, LineReader).
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import md5
from typing import Any

from etl.contract.dialect import Encoding
from etl.sources.compression import codec_of, decompress_stream
from etl.sources.encodings import decode_text

CHUNK_BYTES = 1 << 20  # bytes
BOM = b"\xef\xbb\xbf"


def mark_of_line(line: bytes) -> str:
    """Return what a line is known by: its length, which is cheap to compare, and the MD5 of its bytes."""
    return f"{len(line)}:{md5(line, usedforsecurity=False).hexdigest()}"


def find_line_numbers(
    s3: Any, bucket: str, raw_object: tuple[str, str], mark_counts: Mapping[str, int], encoding: Encoding
) -> Mapping[str, list[int]]:
    """Return the numbers, from 1, of the lines of an object that have one of the marks: of each as many as its count.

    Args:
        s3: S3's client.
        bucket: the bucket of the object.
        raw_object: its key and version.
        mark_counts: by mark, how many lines are looked for.
        encoding: the object's; a mark is one of the line in UTF-8.

    Raises:
        ClientError: the version is not there any more.
        Unsound: what is packed is broken.
    """
    key, version = raw_object
    pieces = s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].iter_chunks(CHUNK_BYTES)
    codec = codec_of(key)
    chunks = decompress_stream(pieces, codec) if codec else pieces
    if encoding.is_single_byte:
        chunks = (decode_text(chunk, encoding).encode() for chunk in chunks)
    return match_line_numbers(chunks, mark_counts)


def match_line_numbers(chunks: Iterable[bytes], mark_counts: Mapping[str, int]) -> Mapping[str, list[int]]:
    """Return the numbers of the lines that have one of the marks; reads no further than the last that is counted."""
    line_numbers: dict[str, list[int]] = {line_mark: [] for line_mark in mark_counts}
    lengths = {int(line_mark.partition(":")[0]) for line_mark in mark_counts}
    missing = sum(mark_counts.values())
    for number, line in enumerate(_iterate_lines(chunks), 1):
        if line.length in lengths and len(line_numbers.get(line.mark, ())) < mark_counts.get(line.mark, 0):
            line_numbers[line.mark].append(number)
            missing -= 1
        if not missing:
            break
    return line_numbers


class _Line:
    """A line of which only the last piece is kept: one that is all in one chunk is not hashed unless it is asked for."""

    def __init__(self) -> None:
        self.length, self._piece, self._hash = 0, b"", None

    def add_piece(self, piece: bytes) -> None:
        if self.length:
            self._hash = self._hash or md5(self._piece, usedforsecurity=False)
            self._hash.update(piece)
        self._piece = piece
        self.length += len(piece)

    @property
    def mark(self) -> str:
        return f"{self.length}:{self._hash.hexdigest()}" if self._hash else mark_of_line(self._piece)


def _iterate_lines(chunks: Iterable[bytes]) -> Iterator[_Line]:
    """Yield each line; what follows the last line end is one only where it has a byte."""
    line, returned = _Line(), False
    for chunk in _without_bom(chunks):
        pieces = chunk.splitlines(keepends=True)
        if returned and pieces and pieces[0] == b"\n":  # the second half of a line end
            del pieces[0]
        returned = chunk.endswith(b"\r") if chunk else returned
        for piece in pieces:
            text = piece.rstrip(b"\r\n")
            line.add_piece(text)
            if len(text) < len(piece):
                yield line
                line = _Line()
    if line.length:
        yield line


def _without_bom(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks without a byte order mark, which Spark's reader leaves out too."""
    start = b""
    remaining_chunks = iter(chunks)
    while len(start) < len(BOM) and (chunk := next(remaining_chunks, None)) is not None:
        start += chunk
    yield start.removeprefix(BOM)
    yield from remaining_chunks
