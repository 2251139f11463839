"""CSV and JSON without some of their records."""

import codecs
import io
from collections.abc import Callable, Iterable, Set
from typing import IO

from etl.contract.dialect import Encoding
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.forget.line_rewrite import Drops, LineCounts, rewrite_lines
from etl.forget.row_finder import Place
from etl.sources.csv_records import iterate_records, open_lines
from etl.sources.json_records import iterate_record_spans
from etl.sources.physical_lines import mark_of_line

OpenChunks = Callable[[], Iterable[bytes]]
"""Returns an object's unpacked bytes, from their beginning each time."""


def rewrite_text(
    chunks: OpenChunks, contract: Contract, places: Set[Place], width: int, target: IO[bytes]
) -> LineCounts:
    """Write a CSV or JSON file's unpacked bytes without the rows at some places; return how many went and stayed.

    `width` is how many fields a record of a CSV has.

    Raises:
        ValueError: its bytes are no text that can be written again as it is.
    """
    if contract.has_lines:
        return rewrite_lines(chunks(), _encoding_of(contract), lambda _, text: mark_of_line(text) in places, target)
    numbers = {place + 1 for place in places if isinstance(place, int)}
    if contract.format is SourceFormat.JSONL:
        return _rewrite_json(b"".join(chunks()), contract.records, numbers, target)
    return _rewrite_records(chunks, contract, numbers, width, target)


def _encoding_of(contract: Contract) -> Encoding:
    return contract.dialect.encoding if contract.format is SourceFormat.CSV else Encoding.UTF_8


def _rewrite_records(
    chunks: OpenChunks, contract: Contract, numbers: Set[int], width: int, target: IO[bytes]
) -> LineCounts:
    """Write a CSV without the records that begin in some lines."""
    stream = io.BytesIO(b"".join(chunks()))
    lines: set[int] = set()
    count = kept = 0
    for record in iterate_records(open_lines(stream, contract.dialect.encoding), contract.dialect, width):
        if record.number in numbers:
            count += 1
            further = max(0, len([*io.StringIO(record.text, newline="")]) - 1)
            lines.update(range(record.number, record.number + further + 1))
        else:
            kept += 1
    drops: Drops = lambda number, _: number in lines  # noqa: E731
    rewrite_lines(chunks(), contract.dialect.encoding, drops, target)
    return LineCounts(count, kept)


def _rewrite_json(data: bytes, records: str, numbers: Set[int], target: IO[bytes]) -> LineCounts:
    """Write a JSON file without some records; a comma goes with each entry of a list."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    text = data[len(mark) :].decode()
    spans = [*iterate_record_spans(text, records)]
    target.write(mark)
    position = 0
    for start, end in _removed_spans(text, spans, numbers):
        target.write(text[position:start].encode())
        position = end
    target.write(text[position:].encode())
    dropped = len(numbers & {*range(1, len(spans) + 1)})
    return LineCounts(dropped, len(spans) - dropped)


def _removed_spans(text: str, spans: list[tuple[int, int]], numbers: Set[int]) -> list[tuple[int, int]]:
    """Return the stretches of a text that go: each record up to the next one, and of the last ones what stands before them."""
    removed: list[tuple[int, int]] = []
    kept_end: int | None = None
    for number, (start, end) in enumerate(spans, 1):
        if number not in numbers:
            kept_end = end
        elif number < len(spans):
            removed.append((start, spans[number][0]))
        else:
            removed.append((start if kept_end is None else kept_end, end))
    return _without_overlaps(removed)


def _without_overlaps(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join stretches that meet: where the last entries go, the stretch before them begins at the last that stays."""
    joined: list[tuple[int, int]] = []
    for first, end in spans:
        start = first
        while joined and joined[-1][1] >= start:
            start = min(start, joined.pop()[0])
        joined.append((start, end))
    return joined
