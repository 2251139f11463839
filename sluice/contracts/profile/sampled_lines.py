"""The lines of a text file, and of a large one those of a sample: its first and last ones, and some of all parts."""

import sys
from collections import deque
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import TextIO, cast

from etl.contract.dialect import Encoding
from etl.sources.compression import codec_of
from etl.sources.csv_records import open_lines
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.sample_bytes import SAMPLE_BYTES, open_bytes

LARGE_BYTES = 1 << 30  # from which on a file is sampled
HEAD_LINES, TAIL_LINES = 2000, 10  # that a sample has whole: how a file is written, and what follows its records
LONGEST_LINE = 16 << 20  # characters
STEP_BYTES = 256 << 20  # read between two lines of progress


def is_sampled(path: Path) -> bool:
    """Say whether a file is too large to be read whole."""
    return path.stat().st_size > LARGE_BYTES


def sampled_lines(path: Path, encoding: Encoding, *, every: bool = True) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers and ends; of a large one a sample.

    Args:
        path: the file; of a packed one the first lines are the sample.
        encoding: of its text.
        every: whether a sample may leave lines out; where records have several it is the first ones.

    Raises:
        WrongUse: a line is too long to be a row.
    """
    with open_bytes(path) as stream:
        lines = _numbered(cast(TextIO, open_lines(stream, encoding)), path)
        if codec_of(path.name):
            yield from _first_lines(lines)
        elif not is_sampled(path):
            yield from lines
        elif every:
            yield from _thinned(lines, path.stat().st_size)
        else:
            yield from _first_lines(lines)


def read_text(path: Path, encoding: Encoding, characters: int) -> str:
    """Return the first characters of a file."""
    with open_bytes(path) as stream:
        return cast(TextIO, open_lines(stream, encoding)).read(characters)


def _numbered(file: TextIO, path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise WrongUse(f"line {number} of {path} has more than {LONGEST_LINE:,} characters, and a line is a row")
        yield number, line


def _first_lines(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    size = 0
    for number, line in lines:
        size += len(line)
        if size > SAMPLE_BYTES:
            return
        yield number, line


def _thinned(lines: Iterator[tuple[int, str]], size: int) -> Iterator[tuple[int, str]]:
    """Yield the first and the last lines, and one of several between."""
    interval = ceil(size / SAMPLE_BYTES)
    tail: deque[tuple[int, str]] = deque()
    seen = reported = 0
    for number, line in lines:
        seen += len(line)
        if seen - reported > STEP_BYTES:
            reported = seen
            print(f"sampling: {seen >> 20:,} of about {size >> 20:,} MB read", file=sys.stderr)
        tail.append((number, line))
        if len(tail) > TAIL_LINES:
            earlier = tail.popleft()
            if earlier[0] <= HEAD_LINES or earlier[0] % interval == 0:
                yield earlier
    yield from tail
