"""Files that somebody or something broke: each must be refused by a rule that says what is wrong."""

import gzip
import io
import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st
from pyarrow import orc, parquet

from tests.made_files.made_file import MadeFile, table_type
from tests.made_files.texts import TYPED

HEADER, *LINES = ('"id","amount"', '"1","a"', '"2","b c"', '"3","d"')
TEXT_COLUMNS = [{"name": "id", "type": "int"}, {"name": "amount", "type": "string"}]


def _csv(text: str | bytes, recipe: str, *rules: str, name: str = "day.csv", **dialect: Any) -> MadeFile:
    content = text.encode() if isinstance(text, str) else text
    meta = {"dialect": dialect} if dialect else {}
    return MadeFile(name, content, TEXT_COLUMNS, [], meta, {}, True, frozenset(rules), f"{recipe}: {content!r}")


def _with_line(line: str, *more: str) -> str:
    return "\n".join((HEADER, *LINES, line, *more, ""))


@st.composite
def damaged_csv(draw: st.DrawFn) -> MadeFile:
    """Make a CSV that is broken in one place, under a dialect that does not change that."""
    dialect: dict[str, Any] = draw(
        st.sampled_from([{}, {}, {"multi_line": True}, {"skip_footer": 1}, {"comment": "#"}])
    )
    after = ["x"] if "skip_footer" in dialect else []
    line, recipe, *rules = draw(st.sampled_from(DAMAGED_LINES))
    further = draw(st.sampled_from([(), LINES[:1]])) if recipe != "cut" else ()
    lines = _with_line(line, *(text.replace("1", "9") for text in further), *after)
    content = lines.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()
    return _csv(content.replace(b"<ff>", b"\xff").replace(b"<c3>", b"\xc3"), recipe, *rules, **dialect)


DAMAGED_LINES = (
    ('"4"', "cut", "row"),
    ('"4","e', "cut", "row"),
    ('"4","e","f"', "a field more", "row"),
    ('"4","e",', "a field more, empty", "row"),
    ("4", "a field fewer", "row"),
    ('"4","e<ff>"', "a byte of no character", "text"),
    ('"4","<c3>"', "half a character", "text"),
    ('"4","e\x02"', "a control character", "text"),
    ('"4","e\x00"', "a zero byte", "text", "row"),
    ('"4","e\ufffd"', "what stands for a lost character", "text"),
    ('"4","e', "a quote that never closes", "row"),
    ('"4",e"', "a quote that never opens", "row"),
    ('"4","e"f', "text behind a quote", "row"),
    ('"4", "e"', "a space before a quote", "row"),
    ('"4","e"f"', "a quote within quotes", "row"),
    (HEADER.replace("amount", "price"), "another header", "row", "cast.id"),
    ('"4x","e"', "no number", "cast.id"),
    ('"4;e"', "another delimiter", "row"),
    ('"1","e"', "a key twice", "made.key"),
)


@st.composite
def damaged_objects(draw: st.DrawFn) -> MadeFile:
    """Make a CSV that is broken as a whole."""
    text = _with_line('"4","é€"')
    umlaut = _with_line('"4","é"')
    crowd = gzip.compress(text.encode() * 50)
    return draw(
        st.sampled_from(
            [
                _csv(b"", "no byte", "empty"),
                _csv(HEADER, "a header alone", "rows"),
                _csv(f"{HEADER}\n\n \n", "a header and blank lines", "rows"),
                _csv(text.replace("amount", "price"), "a column of another name", "header"),
                _csv(text.replace('"id","amount"', '"amount","id"'), "columns in another order", "header"),
                _csv(text.replace('"amount"', '"amount","amount"', 1), "a name twice", "header"),
                _csv(text.removeprefix(HEADER + "\n"), "no header", "header"),
                _csv(text.replace(",", ";"), "another delimiter", "header"),
                _csv(umlaut.encode("latin-1"), "latin-1 as utf-8", "text"),
                _csv(text.encode("cp1252"), "windows-1252 as latin-1", "text", encoding="iso-8859-1"),
                _csv(text.encode("utf-16"), "utf-16 as utf-8", "encoding"),
                _csv(text.encode("utf-16")[:-1], "utf-16 cut", "text", encoding="utf-16"),
                _csv(text.encode("utf-8"), "utf-8 as utf-16", "encoding", "header", "text", encoding="utf-16"),
                _csv(text.encode("utf-8-sig"), "utf-8 as windows-1252", "encoding", encoding="windows-1252"),
                _csv(crowd[:-9], "gzip cut", "gzip", name="day.csv.gz"),
                _csv(crowd, "gzip without its name", "compression"),
                _csv(text.encode(), "no gzip", "compression", "gzip", name="day.csv.gz"),
                _csv(text.encode(), "fewer lines than the footer", "header", "rows", "row", skip_footer=9),
                _csv(text.encode(), "more fields without a header", "row", "header", "cast.id", header=False),
            ]
        )
    )


RECORDS = ('{"id": 1, "amount": "a"}', '{"id": 2, "amount": "b"}')
DAMAGED_RECORDS = (
    ('{"id": 3, "amount": "c", "id": 4}', "a key twice", "row"),
    ('{"id": 3, "amount": "c", "x": 1}', "a key more", "row"),
    ('{"id": 3, "ID": 4, "amount": "c"}', "a key in capitals", "row"),
    ('{"id": 3, "amount": "c"', "cut", "row", "format"),
    ('{"id": 3, "amount": "c', "cut in a text", "row", "format"),
    ('{"id": 3, "amount": "c",}', "a comma at the end", "row", "format"),
    ('{"id": 3, "amount": c}', "a text without quotes", "row", "format"),
    ("{'id': 3, 'amount': 'c'}", "single quotes", "row", "format"),
    ('{"id": 03, "amount": "c"}', "a zero before", "row", "format"),
    ('{"id": NaN, "amount": "c"}', "a NaN", "row", "format", "cast.id"),
    ('{"id": 3, "amount": {"x": 1}}', "an object in a text", "row"),
    ('{"id": 3, "amount": "c"} {"id": 4}', "two in one place", "row", "format"),
    ('{"id": 3, "amount": "\\ud800"}', "half a pair", "text", "row"),
    ('{"id": 3, "amount": "\\u0001"}', "a control character", "text"),
    ('{"id": 3, "amount": "\\q"}', "an escape that is none", "row", "format"),
    ('{"id": 3.5, "amount": "c"}', "no whole number", "cast.id"),
    ('{"id": 3e2, "amount": "c"}', "an exponent", "cast.id"),
    ('{"id": 3000000000, "amount": "c"}', "too large", "cast.id"),
    ('{"id": true, "amount": "c"}', "a flag", "cast.id", "row"),
    ('[3, "c"]', "an array", "row"),
    ('"c"', "a text", "row"),
    ('{"id": 1, "amount": "c"}', "a key of the table twice", "made.key"),
)


@st.composite
def damaged_json(draw: st.DrawFn) -> MadeFile:
    """Make JSON with a broken record, in each form."""
    broken, recipe, *rules = draw(st.sampled_from(DAMAGED_RECORDS))
    form = draw(st.sampled_from(["lines", "objects", "array", "data.items"]))
    records = [*draw(st.permutations([broken, *RECORDS]))]
    if recipe == "two in one place" and form == "objects":
        records = [*RECORDS, '{"id": 3, "x": 1}']
    texts = {"lines": "\n".join(records), "objects": "\n\n".join(records), "array": f"[{','.join(records)}]"}
    text = texts.get(form, f'{{"data": {{"items": [{", ".join(records)}]}}}}')
    meta = {"format": "jsonl"} | ({} if form == "lines" else {"records": form})
    columns = draw(st.sampled_from([TEXT_COLUMNS, [{"name": "id", "type": "string"}, TEXT_COLUMNS[1]]]))
    published = {"id": "int"}
    return MadeFile(
        "day.jsonl", text.encode(), columns, [], meta, published, True, frozenset(rules), f"{recipe}: {text}"
    )


@st.composite
def wrong_values(draw: st.DrawFn) -> MadeFile:
    """Make a file of text in which one value is none of its column's type."""
    kind = draw(TYPED.filter(lambda kind: bool(kind.wrong)))
    wrong = draw(st.sampled_from(kind.wrong))
    texts = [text for text, _ in draw(st.lists(kind.pairs, min_size=1, max_size=3))]
    column = {"name": "x", "type": kind.type, **kind.options} | ({"non_finite": True} if kind.non_finite else {})
    published = table_type(kind.type)
    if kind.may_be_typed_by_output and kind.type == published and draw(st.booleans()):
        column["type"] = "string"
    values = [*texts, wrong]
    columns = [{"name": "id", "type": "int"}, column]
    if draw(st.booleans()):
        lines = [
            "id;x",
            *(f'{number};"{text.replace(chr(34), chr(34) * 2)}"' for number, text in enumerate(values)),
            "",
        ]
        name, content, meta = "day.csv", "\n".join(lines).encode(), {"dialect": {"delimiter": ";"}}
    else:
        records = [json.dumps({"id": number, "x": text}) for number, text in enumerate(values)]
        name, content, meta = "day.jsonl", "\n".join(records).encode(), {"format": "jsonl"}
    recipe = f"{wrong!r} as {kind.type}: {content!r}"
    return MadeFile(name, content, columns, [], meta, {"x": published}, True, frozenset({"cast.x"}), recipe)


def columnar_file(form: str, arrow: Any, declared: str, values: list[Any], recipe: str, *rules: str) -> MadeFile:
    """Return a file of one column of a type of Arrow that is declared as another, or has values that no table has."""
    array = pa.array(values, arrow)
    table = pa.table({"id": pa.array(range(len(values)), pa.int32()), "x": array})
    sink = io.BytesIO()
    {"parquet": parquet, "orc": orc}[form].write_table(table, sink)
    columns = [{"name": "id", "type": "int"}, {"name": "x", "type": declared}]
    published = {"x": table_type(declared)}
    return MadeFile(
        f"day.{form}",
        sink.getvalue(),
        columns,
        [],
        {"format": form},
        published,
        True,
        frozenset(rules),
        f"{form}: {recipe}",
    )


def _cut(file: MadeFile, chosen: Callable[[bytes], bytes], recipe: str, *rules: str) -> MadeFile:
    return file.damaged(chosen(file.content), f"{file.recipe}: {recipe}", *rules)


ORC_DAMAGES: tuple[tuple[Any, str, list[Any], str, str], ...] = (
    (pa.date32(), "date", [date(1582, 10, 15), date(1, 1, 1)], "a day of no calendar", "cast.x"),
    (pa.timestamp("us"), "timestamp", [datetime(1582, 10, 14, 23, 59)], "a time of no calendar", "cast.x"),
    (pa.list_(pa.date32()), "array<date>", [[date(1, 1, 1)]], "a day of no calendar within", "cast.x"),
    (pa.timestamp("us"), "timestamp", [-1], "a fraction of a second before 1970", "format"),
)
"""Files that pyarrow's writer of ORC makes of sound values."""


@st.composite
def damaged_columnar(draw: st.DrawFn) -> MadeFile:
    """Make Parquet and ORC of another schema, cut, or with values that no table has."""
    form = draw(st.sampled_from(["parquet", "orc"]))
    moment = datetime(2025, 1, 31, 12, tzinfo=UTC)
    whole = columnar_file(form, pa.string(), "string", ["a", "b"], "sound")
    micros = pa.timestamp("us", "UTC")
    beyond = -(10**9) * 86_400 * 800_000  # before the year 1
    cases = [
        _cut(whole, lambda content: content[:-5], "cut", "format"),
        _cut(whole, lambda content: content[: len(content) // 2], "cut in the middle", "format"),
        _cut(whole, lambda content: b"id,x\n1,a\n", "a csv", "format"),
        _cut(whole, lambda content: b"", "no byte", "empty"),
        columnar_file(form, pa.string(), "int", ["1"], "text as int", "schema"),
        columnar_file(form, pa.int64(), "int", [1], "bigint as int", "schema"),
        columnar_file(form, pa.float64(), "float", [0.1], "double as float", "schema"),
        columnar_file(form, pa.decimal128(10, 3), "decimal(10,2)", [None], "another scale", "schema"),
        columnar_file(form, pa.list_(pa.int32()), "string", [[1]], "a list as text", "schema"),
        columnar_file(form, micros, "date", [moment], "a time of a zone as a day", "schema"),
        columnar_file(form, pa.float64(), "double", [0.5, math.nan], "NaN", "finite.x"),
        columnar_file(form, pa.float32(), "float", [0.5, -math.inf], "not finite", "finite.x"),
        columnar_file(form, pa.string(), "string", ["a\x02"], "a control character", "text"),
        columnar_file(form, pa.string(), "string", ["a\u2028b"], "a separator of lines", "text"),
        columnar_file(form, pa.date32(), "date", [date(2025, 1, 1), -800_000], "a day before the year 1", "cast.x")
        if form == "parquet"
        else whole.damaged(b"x", "no orc", "format"),
        columnar_file(
            form, pa.list_(pa.float64()), "array<double>", [[0.5], [math.inf]], "not finite within", "cast.x"
        ),
    ]
    if form == "orc":
        cases += [columnar_file(form, *damage) for damage in ORC_DAMAGES]
    if form == "parquet":
        cases += [
            columnar_file(form, pa.uint32(), "int", [1], "without a sign as int", "schema"),
            columnar_file(form, micros, "timestamp_ntz", [moment], "a moment as a local time", "schema"),
            columnar_file(
                form, pa.timestamp("us"), "timestamp", [moment.replace(tzinfo=None)], "a local time", "schema"
            ),
            columnar_file(form, micros, "timestamp", [beyond // 1000], "a time before the year 1", "cast.x"),
            columnar_file(
                form, pa.timestamp("ns", "UTC"), "timestamp", [1_700_000_000_000_000_001], "a nanosecond", "cast.x"
            ),
            columnar_file(form, pa.timestamp("ns"), "timestamp_ntz", [-1], "a nanosecond before 1970", "cast.x"),
            columnar_file(
                form, pa.timestamp("ns", "UTC"), "timestamp_ntz", [timedelta(0) // timedelta(1)], "a moment", "schema"
            ),
        ]
    return draw(st.sampled_from(cases))


def damaged() -> st.SearchStrategy[MadeFile]:
    """Make files that must be refused."""
    return st.one_of(
        wrong_values(), wrong_values(), damaged_csv(), damaged_objects(), damaged_json(), damaged_columnar()
    )
