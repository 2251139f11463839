"""Whether a CSV is parsed or split is guessed by its first lines; a guess changes no value (tests/spark/test_csv_rows.py)."""

from dataclasses import replace

import pytest

from etl.sources.csv_syntax import COMMAS, CsvSyntax
from etl.sources.quoted_share import is_parsed

HEADER = "a,b,c"
EASY, HARD = ["x,y,z", '"x","y","z"'], ['"x,y",y,z', 'x,"y ""1""",z']


def guess(lines: list[str], lead: tuple[str, ...] = (HEADER,), syntax: CsvSyntax = COMMAS, fields: int = 3) -> bool:
    """Return the guess for a file of these lines, of which the last one was cut off."""
    return is_parsed("\n".join([*lead, *lines, "x,"]), lead, fields, syntax)


@pytest.mark.parametrize("line", HARD)
def test_quotes_around_delimiters_or_quotes_are_parsed(line: str) -> None:
    assert guess([line])
    assert guess([line, *EASY, "x,y,z"])
    assert not guess([line, *EASY, *EASY])


@pytest.mark.parametrize("line", EASY)
def test_other_lines_are_split(line: str) -> None:
    assert not guess([line])


def test_a_header_and_a_line_that_is_cut_off_say_nothing() -> None:
    header = '"a,1","b ""2""",c'
    assert not guess(EASY, lead=(header,))
    assert not guess(EASY, lead=("# ,", header))
    assert not is_parsed(f'{HEADER}\nx,y,z\n"x,', (HEADER,), 3, COMMAS)
    assert not is_parsed(f"{HEADER}\n", (HEADER,), 3, COMMAS)
    assert is_parsed('"x,y",y,z', (), 3, COMMAS)  # the only line of a file without a header


def test_the_first_lines_alone_are_looked_at() -> None:
    assert guess([*HARD * 25, *EASY * 75, *EASY * 500])
    assert not guess([*EASY * 100, *HARD * 500])


def test_what_the_parser_does_not_know_is_split() -> None:
    assert not guess(HARD, syntax=replace(COMMAS, escape="\\"))
    assert not guess(HARD, syntax=replace(COMMAS, quote=""))
    assert not guess(['"x,y"', '"x ""1"""'], fields=1)
    assert guess(["'x;y';y;z"], syntax=CsvSyntax(";", "'"))
