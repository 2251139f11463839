"""Files of JSON in every form of `meta.records`, their texts and names written by Python's own `json`."""

import gzip
import json
import re
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.made_files.csv_files import CHANCE
from tests.made_files.made_file import Declared, MadeFile
from tests.made_files.nested_columns import nested_columns
from tests.made_files.text_columns import TextColumn, declared_columns
from tests.made_files.texts import TYPED

ROWS = (12, 10, 12, 1)
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
LETTERS = "aZ09 _-/.,:\t\n\r'\"\\{}[]éß€日🎉\u00a0"
FORMS = ("lines", "objects", "array", "features", "data.items", "$.array")
ODD_TEXTS = ('{"a": 1}', "[1]", "null", "true", "007", '\\"', "\\u0041", "//", "1e5", "}{", "a\nb")
STRINGS = (st.text(st.sampled_from(LETTERS), max_size=8) | st.sampled_from(ODD_TEXTS)).map(lambda text: (text, text))
OTHERS = ("1", "null", '""', "[1, 2]", '{"a": [{}, {"b": "}"}], "a b": 1e5}', "[[], [[null]]]")
SOURCES = ("Größe", "a/b", 'said "so"', "x y", "日本🎉", "total.sum", "\\", "")
OTHER_KEYS = ('"other"', '"o\\"k"', r'"\n\u00e9\/"', '"größe"', '"🎉"')
MISSING = object()


@dataclass(frozen=True)
class JsonParts:
    """A JSON file before it is written.

    Attributes:
        form: as `meta.records` has it.
        records: the text of each.
        end: what ends a line.
        file: its contract and rows, without content.
    """

    form: str
    records: list[str]
    end: str
    file: MadeFile

    def text_of(self, records: list[str]) -> str:
        """Return records as a file of the form has them."""
        return _in_form(self.form, records, self.end)


@st.composite
def json_parts(draw: st.DrawFn) -> JsonParts:
    """Make JSON with its contract and its rows."""
    inner = draw(st.lists(nested_columns(), max_size=2)) if draw(st.booleans()) else []
    kinds = [
        TextColumn("int", st.nothing()),
        TextColumn("string", STRINGS),
        *draw(st.lists(TYPED, min_size=0 if inner else 2, max_size=3 if inner else 5)),
    ]
    kinds = [kinds[0], *(kind.with_nulls() if draw(CHANCE) else kind for kind in kinds[1:]), *inner]
    columns, published = declared_columns(draw, kinds)
    for column, source in zip(columns[2:], draw(st.permutations(SOURCES))[: draw(st.integers(0, 3))], strict=False):
        column["source"] = source
    meta: dict[str, Any] = {"format": "jsonl"}
    form = draw(st.sampled_from(FORMS))
    extra = draw(st.booleans())
    if form != "lines":
        meta["records"] = form
    if extra:
        meta["extra_columns"] = "ignore"
    is_ascii = draw(st.booleans())
    comma, colon, end = draw(st.sampled_from([(",", ":", "\n"), (", ", ": ", "\n"), (" ,\t", " : ", "\r\n")]))
    indent = draw(st.sampled_from(["", "\n  "])) if form != "lines" else ""
    records: list[str] = []
    rows: list[tuple[Any, ...]] = []
    for number in range(draw(st.sampled_from(ROWS))):
        pairs = [
            (f"{number}", number),
            *(_drawn_pair(draw, kind) for kind in kinds[1:]),
        ]
        members = [
            f"{_key_text(column, is_ascii)}{colon}{_value_text(draw, text, kind, is_ascii)}"
            for column, (text, _), kind in zip(columns, pairs, kinds, strict=True)
            if text is not MISSING
        ]
        if extra:
            members.append(f"{draw(st.sampled_from(OTHER_KEYS))}{colon}{draw(st.sampled_from(OTHERS))}")
        members = draw(st.permutations(members)) if draw(st.booleans()) else members
        records.append("{" + indent + (comma + indent).join(members) + ("\n" if indent else "") + "}")
        rows.append(tuple(value for _, value in pairs))
    file = MadeFile("day.jsonl", b"", columns, rows, meta, published, draw(st.booleans()))
    return JsonParts(form, records, end, file)


@st.composite
def json_files(draw: st.DrawFn) -> MadeFile:
    """Make a file of JSON with its contract and its rows."""
    parts = draw(json_parts())
    text = parts.text_of(parts.records)
    content = text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig"])))
    is_packed = draw(st.integers(0, 3)) == 0
    name = "day.jsonl.gz" if is_packed else "day.jsonl"
    packed = gzip.compress(content) if is_packed else content
    return replace(parts.file, name=name, content=packed, recipe=f"{text[:600]!r}")


def _drawn_pair(draw: st.DrawFn, kind: TextColumn) -> tuple[Any, Any]:
    if draw(st.integers(0, 7)) == 0:
        empty = () if kind.type == "string" or kind.is_nested else ("",)
        return draw(st.sampled_from([MISSING, None, *empty, *kind.nulls])), None
    return draw(kind.pairs)


def _key_text(column: Declared, is_ascii: bool) -> str:
    return json.dumps(column.get("source", column["name"]), ensure_ascii=is_ascii)


def _value_text(draw: st.DrawFn, text: Any, kind: TextColumn, is_ascii: bool) -> str:
    """Return a value as JSON: a text that is a number of JSON is one or a string, where the type is no text."""
    if text is None:
        return "null"
    if kind.is_nested:
        return text
    is_bare = NUMBER.fullmatch(text) if kind.type != "string" else None
    if (is_bare or text in ("true", "false")) and kind.type != "string" and draw(st.booleans()):
        return text
    return json.dumps(text, ensure_ascii=is_ascii)


def _in_form(form: str, records: list[str], end: str) -> str:
    """Return records as a file of a form has them."""
    if form in ("lines", "objects"):
        return end.join(records) + end
    array = f"[{end}{f',{end}'.join(records)}{end}]"
    names = form.removeprefix("$.").split(".") if form != "array" else []
    for name in reversed(names):
        array = f'{{"type": "a]", "n": [{{}}], {json.dumps(name)}: {array}, "after": null}}'
    return array + end
