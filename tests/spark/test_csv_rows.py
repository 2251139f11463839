"""A line of CSV is taken apart as RFC 4180 has it, whatever is quoted in it; anything else is broken."""

import random
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from pyspark.sql import functions as F

from etl.contract.dialect import RFC_4180, Dialect
from etl.contract.table_names import LINE
from etl.sources import csv_reader
from etl.sources.csv_syntax import COMMAS
from etl.sources.line_regex import PRESENT, LineRegex
from etl.sources.provenance import BROKEN, FIRST, PLACE, PLAIN, PROVENANCE
from etl.sources.quoted_lines import FIELDS, parsing_steps

NAMES = ["a", "b", "c"]
LINES = {
    '"x","y","z"': ["x", "y", "z"],
    '"x",y,"z"': ["x", "y", "z"],
    '"x,y",z,"1 ""2"" 3"': ["x,y", "z", '1 "2" 3'],
    '"","",""': [None, None, None],
    '"",,x': [None, None, "x"],
    'x,"",': ["x", None, None],
    ',x,""': [None, "x", None],
    '"""","""""","x"""': ['"', '""', 'x"'],
    '""",""",",",x': ['","', ",", "x"],
    '"$1\\$2",\\,"\\"': ["$1\\$2", "\\", "\\"],
    '"x",y': None,
    '"x",y,z,': None,
    '"x" ,y,z': None,
    '"x"",y,z': None,
    'x",y,z"': None,
    '"x\0",y,z': None,
    '"x",\x01,z': ["x", "\x01", "z"],
    "x\0,y,z": ["x\0", "y", "z"],
    "\0,,z": ["\0", None, "z"],
    " x,y , ": [" x", "y ", " "],
    '" x","y "," "': [" x", "y ", " "],
    "#x,y,z": ["#x", "y", "z"],
    "a\uffffb,,\uffff": ["a\uffffb", None, "\uffff"],
    '"a,\uffff""\\u0000:""","",\ufffe': ['a,\uffff"\\u0000:"', None, "\ufffe"],
    "x\ty,\u2028,z": ["x\ty", "\u2028", "z"],
    '"x\u2028,",y,z': ["x\u2028,", "y", "z"],
}
PIECES = {'"': 2, ",": 3, "a": 6, "b ": 6, "é": 1, "$1": 1, "\\": 1, "\x01": 0.1, "\uffff": 0.1}
"""What fields are made up of, with how often."""


def read_lines(
    spark: Any,
    folder: Path,
    lines: list[str],
    plain: LineRegex,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_parsed: bool,
    dialect: Dialect = RFC_4180,
) -> list[Any]:
    """Read lines as CSV with three columns, parsed or split."""
    (folder / "lines").write_text("\n".join(lines))
    columns = [
        F.col("value").alias(LINE),
        *(F.lit("").alias(name) for name in (*PROVENANCE, FIRST)),
        F.lit(0).alias(PLACE),
    ]
    frame = spark.read.text(str(folder / "lines")).select(*columns)
    monkeypatch.setattr(csv_reader, "read_raw_lines", lambda *_: frame)
    contract = Mock(names=NAMES, dialect=dialect, input_columns=())
    rows = csv_reader.read_csv(
        spark, Mock(), [Mock(layout=tuple(NAMES), is_parsed=is_parsed)], contract, plain
    ).collect()
    assert [row[LINE] for row in rows] == lines
    return rows


def split_line(line: str) -> list[str | None] | None:
    """Take a line apart character by character; None where that is not possible."""
    if '"' not in line:
        return [field or None for field in line.split(",")]
    fields: list[str | None] = []
    position = -1
    while position < len(line):
        position += 1
        if line[position : position + 1] == '"':
            value = ""
            while (position := position + 1) < len(line) and (
                line[position] != '"' or line[position : position + 2] == '""'
            ):
                value += line[position]
                position += line[position] == '"'
            if line[position : position + 1] != '"':
                return None
            position += 1
        else:
            end = (line + ",").index(",", position)
            value, position = line[position:end] or None, end
            if value and '"' in value:
                return None
        if line[position : position + 1] not in {"", ","}:
            return None
        fields.append(value or None)
    return None if "\0" in line else fields


def random_line(chance: random.Random) -> str:
    """Make up a line: mostly fields as they should be, some with anything in them."""
    fields: list[str] = []
    for _ in range(3 if chance.random() < 0.9 else chance.randint(1, 5)):
        text = "".join(chance.choices(list(PIECES), list(PIECES.values()), k=chance.randint(0, 4)))
        kind = chance.random()
        if kind < 0.5:
            text = '"' + text.replace('"', '""') + '"'
        elif kind < 0.95:
            text = text.replace('"', "").replace(",", "")
        fields.append(text)
    return ",".join(fields)


def test_lines_are_taken_apart_as_they_were_written() -> None:
    assert {line: split_line(line) if len(split_line(line) or "") == len(NAMES) else None for line in LINES} == LINES


@pytest.mark.parametrize("is_parsed", [False, True], ids=["split", "parsed"])
@pytest.mark.parametrize("most_columns", [2, 20], ids=["apart", "as one"])
@pytest.mark.parametrize(
    "plain", [LineRegex(), LineRegex.from_patterns(NAMES, [("a", PRESENT), ("c", r"^\w*$")])], ids=["", "plain"]
)
def test_spark_takes_lines_apart_as_a_reader_by_hand_does(
    spark: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    plain: LineRegex,
    most_columns: int,
    is_parsed: bool,
) -> None:
    monkeypatch.setattr(csv_reader, "MANY_COLUMNS", most_columns)
    chance = random.Random(7)
    lines = [line for line in (*LINES, *(random_line(chance) for _ in range(4000))) if line]
    rows = read_lines(spark, tmp_path, lines, plain, monkeypatch, is_parsed=is_parsed)
    expected = [split_line(line) for line in lines]
    expected = [fields if fields is not None and len(fields) == len(NAMES) else None for fields in expected]
    assert [None if row[BROKEN] else [row[name] for name in NAMES] for row in rows] == expected
    assert sum(fields is not None and '"' in line for line, fields in zip(lines, expected, strict=True)) > 1000
    assert not plain.pattern or 200 < sum(row[PLAIN] for row in rows) < len(lines)


SIGNS = [(";", "'"), ("\t", '"'), ("|", "^"), (" ", "$"), ("\x01", '"')]


@pytest.mark.parametrize("is_parsed", [False, True], ids=["split", "parsed"])
@pytest.mark.parametrize(("delimiter", "quote"), SIGNS, ids=["semicolon", "tab", "caret", "space", "control"])
def test_lines_of_other_signs_have_the_same_values(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delimiter: str, quote: str, is_parsed: bool
) -> None:
    signs = str.maketrans({",": delimiter, '"': quote, delimiter: ",", quote: '"'})
    chance = random.Random(8)
    lines = [line for line in (*LINES, *(random_line(chance) for _ in range(1000))) if line.translate(signs).strip(" ")]
    dialect = Dialect(delimiter=delimiter, quote=quote)
    written = [line.translate(signs) for line in lines]
    rows = read_lines(spark, tmp_path, written, LineRegex(), monkeypatch, is_parsed=is_parsed, dialect=dialect)
    expected = [fields if (fields := split_line(line)) and len(fields) == len(NAMES) else None for line in lines]
    values = [None if row[BROKEN] else [row[name] for name in NAMES] for row in rows]
    assert values == [fields and [value and value.translate(signs) for value in fields] for fields in expected]


@pytest.mark.parametrize("is_parsed", [False, True], ids=["split", "parsed"])
def test_each_character_stays_what_it_is(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_parsed: bool
) -> None:
    codes = [*range(1, 0xD800), *range(0xE000, 0x10000), *range(0x10000, 0x110000, 0xFFFF)]
    characters = [character for character in map(chr, codes) if character not in '\r\n",']
    lines = [f'"a,{character}",{character}b,{character}' for character in characters]
    plain = LineRegex.from_patterns(NAMES, [("a", PRESENT)])
    rows = read_lines(spark, tmp_path, lines, plain, monkeypatch, is_parsed=is_parsed)
    for row, character in zip(rows, characters, strict=True):
        assert [row[name] for name in NAMES] == [f"a,{character}", f"{character}b", character]
    assert 60_000 < sum(row[PLAIN] for row in rows) < len(rows) - 60


@pytest.mark.parametrize("plain", [LineRegex(), LineRegex.from_patterns(["a", "b"], [("a", "^[0-9]+$")])])
def test_what_proves_a_line_sound_is_named_once(spark: Any, plain: LineRegex) -> None:
    """Spark computes what an expression names twice for each row, though a condition stands before it."""
    fields = parsing_steps(COMMAS, 2, plain)[FIELDS]
    assert str(fields).count("rlike(") == 1
