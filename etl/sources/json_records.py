"""The records of a JSON file that are not one a line: each as the text that stands in the file, found by Python's own parser.

What a record must be is proven of its text, as of a line (`json_reader.py`): here only its ends are told. What the parser
makes of a record is never used.
"""

import io
import json
import re
from collections.abc import Generator, Iterator
from typing import BinaryIO, NamedTuple, assert_never

from etl.contract.record_form import RecordForm, path_names, record_form
from etl.contract.structure_rules import StructureRule

MAX_HELD_BYTES = 256 << 20
"""Bytes of an array, or of an object with a list, unpacked: a task holds one whole."""
CHUNK_CHARACTERS = 1 << 20
SPACES = " \t\r\n"
LINE = re.compile(r"[^\r\n]+")
# Numbers stay texts, since Python refuses to read the longest.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)


Span = tuple[int, int]
"""Where a record begins in a text, and where it ends."""


class BrokenRecords(Exception):
    """A file whose records cannot be told; `rule` is the one that it breaks."""

    def __init__(self, rule: StructureRule, why: str) -> None:
        super().__init__(why)
        self.rule, self.why = rule, why

    def __reduce__(self) -> tuple[type["BrokenRecords"], tuple[StructureRule, str]]:
        """Let it go from a worker to the driver."""
        return BrokenRecords, (self.rule, self.why)


class JsonRecord(NamedTuple):
    """A record: its number, from 1, and its text as it stands in the file."""

    number: int
    text: str


def iterate_json_records(stream: BinaryIO, records: str) -> Iterator[JsonRecord]:
    """Yield the records of a file's unpacked bytes, which stand in it as `records` (`meta.records`) says.

    Raises:
        BrokenRecords: where one ends cannot be told, something follows the last, or the file is too large.
    """
    return (
        JsonRecord(number, text)
        for number, text in enumerate(_texts(stream, record_form(records), path_names(records)), 1)
    )


def iterate_record_spans(text: str, records: str) -> Iterator[Span]:
    """Yield where each record of a whole text begins and ends, as `iterate_json_records` tells them.

    Raises:
        BrokenRecords: where one ends cannot be told, or something follows the last.
    """
    form = record_form(records)
    match form:
        case RecordForm.LINES:
            return (line.span() for line in LINE.finditer(text) if line[0].strip(SPACES))
        case RecordForm.OBJECTS:
            return _object_spans(text)
        case RecordForm.ARRAY:
            return _whole_spans(text, ())
        case RecordForm.PATH:
            return _whole_spans(text, path_names(records))
        case _:
            assert_never(form)


def _object_spans(text: str) -> Iterator[Span]:
    position = _skip_spaces(text, 0)
    while position < len(text):
        end = _expect_value(text, position)
        yield position, end
        position = _skip_spaces(text, end)


def _texts(stream: BinaryIO, form: RecordForm, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts of records; `names` is the path to the list, of that form."""
    match form:
        case RecordForm.LINES:
            return (line for line in _open_text(stream) if line.strip())
        case RecordForm.OBJECTS:
            return _split_objects(_open_text(stream))
        case RecordForm.ARRAY:
            return _split_whole(_read_bounded(stream), ())
        case RecordForm.PATH:
            return _split_whole(_read_bounded(stream), names)
        case _:
            assert_never(form)


def _open_text(stream: BinaryIO) -> io.TextIOWrapper:
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")


def _read_bounded(stream: BinaryIO) -> str:
    data = stream.read(MAX_HELD_BYTES + 1)
    if len(data) > MAX_HELD_BYTES:
        raise BrokenRecords(StructureRule.SIZE, describe_size())
    return data.decode("utf-8-sig", errors="replace")


def describe_size() -> str:
    """Say what a file is that is too large."""
    return f"more than {MAX_HELD_BYTES >> 20} MB unpacked"


def _split_objects(lines: io.TextIOWrapper) -> Iterator[str]:
    """Yield values that stand one after the other; holds the longest of them, and a chunk."""
    text, position, is_whole = "", 0, False
    while True:
        position = _skip_spaces(text, position)
        end = _value_end(text, position) if position < len(text) else None
        # What ends with the text may go on: a number, or the rest of what is cut off.
        if end is not None and (is_whole or end < len(text)):
            yield text[position:end]
            position = end
            continue
        if is_whole:
            if position < len(text):
                raise BrokenRecords(
                    StructureRule.FORMAT, f"its last {len(text) - position} characters are no value of JSON"
                )
            return
        if len(text) - position > MAX_HELD_BYTES:
            raise BrokenRecords(StructureRule.SIZE, f"a record is {describe_size()}, or never ends")
        chunk = lines.read(max(CHUNK_CHARACTERS, len(text) - position))
        is_whole = not chunk
        text, position = text[position:] + chunk, 0


def _split_whole(text: str, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts of `_whole_spans`."""
    return (text[start:end] for start, end in _whole_spans(text, names))


def _whole_spans(text: str, names: tuple[str, ...]) -> Iterator[Span]:
    """Yield where the entries stand of the list that a path leads to from the text's one value; () for an array itself."""
    end = _skip_spaces(text, (yield from _split_value(text, _skip_spaces(text, 0), names)))
    if end < len(text):
        raise BrokenRecords(
            StructureRule.FORMAT, f"its value ends before character {end + 1}, and something follows it"
        )


def _split_value(text: str, start: int, names: tuple[str, ...]) -> Generator[Span, None, int]:
    """Yield the entries of the list that a path leads to from the value at `start`; return where the value ends."""
    if names:
        return (yield from _split_member(text, start, names))
    position = _skip_spaces(text, _expect(text, start, "[") + 1)
    if text[position : position + 1] == "]":
        return position + 1
    while True:
        end = _expect_value(text, position)
        yield position, end
        position = _skip_spaces(text, end)
        if text[position : position + 1] != ",":
            return _expect(text, position, "]") + 1
        position = _skip_spaces(text, position + 1)


def _split_member(text: str, start: int, names: tuple[str, ...]) -> Generator[Span, None, int]:
    """Do so through the member of the object at `start` that has the path's first name, and has it once."""
    position, count = _skip_spaces(text, _expect(text, start, "{") + 1), 0
    while text[position : position + 1] != "}":
        name, end = _read_name(text, position)
        value = _skip_spaces(text, _expect(text, _skip_spaces(text, end), ":") + 1)
        count += name == names[0]
        if name != names[0]:
            end = _expect_value(text, value)
        elif count == 1:
            end = yield from _split_value(text, value, names[1:])
        else:
            break
        position = _skip_spaces(text, end)
        if text[position : position + 1] == ",":
            position = _skip_spaces(text, position + 1)
            _expect(text, position, '"')
        else:
            _expect(text, position, "}")
    if count != 1:
        raise BrokenRecords(
            StructureRule.FORMAT, f"an object has {names[0]!r} {count or 'not once'}{' times' * (count > 1)}"
        )
    return position + 1


def _read_name(text: str, start: int) -> tuple[str, int]:
    """Return the name of a member, and where it ends."""
    end = _expect_value(text, _expect(text, start, '"'))
    return _DECODER.decode(text[start:end]), end


def _value_end(text: str, start: int) -> int | None:
    """Return where the value ends that begins at `start`; None where no value does."""
    try:
        return _DECODER.raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return None


def _expect_value(text: str, start: int) -> int:
    end = _value_end(text, start)
    if end is None:
        raise BrokenRecords(StructureRule.FORMAT, f"what begins at character {start + 1} is no value of JSON")
    return end


def _expect(text: str, position: int, sign: str) -> int:
    """Return the position, where the sign stands."""
    if text[position : position + 1] != sign:
        raise BrokenRecords(StructureRule.FORMAT, f"there is no {sign} at character {position + 1}")
    return position


def _skip_spaces(text: str, position: int) -> int:
    while text[position : position + 1] and text[position] in SPACES:
        position += 1
    return position


def first_value_end(text: str) -> int | None:
    """Return where the first value of a text ends; None where it is none, or not whole."""
    return _value_end(text, _skip_spaces(text, 0))
