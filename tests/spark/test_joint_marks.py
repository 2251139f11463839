"""A look that proves several rules on a column says what the rules say, each by itself."""

from collections.abc import Hashable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.gate.onepass.joint_marks import (
    BETWEEN,
    IN_SET,
    LENGTHS,
    MATCH,
    NOT_IN_SET,
    NOT_MATCH,
    JointKey,
    ValueTest,
    join_marks,
)
from etl.sources.line_regex import minimal_patterns
from tests.spark.lake import GOOD, Lake, csv_bytes
from tests.spark.test_engine_values import RulesByName, add_rules, outcomes_by_rule

TEXTS = [
    None,
    "",
    "a",
    "b",
    "ab",
    "ba",
    "abc",
    "TXN1",
    "TXN12",
    "TXN123",
    "xTXN1",
    "a\nb",
    "TXN1\n",
    "\u00e9",
    "A",
    "aa",
    "xab",
]
NUMBERS = [None, *range(-3, 12)]
DAYS = [None, *(date(2026, month, day) for month in (1, 2) for day in (1, 9, 10, 28))]
Group = list[tuple[str, dict[str, Any]]]


def between(low: Any = None, high: Any = None, *, metric: str = BETWEEN, **strict: bool) -> tuple[str, dict[str, Any]]:
    return metric, {"min_value": low, "max_value": high, **strict}


def patterns(*regexes: str, metric: str = MATCH) -> Group:
    return [(metric, {"regex": regex}) for regex in regexes]


def sets(metric: str, *values: list[Any]) -> Group:
    return [(metric, {"value_set": value_set}) for value_set in values]


JOINED: dict[str, tuple[str, Group]] = {
    "ranges": ("n", [between(0, 9), between(1, 20), between(-5, 8), between(high=11)]),
    "strict ranges": ("n", [between(1, 8), between(1, 8, strict_min=True), between(0, 8, strict_max=True)]),
    "upper ends": ("n", [between(high=9), between(high=4), between(high=4, strict_max=True)]),
    "floating-point": ("f", [between(0.5, 9.0), between(1.5, 8.25), between(0.0, 20.0)]),
    "decimals": ("d", [between(0, 9), between(1, 8), between(0, 8)]),
    "days": ("t", [between("2026-01-02", "2026-02-27"), between("2026-01-09", "2026-02-28"), between("2026-01-09")]),
    "lengths": ("s", [between(1, 5, metric=LENGTHS), between(2, 6, metric=LENGTHS), between(2, 4, metric=LENGTHS)]),
    "sets": ("s", sets(IN_SET, ["a", "b", "ab"], ["b", "ab", "ba"], ["ab", "b"])),
    "forbidden sets": ("s", sets(NOT_IN_SET, ["a"], ["b", "TXN1"], ["b"])),
    "patterns": ("s", patterns("^TXN[0-9]{1,3}$", "^TXN[0-9]{1,2}$", "N1.*")),
    "patterns with ends of lines": ("s", patterns("^a$", "^[ab]+", "a\\s?b?\\z")),
    "forbidden patterns": ("s", [*patterns("^[a-z]+$"), *patterns("b{2}", "^ab+$", "a|TXN.*", metric=NOT_MATCH)]),
    "alternatives": ("s", patterns("^a+|b+$", "[ab]|c?$", "(a)(b)?|(?:TXN[0-9])")),
}


def marks_of(column: str, group: Group) -> list[Column]:
    """Return where each test fails, as the library has it."""
    value = F.col(column)
    return [_mark(F.length(value) if metric == LENGTHS else value, metric, kwargs) for metric, kwargs in group]


def _mark(value: Column, metric: str, kwargs: dict[str, Any]) -> Column:
    if metric in {MATCH, NOT_MATCH}:
        return ~value.rlike(kwargs["regex"]) if metric == MATCH else value.rlike(kwargs["regex"])
    if metric in {IN_SET, NOT_IN_SET}:
        return ~value.isin(kwargs["value_set"]) if metric == IN_SET else value.isin(kwargs["value_set"])
    mark, low, high = F.lit(False), kwargs["min_value"], kwargs["max_value"]
    if low is not None:
        mark = mark | ~(value > F.lit(low) if kwargs.get("strict_min") else value >= F.lit(low))
    return mark if high is None else mark | ~(value < F.lit(high) if kwargs.get("strict_max") else value <= F.lit(high))


@pytest.fixture(scope="module")
def frame(spark: Any) -> Any:
    """Texts `s`, whole numbers `n`, floating-point `f`, decimals `d` and dates `t`."""
    rows = [
        (text, number, None if number is None else number + 0.25, None if number is None else Decimal(number), day)
        for text, number, day in zip(TEXTS * 16, NUMBERS * 16, DAYS * 28, strict=False)
    ]
    return spark.createDataFrame(rows, "s string, n int, f double, d decimal(10,2), t date").localCheckpoint()


def joined(frame: Any, column: str, group: Group) -> dict[Any, Column]:
    types = dict(frame.dtypes)
    tests: dict[Hashable, ValueTest] = {
        number: ValueTest(metric, column, types[column], kwargs) for number, (metric, kwargs) in enumerate(group)
    }
    return dict(join_marks(dict(enumerate(marks_of(column, group))), tests))


@pytest.mark.parametrize("name", JOINED)
def test_a_joint_mark_is_there_where_any_of_its_marks_is(frame: Any, name: str) -> None:
    column, group = JOINED[name]
    marks = joined(frame, column, group)
    assert [*marks] == [JointKey(frozenset(range(len(group))))]
    [joint], separate = marks.values(), marks_of(column, group)
    any_mark = F.lit(False)
    for mark in separate:
        any_mark = any_mark | F.coalesce(mark, F.lit(False))
    rows = frame.select(column, F.coalesce(joint, F.lit(False)).alias("joint"), any_mark.alias("any")).collect()
    assert [row for row in rows if row["joint"] != row["any"]] == []
    assert {row["any"] for row in rows} == {True, False}


APART: dict[str, tuple[str, Group]] = {
    "a single rule": ("n", [between(0, 9)]),
    "bounds of two kinds": ("n", [between(0, 9), between(0.5, 9.5), between(0, 8)]),
    "ranges none of which speaks for the other": ("n", [between(low=0), between(high=8)]),
    "texts as bounds": ("s", [between("a", "b"), between("a", "c"), between("b", "c")]),
    "sets without a shared value": ("s", sets(IN_SET, ["a"], ["b"])),
    "sets of numbers": ("n", sets(NOT_IN_SET, [1, 2], [3])),
    "literal patterns": ("s", patterns("[<>]", "^a", "^ ")),
    "references": ("s", patterns(r"(a)\1", r"(b)\1")),
    "flags": ("s", patterns("(?i)a+", "(?x)a+ # of course")),
    "names of groups": ("s", patterns("(?<x>a+)", "(?<x>b+)")),
    "quotations": ("s", patterns(r"\Qa(", r"\Qb(")),
}


@pytest.mark.parametrize("name", APART)
def test_other_marks_stay_as_they_are(frame: Any, name: str) -> None:
    column, group = APART[name]
    assert [*joined(frame, column, group)] == [*range(len(group))]


def test_what_is_joined_is_of_one_column_and_one_kind(frame: Any) -> None:
    tests: dict[Hashable, ValueTest] = {
        "n low": ValueTest(BETWEEN, "n", "int", between(0)[1]),
        "n lower": ValueTest(BETWEEN, "n", "int", between(-1)[1]),
        "d low": ValueTest(BETWEEN, "d", "decimal(10,2)", between(0)[1]),
        "length": ValueTest(LENGTHS, "s", "string", between(0)[1]),
    }
    marks = join_marks(dict.fromkeys([*tests, "query"], F.lit(True)), tests)
    assert set(marks) == {JointKey(frozenset({"n low", "n lower"})), "d low", "length", "query"}


def rules_on(column: str, *regexes: str) -> RulesByName:
    return {
        f"p{number}": ("expect_column_values_to_match_regex", {"column": column, "regex": regex})
        for number, regex in enumerate(regexes)
    }


def test_rules_that_are_proven_together_are_observed(lake: Lake) -> None:
    rules = rules_on("transaction_id", "^TXN[0-9]{1,9}$", "N0+[0-9]+$", "^TXN[0-9]{3,}$")
    add_rules(lake, "output", rules)
    lake.put_files(a__csv=csv_bytes(GOOD))
    verdict = lake.run()
    assert verdict.rows_published == 1, verdict.message
    assert outcomes_by_rule(verdict) == dict.fromkeys(rules, ("observed", True))


@pytest.mark.parametrize("stage", ["input", "output"])
def test_a_broken_rule_is_told_from_those_it_was_joined_with(lake: Lake, stage: str) -> None:
    rules = rules_on("transaction_id", "^TXN[0-9]{1,9}$", "^TXN[0-9]{4,}$", "^[A-Z]+[0-9]+$")
    add_rules(lake, stage, rules)
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("TXN001", "TXN0002")))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("FAILED", 0)
    assert {result.rule: (result.unexpected, result.samples) for result in verdict.broken} == {
        "trades.told.p1": (1, ("TXN001",))
    }
    held = {name for name, (_, is_held) in outcomes_by_rule(verdict).items() if is_held}
    assert held == {"p0", "p2"}


MINIMAL = {
    ("^[0-9]{1,3}$", "^[0-9]{1,2}$", "^[0-9]+$"): ["^[0-9]{1,2}$"],
    ("^a$", "^a$", "^[ab]$"): ["^a$"],
    ("^a|b$", "^[ab]$"): ["^[ab]$"],
    ("^a|b$", "^(a|b)c?$"): ["^a|b$", "^(a|b)c?$"],
    ("^.$", "^[a-z]$", "^\\S$"): ["^[a-z]$"],
    ("^.$", "^[^a]$"): ["^.$", "^[^a]$"],
    ("^[a-z]+$", "a"): ["^[a-z]+$", "a"],
    ("^(a|b)$", "^a?b?$"): ["^(a|b)$", "^a?b?$"],
}


@pytest.mark.parametrize("patterns", MINIMAL)
def test_a_pattern_that_another_implies_is_not_looked_for(patterns: tuple[str, ...]) -> None:
    assert minimal_patterns(patterns) == MINIMAL[patterns]


def test_what_is_left_out_is_found_where_the_others_are(frame: Any) -> None:
    group = patterns("^TXN[0-9]{1,3}$", "^TXN[0-9]{1,2}$", "^TXN[0-9]+$", "^[A-Z0-9]+$", "^[ab]|N.*$")
    assert len(minimal_patterns(kwargs["regex"] for _, kwargs in group)) < len(group) - 2
    [joint] = joined(frame, "s", group).values()
    separate = [F.coalesce(mark, F.lit(False)) for mark in marks_of("s", group)]
    rows = frame.select(
        "s", F.coalesce(joint, F.lit(False)).alias("joint"), F.array(*separate).alias("marks")
    ).collect()
    assert [row for row in rows if row["joint"] != any(row["marks"])] == []
