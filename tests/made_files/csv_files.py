"""Files that Python's `csv` writes in every dialect that a contract may declare."""

import bz2
import csv
import gzip
import io
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.made_files.made_file import MadeFile
from tests.made_files.text_columns import Pair, TextColumn, declared_columns
from tests.made_files.texts import TYPED

ROWS = (12, 10, 12, 1)
LETTERS = {
    "utf-8": "aZ09 _-#/.;|,\t'\"\\éüß€Žłя日本🎉\u00a0\u200b",
    "iso-8859-1": "aZ09 _-#/.;|,\t'\"\\éüßÿ£\u00a0",
    "windows-1252": "aZ09 _-#/.;|,\t'\"\\éüßÿ£€Ž“”\u00a0",
    "utf-16": "aZ09 _-#/.;|,\t'\"\\éüß€Žłя日本🎉\u00a0",
}
CODECS = {"utf-8": ["utf-8", "utf-8-sig"], "iso-8859-1": ["latin-1"], "windows-1252": ["cp1252"]}
CODECS["utf-16"] = ["utf-16", "utf-16-le", "utf-16-be"]
NULLS = ("NA", "-", "n/a", "NULL", "\\N")
RAW_NULL, HIDDEN = "\\N", "\ue000"
CHANCE = st.sampled_from([False, False, True])
SOURCES = ("", "Unit Price (EUR)", "naïve", "a/b", "Größe", "x y", "Amount %", "total.sum", "`q`", 'said "so"')


@dataclass(frozen=True)
class Writing:
    """How a file is written.

    Attributes:
        dialect: as a contract has it; empty texts where nothing quotes or escapes.
        lead, tail: lines before the header, and behind the last row.
        codec: Python's name of the encoding.
        suffix: what the name of the file ends with.
    """

    dialect: dict[str, Any]
    quoting: Any
    line_end: str
    codec: str
    lead: tuple[str, ...]
    tail: tuple[str, ...]
    suffix: str

    def text_of(self, rows: list[list[str]]) -> str:
        """Return rows as Python's `csv` writes them."""
        quote, escape = self.dialect["quote"], self.dialect["escape"]
        out = io.StringIO()
        writer = csv.writer(
            out,
            delimiter=self.dialect["delimiter"],
            quotechar=quote or None,
            escapechar=escape or None,
            doublequote=not escape,
            quoting=self.quoting,
            lineterminator=self.line_end,
        )
        # An escape would stand before that of the null.
        writer.writerows([HIDDEN if escape and text == RAW_NULL else text for text in row] for row in rows)
        return out.getvalue().replace(HIDDEN, RAW_NULL)

    def content_of(self, rows: list[list[str]]) -> bytes:
        """Return the bytes of a file of these rows."""
        return self.content_of_text(self.text_of(rows))

    def content_of_text(self, text: str) -> bytes:
        """Return the bytes of a file with a text between what stands before the rows and behind them."""
        lines = [f"{line}{self.line_end}" for line in self.lead], [f"{line}{self.line_end}" for line in self.tail]
        return self.packed("".join((*lines[0], text, *lines[1])).encode(self.codec))

    def packed(self, content: bytes) -> bytes:
        """Return bytes as the name of the file says."""
        return {".csv": bytes, ".csv.gz": gzip.compress, ".csv.bz2": bz2.compress}[self.suffix](content)


@st.composite
def writings(draw: st.DrawFn) -> Writing:
    """Make a way to write a file."""
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "iso-8859-1", "windows-1252", "utf-16"]))
    quote, escape = draw(
        st.sampled_from([('"', ""), ('"', ""), ("'", ""), ("", ""), ('"', "\\"), ("", "\\"), ("'", "\\")])
    )
    multi_line = bool(quote) and draw(st.booleans())
    quotings = [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC] if quote else [csv.QUOTE_NONE]
    comment = draw(st.sampled_from(["", "", "#"]))
    dialect = {
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|", "\x01", "^", " ", "~"])),
        "quote": quote,
        "escape": escape,
        "encoding": encoding,
        "header": draw(st.booleans()),
        "multi_line": multi_line,
        "comment": comment,
        "skip_rows": draw(st.sampled_from([0, 0, 1, 3])),
        "skip_footer": draw(st.sampled_from([0, 0, 0, 1, 2])),
    }
    lead = draw(st.lists(st.sampled_from(['exported "today', "", "a,b;c|d", "Bericht: x"]), min_size=3, max_size=3))
    tail = draw(st.lists(st.sampled_from(['Total "x', "Total,,", "9", "x;y;z;1;2;3;4"]), min_size=2, max_size=2))
    return Writing(
        dialect,
        draw(st.sampled_from(quotings)),
        draw(st.sampled_from(["\n", "\r\n", "\r"])),
        draw(st.sampled_from(CODECS[encoding])),
        tuple(lead[: dialect["skip_rows"]]),
        tuple(tail[: dialect["skip_footer"]]),
        draw(st.sampled_from([".csv", ".csv", ".csv.gz", ".csv.bz2"])),
    )


def is_writable(text: str, writing: Writing) -> bool:
    """Say whether a field can be written so that it is read as one."""
    dialect = writing.dialect
    if any(sign in text for sign in "\r\n") and not (dialect["multi_line"] and writing.quoting is csv.QUOTE_ALL):
        return False
    if not dialect["quote"] and not dialect["escape"] and dialect["delimiter"] in text:
        return False
    try:
        text.encode(writing.codec)
    except UnicodeEncodeError:
        return False
    return True


def strings(writing: Writing, nulls: tuple[str, ...]) -> st.SearchStrategy[Pair]:
    """Make texts with quotes, delimiters, accents, zeros before, and line breaks where they may be."""
    letters = LETTERS[writing.dialect["encoding"]] + writing.dialect["delimiter"] * 3
    letters += "\n\r" if writing.dialect["multi_line"] and writing.quoting is csv.QUOTE_ALL else ""
    if writing.dialect["delimiter"] == "\x01":
        letters = letters.replace("\x01", "")
    texts = st.text(st.sampled_from(letters), min_size=1, max_size=8) | st.sampled_from(
        ["007", "0", " a ", '""', "''", '"', "'", "\\", "\\\\", "#x", "a,b;c|d", "NaN", "null", "true", "=1+1"]
    )
    texts = texts.filter(lambda text: text not in nulls and is_writable(text, writing))
    return texts.map(lambda text: (text, text))


@dataclass(frozen=True)
class CsvParts:
    """A CSV before it is written.

    Attributes:
        writing: how it is written.
        head: the line of its header, if it has one.
        lines: the fields of each row, in the order of the file.
        order: the place in the contract of each column of the file.
        file: its contract and rows, without content.
    """

    writing: Writing
    head: list[list[str]]
    lines: list[list[str]]
    order: list[int]
    file: MadeFile


@st.composite
def csv_parts(draw: st.DrawFn) -> CsvParts:
    """Make a CSV with its contract and its rows."""
    writing = draw(writings())
    nulls = tuple(draw(st.lists(st.sampled_from(NULLS), unique=True, max_size=2)))
    if writing.dialect["escape"]:  # only a field without quotes is null then
        nulls = (RAW_NULL,) if draw(CHANCE) and writing.quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE) else ()
    kinds = draw(st.lists(TYPED, min_size=2, max_size=5))
    kinds = [kind for kind in kinds if not {*nulls} & {*kind.options.get("false_values", ())}]
    kinds = [TextColumn("string", strings(writing, nulls)), *kinds]
    kinds = [TextColumn("int", st.nothing()), *(kind.with_nulls() if draw(CHANCE) else kind for kind in kinds)]
    texts: list[list[str]] = []
    rows: list[tuple[Any, ...]] = []
    for number in range(draw(st.sampled_from(ROWS))):
        pairs = [(f"{number + 100}", number + 100), *(_drawn_pair(draw, kind, nulls, writing) for kind in kinds[1:])]
        texts.append([text for text, _ in pairs])
        rows.append(tuple(value for _, value in pairs))
    return draw(_laid_out(writing, nulls, kinds, texts, rows))


@st.composite
def csv_files(draw: st.DrawFn) -> MadeFile:
    """Make a file of CSV with its contract and its rows."""
    parts = draw(csv_parts())
    lines = [*parts.head, *parts.lines]
    recipe = f"{parts.writing.text_of(lines)[:600]!r}"
    return replace(parts.file, content=parts.writing.content_of(lines), recipe=recipe)


def _drawn_pair(draw: st.DrawFn, kind: TextColumn, nulls: tuple[str, ...], writing: Writing) -> Pair:
    if draw(st.integers(0, 7)) == 0:
        return draw(st.sampled_from(["", *nulls, *kind.nulls])), None
    return draw(kind.pairs.filter(lambda pair: is_writable(pair[0], writing)))


@st.composite
def _laid_out(
    draw: st.DrawFn,
    writing: Writing,
    nulls: tuple[str, ...],
    kinds: list[TextColumn],
    texts: list[list[str]],
    rows: list[tuple[Any, ...]],
) -> CsvParts:
    """Put columns into the order of a file, beside others that nobody needs."""
    columns, published = declared_columns(draw, kinds)
    dialect = {**writing.dialect, "null_values": [*nulls]}
    order = [*range(len(columns))]
    meta: dict[str, Any] = {"dialect": dialect}
    names = [column["name"] for column in columns]
    if draw(st.booleans()):
        order = draw(st.permutations(order))
    extra = draw(st.integers(0, 2))
    if extra:
        meta["extra_columns"] = "ignore"
    if dialect["header"]:
        if order != sorted(order):
            meta["header_match"] = draw(st.sampled_from(["by_name", "by_name_ignore_case"]))
        sources = draw(st.permutations([text for text in SOURCES if is_writable(text, writing)]))
        for column, source in zip(columns[2:], sources[: draw(st.integers(0, 3))], strict=False):
            column["source"] = source
        names = [column.get("source", column["name"]) for column in columns]
        if meta.get("header_match") == "by_name_ignore_case":
            names = [
                name.upper() if name == name.upper().lower() and is_writable(name.upper(), writing) else name
                for name in names
            ]
    elif extra or order != sorted(order):
        for place, index in enumerate(order):
            columns[index]["source"] = place + 1
    head = (
        [[*(names[index] for index in order), *(f"other{number}" for number in range(extra))]]
        if dialect["header"]
        else []
    )
    filler = draw(st.sampled_from(["", "x", "1"]))
    lines = [[*(line[index] for index in order), *[filler] * extra] for line in texts]
    if dialect["comment"] and any(line[0].startswith(dialect["comment"]) for line in [*head, *lines]):
        dialect["comment"] = ""
    defaults = {"comment": "", "escape": "", "skip_rows": 0, "skip_footer": 0, "null_values": [], "multi_line": False}
    meta["dialect"] = {key: value for key, value in dialect.items() if defaults.get(key) != value}
    file = MadeFile(f"day{writing.suffix}", b"", columns, rows, meta, published, draw(st.booleans()))
    return CsvParts(writing, head, lines, [*order], file)
