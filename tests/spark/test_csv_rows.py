"""A line of CSV is taken apart as RFC 4180 has it, whatever is quoted in it; anything else is broken."""

import random
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from pyspark.sql import functions as F

from etl.contract.dialect import RFC_4180
from etl.contract.table_names import LINE
from etl.sources import csv_reader
from etl.sources.line_regex import PRESENT, LineRegex
from etl.sources.provenance import BROKEN, FIRST, PLACE, PLAIN, PROVENANCE

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
}
PIECES = {'"': 2, ",": 3, "a": 6, "b ": 6, "é": 1, "$1": 1, "\\": 1, "\x01": 0.1}
"""What fields are made up of, with how often."""


def read_lines(
    spark: Any, folder: Path, lines: list[str], plain: LineRegex, monkeypatch: pytest.MonkeyPatch
) -> list[Any]:
    """Read lines as CSV with three columns."""
    (folder / "lines").write_text("\n".join(lines))
    columns = [
        F.col("value").alias(LINE),
        *(F.lit("").alias(name) for name in (*PROVENANCE, FIRST)),
        F.lit(0).alias(PLACE),
    ]
    frame = spark.read.text(str(folder / "lines")).select(*columns)
    monkeypatch.setattr(csv_reader, "read_raw_lines", lambda *_: frame)
    contract = Mock(names=NAMES, dialect=RFC_4180, input_columns=())
    rows = csv_reader.read_csv(spark, Mock(), [Mock(layout=tuple(NAMES))], contract, plain).collect()
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


@pytest.mark.parametrize(
    "plain", [LineRegex(), LineRegex.from_patterns(NAMES, [("a", PRESENT), ("c", r"^\w*$")])], ids=["", "plain"]
)
def test_spark_takes_lines_apart_as_a_reader_by_hand_does(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: LineRegex
) -> None:
    chance = random.Random(7)
    lines = [line for line in (*LINES, *(random_line(chance) for _ in range(4000))) if line]
    rows = read_lines(spark, tmp_path, lines, plain, monkeypatch)
    expected = [split_line(line) for line in lines]
    expected = [fields if fields is not None and len(fields) == len(NAMES) else None for fields in expected]
    assert [None if row[BROKEN] else [row[name] for name in NAMES] for row in rows] == expected
    assert sum(fields is not None and '"' in line for line, fields in zip(lines, expected, strict=True)) > 1000
    assert not plain.pattern or 200 < sum(row[PLAIN] for row in rows) < len(lines)
