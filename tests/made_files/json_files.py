"""Files of JSON in every form of `meta.records`, their texts and names written by Python's own `json`."""

import gzip
import json
import re
from typing import Any

from hypothesis import strategies as st

from tests.made_files.csv_files import CHANCE, declared_columns
from tests.made_files.made_file import MadeFile
from tests.made_files.text_columns import TextColumn
from tests.made_files.texts import TYPED

ROWS = (12, 10, 12, 1)
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
LETTERS = "aZ09 _-/.,:\t\n\r'\"\\{}[]éß€日🎉\u00a0"
FORMS = ("lines", "objects", "array", "features", "data.items", "$.array")
ODD_TEXTS = ('{"a": 1}', "[1]", "null", "true", "007", '\\"', "\\u0041", "//", "1e5", "}{", "a\nb")
STRINGS = (st.text(st.sampled_from(LETTERS), max_size=8) | st.sampled_from(ODD_TEXTS)).map(lambda text: (text, text))
MISSING = object()


@st.composite
def json_files(draw: st.DrawFn) -> MadeFile:
    """Make a file of JSON with its contract and its rows."""
    kinds = [
        TextColumn("int", st.nothing()),
        TextColumn("string", STRINGS),
        *draw(st.lists(TYPED, min_size=2, max_size=5)),
    ]
    kinds = [kinds[0], *(kind.with_nulls() if draw(CHANCE) else kind for kind in kinds[1:])]
    columns, published = declared_columns(draw, kinds)
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
            *(
                _drawn_pair(draw, kind, column["type"] == "string")
                for kind, column in zip(kinds[1:], columns[1:], strict=True)
            ),
        ]
        members = [
            f"{json.dumps(column['name'])}{colon}{_value_text(draw, text, kind, is_ascii)}"
            for column, (text, _), kind in zip(columns, pairs, kinds, strict=True)
            if text is not MISSING
        ]
        if extra:
            members.append(f'"other"{colon}{draw(st.sampled_from(["1", "null", chr(34) * 2, "[1, 2]"][:3]))}')
        members = draw(st.permutations(members)) if draw(st.booleans()) else members
        records.append("{" + indent + (comma + indent).join(members) + ("\n" if indent else "") + "}")
        rows.append(tuple(value for _, value in pairs))
    text = _in_form(form, records, end)
    content = text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig"])))
    is_packed = draw(st.integers(0, 3)) == 0
    name = "day.jsonl.gz" if is_packed else "day.jsonl"
    packed = gzip.compress(content) if is_packed else content
    return MadeFile(name, packed, columns, rows, meta, published, draw(st.booleans()), recipe=f"{text[:600]!r}")


def _drawn_pair(draw: st.DrawFn, kind: TextColumn, is_text: bool) -> tuple[Any, Any]:
    if draw(st.integers(0, 7)) == 0:
        # A text that the output types has to be a value of the type.
        empty = () if is_text else ("",)
        return draw(st.sampled_from([MISSING, None, *empty, *kind.nulls])), None
    return draw(kind.pairs)


def _value_text(draw: st.DrawFn, text: Any, kind: TextColumn, is_ascii: bool) -> str:
    """Return a value as JSON: a text that is a number of JSON is one or a string, where the type is no text."""
    if text is None:
        return "null"
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
