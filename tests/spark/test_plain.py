"""A plain line is known to be sound by one look; what that look lets through must be true of each field."""

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from etl.sources.csv_syntax import CsvSyntax
from etl.sources.line_regex import PRESENT, LineRegex, is_plain
from etl.sources.text_lines import TEXT

COLUMNS = ["id", "name", "price"]
ID, PRICE, CENTS = "^TXN[0-9]+$", r"^-?\d+(\.\d{1,2}0*)?$", r"^-?[0-9]+(\.[0-9]{1,2})?$"
PATTERNS = [("id", ID), ("price", PRICE), ("price", CENTS)]
LINES = {
    "TXN1,Ann,2.50": True,
    "TXN1,,2.50": True,
    ",,": True,
    "TXN1,Ünal 🚢\t,-2": True,
    "TXN1,a b!#+-.~,2": True,
    "TXN1,Ann,2.500": False,
    "TXN1,Ann,2.5000x": False,
    "TXN,Ann,2": False,
    "xTXN1,Ann,2": False,
    "TXN1,Ann": False,
    "TXN1,Ann,2,": False,
    "TXN1,A,n,2": False,
    'TXN1,"Ann",2': False,
    "TXN1,A\x07n,2": False,
    "TXN1,A\ufffdn,2": False,
    "TXN1,A\u2028n,2": False,
    "TXN1,Ann,2\n": False,
    "TXN1,Ann,2\u0085": False,
    "": False,
}


MUST = ["TXN1,Ann,2.50", "TXN1,Ünal 🚢\t,-2", "TXN1,a b!#+-.~,2"]
"""Those of them that are plain where every value must be there."""


def matches_line(pattern: str, line: str) -> bool:
    return re.search(pattern.replace(r"\z", r"\Z"), line) is not None


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_plain_where_each_field_matches(line: str) -> None:
    assert matches_line(LineRegex.from_patterns(COLUMNS, PATTERNS).pattern, line) is LINES[line]


@pytest.mark.parametrize("line", LINES)
def test_a_line_with_a_value_missing_is_not_plain_where_it_must_be_there(line: str) -> None:
    present = [(column, PRESENT) for column in COLUMNS]
    plain = LineRegex.from_patterns(COLUMNS, [*PATTERNS, *present])
    assert matches_line(plain.pattern, line) is (line in MUST)
    assert plain.patterns == {*PATTERNS, *present}


def test_a_text_that_stands_for_null_is_plain_where_no_value_must_be_there() -> None:
    free = LineRegex.from_patterns(COLUMNS, PATTERNS, null_values=("NA", "\\é"))
    strict = LineRegex.from_patterns(COLUMNS, [*PATTERNS, ("name", PRESENT), ("price", PRESENT)], null_values=("NA",))
    lines = {"TXN1,NA,2.50": False, "TXN1,Ann,NA": False, "NA,Ann,2": True, "TXN1,NAN,2": True}
    assert all(matches_line(free.pattern, line) for line in lines)
    assert {line: matches_line(strict.pattern, line) for line in lines} == lines
    assert matches_line(strict.quoted, '"NA","Ann","2"')
    assert not matches_line(strict.quoted, '"TXN1","NA","2"')
    assert not matches_line(free.pattern, "TXN1,Ann,NAN")


def test_a_delimiter_is_no_plain_character_and_a_comma_then_is() -> None:
    semicolons = LineRegex.from_patterns(["a", "b"], [("a", "^[^;]*$")], CsvSyntax(";"))
    assert matches_line(semicolons.pattern, "x,y;z")
    assert not matches_line(semicolons.pattern, "x,y")
    tabs = LineRegex.from_patterns(["a", "b"], [("b", "^[a-z]+$")], CsvSyntax("\t"))
    assert [matches_line(tabs.pattern, line) for line in ("é,x\ty", "x\ty\tz", "é\tx\ty")] == [True, False, False]
    beside = semicolons.for_layout(["b", None, "a"])
    assert [matches_line(beside.pattern, line) for line in ("b;x;a,", "b;a")] == [True, False]


def test_java_finds_the_same_lines_plain(spark: Any) -> None:
    texts = spark.range(1).select(F.explode(F.array(*map(F.lit, LINES))).alias("line"))
    matched = texts.select(
        "line", F.col("line").rlike(LineRegex.from_patterns(COLUMNS, PATTERNS).pattern).alias("is")
    ).collect()
    assert {row["line"]: row["is"] for row in matched} == LINES


@pytest.mark.parametrize("pattern", ["^[a-z]*[a-z]*$", "^([a-z]*)*$", "^[a-z]{1,9}[a-z]*$", "^a*|[a-z]*$", None])
def test_a_line_whose_end_is_not_plain_is_not_tried_in_every_way(pattern: str | None) -> None:
    columns = [f"c{number}" for number in range(7)]
    plain = LineRegex.from_patterns(
        [*columns, "end"], [*((column, pattern) for column in columns if pattern), ("end", "^[0-9]$")]
    )
    begun = time.process_time()
    assert not matches_line(plain.pattern, "aaaa," * 7 + "x")
    assert matches_line(plain.pattern, "aaaa," * 7 + "1")
    assert time.process_time() - begun < 2


def test_a_pattern_that_another_one_implies_is_not_looked_for() -> None:
    assert (
        LineRegex.from_patterns(COLUMNS, PATTERNS).pattern
        == LineRegex.from_patterns(COLUMNS, [("id", ID), ("price", CENTS)]).pattern
    )
    assert (
        LineRegex.from_patterns(COLUMNS, reversed(PATTERNS)).pattern
        == LineRegex.from_patterns(COLUMNS, [("id", ID), ("price", CENTS)]).pattern
    )
    assert "(?=" in LineRegex.from_patterns(["price"], [("price", "^[1-9]*5?$"), ("price", "^[0-7]+$")]).pattern


def test_text_is_all_but_control_characters_separators_of_lines_and_signs_of_a_wrong_encoding() -> None:
    strange = {*range(9), 0xB, 0xC, *range(0xE, 0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFD}
    text = re.compile(TEXT.replace(r"\z", r"\Z"))
    assert {code for code in range(0x110000) if not text.match(f"a{chr(code)}b")} == strange
    assert text.match("")


def test_java_knows_the_same_text(spark: Any) -> None:
    samples = ["", "plain", "é🚢\t", "a\nb", "\x1f", "a\x85", "\u2029", "x\ufeff", "\ufffd", "\U0010ffff", "\ufffe"]
    texts = spark.range(1).select(F.explode(F.array(*map(F.lit, samples))).alias("text"))
    matched = {row["text"]: row["is"] for row in texts.select("text", F.col("text").rlike(TEXT).alias("is")).collect()}
    assert matched == {sample: matches_line(TEXT, sample) for sample in samples}


@pytest.mark.parametrize(
    "pattern",
    [
        "TXN[0-9]+",  # matches within a field
        "^a,b$",
        '^a"$',
        "^[,]$",
        r"^(a)\1$",  # groups are numbered anew
        "^(?=a)b$",
        "^(?i)a$",
        "^a^b$",
        "^a$b$",
        r"^a\$",
        r"^\ba$",
        "^[a&&b]$",
        "^[[a]]$",
        "^é$",
        r"^\p{L}+$",
        "^a\tb$",
        r"^\Qa.b\E$",
    ],
)
def test_a_pattern_that_may_look_beyond_its_field_is_left_to_its_own_rule(pattern: str) -> None:
    plain = LineRegex.from_patterns(["id", "other"], [("id", pattern), ("other", "^a$")])
    assert plain.patterns == {("other", "^a$")}
    assert LineRegex.from_patterns(["id"], [("id", pattern)]) == LineRegex()


PIECES = st.sampled_from(
    [
        "a",
        "B",
        "7",
        r"\d",
        r"\w",
        r"\.",
        "[a-c]",
        "[0-9_.-]",
        "(ab|c)",
        "(?:x|yz)",
        "|",
        "#",
        ",",
        "[+-.]",
        "[^a]",
        ".",
        r"\S",
        r"[^\W7]",
    ]
)
TIMES = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,3}", "+?"])
PATTERN = st.lists(st.tuples(PIECES, TIMES), max_size=4).map(
    lambda parts: "^" + "".join(piece if piece == "|" else piece + times for piece, times in parts) + "$"
)
BLANK = st.text(alphabet='aBc7_.-x yz#,"é\n', max_size=4)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    patterns=st.lists(st.tuples(st.sampled_from(["one", "two"]), st.one_of(PATTERN, st.just(PRESENT))), max_size=3),
    data=st.data(),
)
def test_what_a_plain_line_proves_is_true(patterns: list[tuple[str, str]], data: Any) -> None:
    plain = LineRegex.from_patterns(["one", "two"], patterns)
    ascii_only = st.characters(codec="ascii")
    fields = [st.from_regex(pattern, fullmatch=True, alphabet=ascii_only) for _, pattern in patterns if pattern]
    line = ",".join(data.draw(st.lists(st.one_of(BLANK, *fields), min_size=1, max_size=3)))
    if not plain.pattern or not matches_line(plain.pattern, line):
        return
    split = line.split(",")
    assert len(split) == 2
    assert '"' not in line
    assert matches_line(TEXT, line)
    for column, pattern in plain.patterns:
        value = split[column == "two"]
        assert re.search(pattern, value) if value else pattern != PRESENT


def split_fields(line: str) -> list[str | None]:
    """Return the fields of a line by RFC 4180; None for one that is empty."""
    pieces = re.findall(r',(?:"((?:[^"]|"")*)"|([^",]*))(?=,|\Z)', f",{line}")
    assert sum(len(quoted) + len(bare) for quoted, bare in pieces) <= len(line)
    return [quoted.replace('""', '"') or bare or None for quoted, bare in pieces]


@pytest.mark.long
@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(
    patterns=st.lists(st.tuples(st.sampled_from(["one", "two"]), st.one_of(PATTERN, st.just(PRESENT))), max_size=3),
    data=st.data(),
)
def test_what_a_plain_line_with_quotes_proves_is_true(patterns: list[tuple[str, str]], data: Any) -> None:
    plain = LineRegex.from_patterns(["one", "two"], patterns)
    ascii_only = st.characters(codec="ascii")
    fields = [st.from_regex(pattern, fullmatch=True, alphabet=ascii_only) for _, pattern in patterns if pattern]
    bare = st.one_of(BLANK, *fields)
    quoted = bare.map(lambda value: '"{}"'.format(value.replace('"', '""')))
    line = ",".join(data.draw(st.lists(st.one_of(bare, quoted), min_size=1, max_size=3)))
    if not plain.pattern or not matches_line(plain.quoted, line):
        assert not plain.pattern or not matches_line(plain.pattern, line)
        return
    split = split_fields(line)
    assert len(split) == 2
    assert matches_line(TEXT, line)
    for column, pattern in plain.patterns:
        value = split[column == "two"]
        assert re.search(pattern, value) if value is not None else pattern != PRESENT


QUOTED = {
    'TXN1,"Ann",2.50': True,
    '"TXN1","A,n ""n""","2.50"': True,
    '"TXN1","Ünal 🚢",2': True,
    '"TXN1","",2': True,
    "TXN1,Ann,2": True,
    "TXN1,,2": True,
    '"",Ann,2': True,
    '"TXN1,Ann",2': False,
    'TXN1,"Ann"x,2': False,
    'TXN1,"A"n",2': False,
    'TXN1,"Ann,2': False,
    'TXN1,"A\x07n",2': False,
    'TXN1,"Ann","2.500"': False,
    '"xTXN1",Ann,2': False,
}


@pytest.mark.parametrize("line", QUOTED)
def test_a_line_with_quotes_is_plain_where_each_value_matches(line: str) -> None:
    assert matches_line(LineRegex.from_patterns(COLUMNS, PATTERNS).quoted, line) is QUOTED[line]


WITHOUT = ['"","Ann","2"', '"TXN1","","2"', '"TXN1","Ann",""', '"",Ann,2', 'TXN1,"",2', 'TXN1,Ann,""']


@pytest.mark.parametrize("line", WITHOUT)
def test_nothing_between_quotes_is_no_value(line: str) -> None:
    assert matches_line(LineRegex.from_patterns(COLUMNS, PATTERNS).quoted, line)
    present = LineRegex.from_patterns(COLUMNS, [*PATTERNS, *((column, PRESENT) for column in COLUMNS)])
    assert not matches_line(present.quoted, line)
    assert matches_line(present.quoted, '"TXN1","""","2"')


def test_java_finds_the_same_lines_with_quotes_plain(spark: Any) -> None:
    texts = spark.range(1).select(F.explode(F.array(*map(F.lit, QUOTED))).alias("line"))
    matched = texts.select(
        "line", F.col("line").rlike(LineRegex.from_patterns(COLUMNS, PATTERNS).quoted).alias("is")
    ).collect()
    assert {row["line"]: row["is"] for row in matched} == QUOTED


WIDE = [
    ("^.+$", "any thing!", True),
    ("^[^@ ]+@[^@ ]+$", "ann@example.org", True),
    ("^[^@ ]+@[^@ ]+$", "ann @example.org", False),
    (r"^\S+\s\D$", "a1 b", True),
    (r"^[+-.]$", "-", True),
    (r"^[\w-]+$", "a-b_1", True),
    ("^.+$", "é", False),
]


@pytest.mark.parametrize(("pattern", "value", "taken"), WIDE)
def test_a_wide_pattern_is_looked_for_in_plain_characters(pattern: str, value: str, taken: bool) -> None:
    plain = LineRegex.from_patterns(["one", "two"], [("one", pattern)])
    assert plain.patterns
    assert matches_line(plain.pattern, f"{value},x") is taken
    assert not matches_line(plain.pattern, f"{value},x,")


def test_java_takes_the_same_wide_patterns(spark: Any) -> None:
    columns = [
        F.lit(f"{value},x")
        .rlike(LineRegex.from_patterns(["one", "two"], [("one", pattern)]).pattern)
        .alias(str(number))
        for number, (pattern, value, _) in enumerate(WIDE)
    ]
    assert list(spark.range(1).select(*columns).collect()[0]) == [taken for _, _, taken in WIDE]


OF_FEW = [ID, PRICE, CENTS, "^[A-Z]{2}-(a|b c)?$", r"^\w+@x\.org$", r"^[\d_-]+$", "^$"]
OF_MANY = ["^.+$", "^[^@]+$", r"^a\S$", r"^[\Wa]$", "^[+-.]$", "a", "^é$"]


@pytest.mark.parametrize("pattern", [*OF_FEW, *OF_MANY])
def test_a_pattern_is_plain_where_all_that_it_matches_is(pattern: str) -> None:
    assert is_plain(pattern) is (pattern in OF_FEW)


@given(pattern=PATTERN, data=st.data())
def test_what_a_plain_pattern_matches_puts_no_line_in_doubt(pattern: str, data: Any) -> None:
    if is_plain(pattern):
        value = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))  # as Java's classes are
        assert matches_line(LineRegex.from_patterns(["one"], [("one", pattern)]).pattern, value)


def test_what_could_be_proven_is_proven() -> None:
    """Without this, a proof of nothing would pass the test above."""
    patterns = [("one", "^(ab|c)+$"), ("one", r"^[a-c]*$"), ("two", r"^\d{1,3}$")]
    plain = LineRegex.from_patterns(["one", "two"], patterns)
    assert plain.patterns == {*patterns}
    assert matches_line(plain.pattern, "abcab,77")
    assert not matches_line(plain.pattern, "abca,77")
    assert not matches_line(plain.pattern, "abcab,7777")
