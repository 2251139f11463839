"""Files with broken lines whose contract sets these aside, and a contract that is mended for some of them."""

import gzip
import json
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from tests.made_files.csv_files import CsvParts, csv_parts, is_writable
from tests.made_files.json_files import JsonParts, json_parts
from tests.made_files.made_file import Declared, MadeFile

LEVELS = {"structure": {"row": "warning", "text": "warning", "cast": "warning"}, "max_quarantined": 1}
MARKER = "??"
NO_BYTE, LOST = (
    "\udcff",
    "\ufffd",
)  # a byte of no character, as Python's error handler has it; what the quarantine shows


@dataclass(frozen=True)
class BrokenFile:
    """A file with lines that go aside.

    Attributes:
        file: with the rows of the lines that hold.
        mendable: by the text of each line that goes aside until the contract is mended, the last part of the rule's id.
        broken: the same of lines that stay aside.
        mended: what replaces the file's columns and meta when its contract is mended.
        replayed: the rows that a replay then publishes.
    """

    file: MadeFile
    mendable: dict[str, str]
    broken: dict[str, str]
    mended: tuple[list[Declared], dict[str, Any]]
    replayed: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def mended_file(self) -> MadeFile:
        """The file with the mended contract."""
        columns, meta = self.mended
        return replace(self.file, columns=columns, meta=meta)


def _marked(columns: list[Declared], place: int) -> list[Declared]:
    """Return columns of which one takes MARKER for no value."""
    nulls = [*columns[place].get("null_values", []), MARKER]
    return [column | ({"null_values": nulls} if index == place else {}) for index, column in enumerate(columns)]


def _some_lines(draw: st.DrawFn, count: int) -> set[int]:
    """Return the numbers of some of so many lines: the last is never among them, since a run must have a row."""
    return draw(st.sets(st.integers(0, count - 2))) if count > 1 else set()


def _typed_places(file: MadeFile) -> list[int]:
    return [
        place
        for place, column in enumerate(file.columns)
        if column.get("source") not in ("", "\\")
        and file.published.get(column["name"], column["type"]) != "string"
        and not column["type"].startswith(("array", "struct"))
        and place
    ]


@st.composite
def broken_csv(draw: st.DrawFn) -> BrokenFile:
    """Make a CSV of which some lines go aside."""
    parts = draw(csv_parts())
    writing, file = parts.writing, parts.file
    place, marked = draw(st.sampled_from(_typed_places(file))), _some_lines(draw, len(parts.lines))
    lines = [
        [
            MARKER if index in marked and column == place else text
            for column, text in zip(parts.order, line, strict=False)
        ]
        + line[len(parts.order) :]
        for index, line in enumerate(parts.lines)
    ]
    texts = [writing.text_of([line]) for line in lines]
    mendable = {texts[index].removesuffix(writing.line_end): f"cast.c{place}" for index in marked}
    broken = _broken_lines(draw, parts)
    texts = draw(st.permutations([*texts, *(f"{text}{writing.line_end}" for text in broken)]))
    content = writing.packed(_encoded(parts, writing.text_of(parts.head) + "".join(texts)))
    meta = file.meta | LEVELS
    rows = [row for index, row in enumerate(file.rows) if index not in marked]
    replayed = [
        tuple(None if column == place else value for column, value in enumerate(file.rows[index])) for index in marked
    ]
    written = replace(file, content=content, rows=rows, meta=meta, recipe=f"{[*parts.head, *texts]!r}"[:900])
    shown = {text.replace(NO_BYTE, LOST): rule for text, rule in broken.items()}
    return BrokenFile(written, mendable, shown, (_marked(file.columns, place), meta), replayed)


def _encoded(parts: CsvParts, text: str) -> bytes:
    writing = parts.writing
    lead, tail = ("".join(f"{line}{writing.line_end}" for line in lines) for lines in (writing.lead, writing.tail))
    return f"{lead}{text}{tail}".encode(
        writing.codec, "surrogateescape" if writing.codec.startswith("utf-8") else "strict"
    )


def _broken_lines(draw: st.DrawFn, parts: CsvParts) -> dict[str, str]:
    """Return lines that no contract could mend, with what they break."""
    writing, width = parts.writing, len(parts.lines[0])
    text_place, key_place = parts.order.index(1), parts.order.index(0)
    fields = ["x" if place == text_place else "" for place in range(width)]

    def line(number: int, *more: str, **changes: str) -> str:
        values = [changes.get("text", text) if place == text_place else text for place, text in enumerate(fields)]
        values[key_place] = f"{number}"
        kept = [*values, *more][: width + len(more) - (1 if "cut" in changes else 0)]
        return writing.text_of([kept]).removesuffix(writing.line_end)

    kinds = {
        "cut": (line(900, cut=""), "row"),
        "more": (line(901, "more", "more"), "row"),
        "control": (line(902, text="a\x02"), "text"),
    }
    if "extra_columns" in parts.file.meta:
        del kinds["more"]
    if writing.codec.startswith("utf-8") and is_writable("a", writing):
        kinds["byte"] = (line(903, text=f"a{NO_BYTE}b"), "text")
    chosen = draw(st.sets(st.sampled_from([*kinds]), max_size=3))
    return dict(kinds[name] for name in sorted(chosen))


@st.composite
def broken_json(draw: st.DrawFn) -> BrokenFile:
    """Make JSON of which some records go aside."""
    parts = draw(json_parts().filter(lambda parts: bool(_typed_places(parts.file))))
    file = parts.file
    place = draw(st.sampled_from(_typed_places(file)))
    marked = _some_lines(draw, len(parts.records))
    unknown = set[int]() if "extra_columns" in file.meta else _some_lines(draw, len(parts.records))
    mendable: dict[str, str] = {}
    records: list[str] = []
    for index, record in enumerate(parts.records):
        text = record
        if index in marked:
            text = _with_marker(text, file.columns[place])
        if index in unknown:
            text = text[:1] + '"new": {"a": [1]}, ' + text[1:]
        records.append(text)
        if index in marked | unknown:
            mendable[text] = "row" if index in unknown else f"cast.c{place}"
    broken = _broken_records(draw, parts)
    text = parts.text_of(draw(st.permutations([*records, *broken])))
    meta = file.meta | LEVELS
    mended = _marked(file.columns, place), meta | ({"extra_columns": "ignore"} if unknown else {})
    rows = [row for index, row in enumerate(file.rows) if index not in marked | unknown]
    replayed = [
        tuple(None if column == place and index in marked else value for column, value in enumerate(file.rows[index]))
        for index in marked | unknown
    ]
    is_packed = draw(st.booleans())
    content = gzip.compress(text.encode()) if is_packed else text.encode()
    name = "day.jsonl.gz" if is_packed else "day.jsonl"
    written = replace(file, name=name, content=content, rows=rows, meta=meta, recipe=f"{text!r}"[:900])
    return BrokenFile(written, mendable, broken, mended, replayed)


def _with_marker(record: str, column: Declared) -> str:
    """Return a record with MARKER in a column, all else as it stands."""
    name = column.get("source", column["name"])
    keys = [json.dumps(name, ensure_ascii=is_ascii) for is_ascii in (True, False)]
    key = next((key for key in keys if key in record), None)
    if key is None:
        return f"{{{keys[0]}:{json.dumps(MARKER)},{record[1:]}"
    position = record.index(":", record.index(key) + len(key)) + 1
    while record[position] in " \t\n\r":
        position += 1
    _, end = json.JSONDecoder().raw_decode(record, position)
    return f"{record[:position]}{json.dumps(MARKER)}{record[end:]}"


def _broken_records(draw: st.DrawFn, parts: JsonParts) -> dict[str, str]:
    """Return records that no contract could mend, with what they break."""
    kinds = {
        '{"c0": 900, "c1": "x", "c1": "y"}': "row",
        '{"c0": 901, "c1": "a\\u0002"}': "text",
        '{"c0": 902, "c1": "\\ud83d"}': "text",
        '{"c0": 903, "c1": {"a": "b"}}': "row",
    }
    if parts.form == "lines":
        kinds |= {'{"c0": 904, "c1": "x"': "row", '{"c0": 905} {"c0": 906}': "row", "x": "row"}
    return {text: kinds[text] for text in sorted(draw(st.sets(st.sampled_from(sorted(kinds)), max_size=4)))}
