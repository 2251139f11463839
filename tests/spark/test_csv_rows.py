"""A line of CSV is taken apart as RFC 4180 has it, whatever is quoted in it; anything else is broken."""

import random
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from pyspark.sql import functions as F

from etl.contract.table_names import LINE
from etl.sources import csv_reader
from etl.sources.line_regex import PRESENT, Plain
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
    '"x",\x01,z': None,
}
PIECES = {'"': 2, ",": 3, "a": 6, "b ": 6, "é": 1, "$1": 1, "\\": 1, "\x01": 0.1}
"""What fields are made up of, with how often."""


def read(spark: Any, folder: Path, lines: list[str], plain: Plain, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Read lines as CSV with three columns."""
    (folder / "lines").write_text("\n".join(lines))
    given = [
        F.col("value").alias(LINE),
        *(F.lit("").alias(name) for name in (*PROVENANCE, FIRST)),
        F.lit(0).alias(PLACE),
    ]
    frame = spark.read.text(str(folder / "lines")).select(*given)
    monkeypatch.setattr(csv_reader, "lines", lambda *_: frame)
    found = csv_reader.read(spark, Mock(), [], Mock(names=NAMES), plain).collect()
    assert [one[LINE] for one in found] == lines
    return found


def apart(line: str) -> list[str | None] | None:
    """Take a line apart character by character; None where that is not possible."""
    if '"' not in line:
        return [one or None for one in line.split(",")]
    found: list[str | None] = []
    at = -1
    while at < len(line):
        at += 1
        if line[at : at + 1] == '"':
            value = ""
            while (at := at + 1) < len(line) and (line[at] != '"' or line[at : at + 2] == '""'):
                value += line[at]
                at += line[at] == '"'
            if line[at : at + 1] != '"':
                return None
            at += 1
        else:
            end = (line + ",").index(",", at)
            value, at = line[at:end] or None, end
            if value and '"' in value:
                return None
        if line[at : at + 1] not in {"", ","}:
            return None
        found.append(value or None)
    return None if {"\0", "\x01"} & set(line) else found


def made(chance: random.Random) -> str:
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
    assert {line: apart(line) if len(apart(line) or "") == len(NAMES) else None for line in LINES} == LINES


@pytest.mark.parametrize("plain", [Plain(), Plain.of(NAMES, [("a", PRESENT), ("c", r"^\w*$")])], ids=["", "plain"])
def test_spark_takes_lines_apart_as_a_reader_by_hand_does(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: Plain
) -> None:
    chance = random.Random(7)
    lines = [line for line in (*LINES, *(made(chance) for _ in range(4000))) if line]
    found = read(spark, tmp_path, lines, plain, monkeypatch)
    wanted = [apart(line) for line in lines]
    wanted = [one if one is not None and len(one) == len(NAMES) else None for one in wanted]
    assert [None if one[BROKEN] else [one[name] for name in NAMES] for one in found] == wanted
    assert sum(one is not None and '"' in line for line, one in zip(lines, wanted, strict=True)) > 1000
    assert not plain.pattern or 200 < sum(one[PLAIN] for one in found) < len(lines)
