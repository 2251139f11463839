"""A search for literal texts finds what the regular expression finds, in any bytes."""

from functools import reduce
from operator import and_, or_
from typing import Any, cast

import pytest
from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.gate.onepass.literal_search import find_literals, search, unexpected_rows

LITERALS: dict[str, list[tuple[bool, str]]] = {
    "[<>]": [(False, "<"), (False, ">")],
    "^ ": [(True, " ")],
    "\\t": [(False, "\t")],
    "^(test|dummy)": [(True, "test"), (True, "dummy")],
    "@example|@test": [(False, "@example"), (False, "@test")],
    "^a|b": [(True, "a"), (False, "b")],
    "(?:a\\.b|x y)": [(False, "a.b"), (False, "x y")],
    "a\\|b|c": [(False, "a|b"), (False, "c")],
    "[+*\\]$]": [(False, "+"), (False, "*"), (False, "]"), (False, "$")],
    "^[\\-]": [(True, "-")],
    "(?:a\\\\|b)": [(False, "a\\"), (False, "b")],
}
OTHERS = [
    "",
    "a|",
    "|a",
    "a.b",
    "ab+",
    "(a)?",
    "a{2}",
    "[a-z]",
    "[^a]",
    "[a&&b]",
    "[ab]+",
    "^a$",
    "(a|b)c",
    "x(a)",
    "\\d",
    "^^a",
]
OTHERS += ["(?i)a", "\\Qa\\E", "[abcde]", "\u00e9", "((a))", "(?=a)", "a*", "\\bx"]
TEXTS = [
    None,
    "",
    "a",
    "b",
    "c",
    " a",
    "a ",
    "test",
    "a test",
    "dummy",
    "x@example.org",
    "<",
    "b>",
    "a.b",
    "axb",
    "x y",
    "a|b",
]
TEXTS += ["\t", "+", "*]", "$", "-", "a-", "\u00e9a", "\U0001f600<", "\n", "x\na", "\na", "A", "@TEST", "a\\"]
BROKEN = ["C3", "C33C", "3CC3", "E282", "E23C", "F09F98", "F09F3E61", "FF74657374", "80612E62", "C061"]
"""Bytes that are no UTF-8, some of them cut short before a literal."""


@pytest.mark.parametrize("regex", LITERALS)
def test_literals_are_found(regex: str) -> None:
    assert find_literals(regex) == LITERALS[regex]


@pytest.mark.parametrize("regex", OTHERS)
def test_what_is_more_than_literals_is_left_to_the_matcher(spark: Any, regex: str) -> None:
    assert find_literals(regex) is None
    assert search(F.col("v"), regex) is None


@pytest.fixture(scope="module")
def values(spark: Any) -> Any:
    """Texts, and bytes that are none, as a column `v`."""
    broken = F.explode(F.array(*map(F.lit, BROKEN)))
    texts = F.explode(F.array(*map(F.lit, TEXTS)))
    rows = spark.range(1).select(broken.alias("h")).select(F.unhex("h").cast("string").alias("v"))
    return spark.range(1).select(texts.alias("v")).union(rows).localCheckpoint()


def test_a_search_is_what_the_matcher_says(spark: Any, values: Any) -> None:
    value = F.col("v")
    pairs = [
        F.struct(cast(Column, search(value, regex)), value.rlike(regex)).alias(str(number))
        for number, regex in enumerate(LITERALS)
    ]
    rows = values.select(F.hex("v").alias("v"), *pairs).collect()
    answers = {(regex, row["v"]): tuple(row[str(number)]) for row in rows for number, regex in enumerate(LITERALS)}
    assert {place: pair for place, pair in answers.items() if pair[0] is not pair[1]} == {}
    assert all({True, False, None} == {pair[0] for (r, _), pair in answers.items() if r == regex} for regex in LITERALS)


def _unexpected(metric: str, kwargs: dict[str, Any]) -> Column:
    return cast(Column, unexpected_rows(metric, F.col("v"), kwargs))


@pytest.mark.parametrize("regexes", [["a", "\\.", "x y"], ["[<>]"]])
def test_lists_are_what_the_library_makes_of_them(spark: Any, values: Any, regexes: list[str]) -> None:
    value = F.col("v")
    any_of, all_of = (reduce(combine, (value.rlike(regex) for regex in regexes)) for combine in (or_, and_))
    cases = {
        "default": ("match_regex_list", {}, ~any_of),
        "any": ("match_regex_list", {"match_on": "any"}, ~any_of),
        "all": ("match_regex_list", {"match_on": "all"}, ~all_of),
        "not": ("not_match_regex_list", {}, any_of),
    }
    pairs = [
        F.struct(_unexpected(f"column_values.{kind}", {"regex_list": regexes, **more}), breaks).alias(name)
        for name, (kind, more, breaks) in cases.items()
    ]
    assert all(row[name][0] is row[name][1] for row in values.select(*pairs).collect() for name in cases)
    mixed = {"regex_list": [*regexes, "b$"]}
    assert unexpected_rows("column_values.not_match_regex_list", value, mixed) is None


def test_other_metrics_keep_the_condition_of_the_library(spark: Any) -> None:
    assert unexpected_rows("column_values.in_set", F.col("v"), {"value_set": ["a"]}) is None
    assert unexpected_rows("column_values.match_regex_list", F.col("v"), {"regex_list": []}) is None
