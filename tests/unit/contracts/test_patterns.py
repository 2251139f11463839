"""Lint asks the Java that will run about each pattern: whether it compiles, and what hard values do to it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from etl.contract.regex.compatibility import parse_pattern
from sluice.contracts.lint import lint as linting
from sluice.contracts.lint.findings import Finding
from sluice.contracts.lint.java import OVERFLOWS, JavaProcess, NoJava
from sluice.contracts.lint.lint import lint_suites
from sluice.contracts.lint.pattern_attacks import LONG, SHORT, stack_attacks, time_attacks
from sluice.contracts.lint.patterns import PatternChecks
from tests.lake.mutations import QUANTITY, Change, change_kwargs, replace_rule
from tests.spark.test_patterns import COMPILES, DOES_NOT
from tests.unit.contracts.changed import with_rule_added
from tests.unit.contracts.conftest import Write

MATCH, MATCH_ANY = "expect_column_values_to_match_regex", "expect_column_values_to_match_regex_list"
FORMAT = "expect_column_values_to_match_strftime_format"
BETWEEN = "expect_column_values_to_be_between"
SLUG = "^[a-z0-9]+(?:-[a-z0-9]+)*$"


def judge_patterns(java: JavaProcess, *patterns: str) -> tuple[list[Finding], list[str]]:
    rules = [
        {"kwargs": {"regex": pattern}, "meta": {"rule": f"trades.p{index}"}} for index, pattern in enumerate(patterns)
    ]
    judge = PatternChecks(java)
    return [*judge.check_suite({"expectations": rules})], judge.notes


def test_java_itself_compiles_what_the_corpus_says(java: JavaProcess) -> None:
    assert [pattern for pattern in COMPILES if java.compile_error(pattern)] == []
    assert [pattern for pattern in DOES_NOT if java.compile_error(pattern) is None] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "^(?:[A-Z]|[0-9])*$",
        "^(a|b)+$",
        r"^(?:\w|-)*$",
        "(?:A|B|C)*?X",
        "^x(y(?:a|bc)*)z$",
        "^(?:(?:a|b)(?:c|d))*$",
        "^(EU|US)(,(EU|US))*$",
        "^(?:[A-Z]|[0-9]){0,20000}$",
        "^(?i:(?:é|ß))*$",
        "^(?=(?:a|b)*$)",
    ],
)
def test_alternatives_that_are_repeated_without_end_overflow_the_stack(java: JavaProcess, pattern: str) -> None:
    [finding], notes = judge_patterns(java, pattern)
    assert (finding.kind, finding.rule) == ("engine", "trades.p0")
    assert f"on a value of {LONG} characters" in finding.found
    assert "overflows the stack" in finding.found
    assert "repeat the group by *+ or ++" in finding.remedy
    assert notes == []


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z0-9]*$",
        r"^(?:\w|-)*+$",
        "^(?:[A-Z]|[0-9]){1,40}$",
        "^(?:ab)*$",
        "^TXN[0-9]+$",
        "^(EU|US)-[0-9]{4}$",
        r"^.*$",
    ],
)
def test_what_is_repeated_as_a_class_or_possessively_or_a_few_times_does_not(java: JavaProcess, pattern: str) -> None:
    assert judge_patterns(java, pattern) == ([], [])


def test_a_group_without_alternatives_that_overflows_is_noted_and_no_finding(java: JavaProcess) -> None:
    findings, (note,) = judge_patterns(java, SLUG)
    assert findings == []
    assert note.startswith(f"trades.p0: on a value of {LONG} characters such as 'a-a-a-")


@pytest.mark.parametrize("pattern", [r"(a+)+\1b", pytest.param("^(?:a|a){1,40}$", marks=pytest.mark.long)])
def test_a_pattern_that_takes_over_a_second_for_thirty_characters_is_a_finding(java: JavaProcess, pattern: str) -> None:
    [finding], _ = judge_patterns(java, pattern)
    assert (finding.kind, finding.rule) == ("engine", "trades.p0")
    assert "takes over a second for the 30 characters 'aaaaaaaa" in finding.found
    assert (
        java.compile_error("[a") == "Unclosed character class near index 1"
    )  # another process answers what comes next


def test_a_text_for_the_time_has_thirty_characters_and_one_for_the_stack_twenty_thousand() -> None:
    parsed = parse_pattern("^x(?:[A-Z]|[0-9]+)*$")
    assert {len(text) for text in time_attacks(parsed)} == {SHORT}
    assert {len(text) for _, text in stack_attacks(parsed)} == {LONG}
    assert all(text.startswith("x") for text in time_attacks(parsed))


@pytest.mark.parametrize("pattern", [r"^-?[0-9]+(\.[0-9]{1,2})?$", "^[A-Z]{2}$", r"^[^@\s]+@[^@\s]+\.[^@\s]+$"])
def test_a_pattern_that_matches_in_few_ways_is_not_tried_for_its_time(pattern: str) -> None:
    assert time_attacks(parse_pattern(pattern)) == []


def test_none_of_the_sound_patterns_of_the_corpus_takes_long(java: JavaProcess) -> None:
    # Of comments no tree is made.
    patterns = [pattern for pattern in COMPILES if not re.match(r"\(\?[a-zU]*x", pattern)]
    texts = [(pattern, text) for pattern in patterns for text in time_attacks(parse_pattern(pattern))]
    assert len(texts) > 20
    assert [(pattern, text) for pattern, text in texts if java.match_failure(pattern, text)] == []


def test_java_says_what_hurts(java: JavaProcess) -> None:
    assert java.match_failure("^(a|b)*$", "a" * LONG) == OVERFLOWS
    assert java.match_failure("^[ab]*$", "a" * LONG) is None


REFUSED: dict[str, tuple[Change, str]] = {
    "a pattern that only Java refuses": (
        replace_rule("trades.transaction_id.kept", MATCH, column="transaction_id", regex=r"\p{IsNoSuchThing}"),
        r"pattern '\\p{IsNoSuchThing}' does not compile: Unknown character property name",
    ),
    "one of a list": (
        with_rule_added(MATCH_ANY, column="region", regex_list=["^EU", "^(E|U)*$"]),
        "'^(E|U)*$' overflows",
    ),
    "one that must not match": (
        with_rule_added("expect_column_values_to_not_match_regex", column="region", regex="^(E|U)*$"),
        "'^(E|U)*$' overflows",
    ),
    "one of a list that must not match": (
        with_rule_added("expect_column_values_to_not_match_regex_list", column="region", regex_list=["^(E|U)*$"]),
        "'^(E|U)*$' overflows",
    ),
    "a format that Python does not read": (
        with_rule_added(FORMAT, column="region", strftime_format="%Y-%Q"),
        "strftime_format '%Y-%Q' is none that Python reads",
    ),
    "a format that says a thing twice": (
        with_rule_added(FORMAT, column="region", strftime_format="%d-%d"),
        "strftime_format '%d-%d' is none that Python reads",
    ),
    "a day that the library cannot hold": (
        with_rule_added(BETWEEN, column="transaction_date", min_value="0500-06-01"),
        "min_value 0500-06-01 is before 1000-01-01",
    ),
    "a last day that the library cannot hold": (
        with_rule_added(BETWEEN, column="transaction_date", max_value="0999-12-31"),
        "max_value 0999-12-31 is before 1000-01-01",
    ),
    "the most common of dates": (
        with_rule_added(
            "expect_column_most_common_value_to_be_in_set", column="transaction_date", value_set=["2025-01-01"]
        ),
        "compares the most common date with texts",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_lint_refuses(what: str, write: Write) -> None:
    change, expected = REFUSED[what]
    report = lint_suites([str(write(change) / "expectations/trades/output.json")])
    assert [expected in finding.found for finding in report.findings if finding.kind == "engine"] == [True], report


@pytest.mark.parametrize(
    "change",
    [
        with_rule_added(BETWEEN, column="transaction_date", min_value="1000-01-01", max_value="9999-12-31"),
        with_rule_added("expect_column_min_to_be_between", column="transaction_date", min_value="0500-06-01"),
        with_rule_added(FORMAT, column="region", strftime_format="%Y-%m-%dT%H:%M:%S.%f%z"),
        with_rule_added(MATCH, column="region", regex=r"^[\w-.]+$"),
    ],
)
def test_lint_takes_what_the_engine_can_judge_by(change: Change, write: Write) -> None:
    assert lint_suites([str(write(change) / "expectations/trades/output.json")]).findings == []


def test_where_there_is_no_java_lint_says_what_was_not_tried(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def no_java() -> Iterator[JavaProcess]:
        raise NoJava("there is no Java: none")
        yield

    monkeypatch.setattr(linting, "running_java", no_java)
    report = lint_suites(
        [str(write(with_rule_added(MATCH, column="region", regex="^(E|U)*$")) / "expectations/trades/output.json")]
    )
    assert report.findings == []
    assert report.notes == [
        "no pattern was compiled by Java, nor tried on values that are hard for it: there is no Java: none"
    ]


def test_a_suite_that_strict_loading_refuses_has_its_patterns_tried_too(write: Write) -> None:
    def add_pattern(suite: dict[str, object]) -> None:
        with_rule_added(MATCH, column="region", regex="^(E|U)*$")(suite)
        change_kwargs(QUANTITY, min_value="none")(suite)

    kinds = {
        finding.kind for finding in lint_suites([str(write(add_pattern) / "expectations/trades/output.json")]).findings
    }
    assert {"refused", "engine"} <= kinds


def test_a_suite_without_patterns_starts_no_java(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linting, "running_java", None)
    folder = write(
        input_change=lambda suite: suite.update(json.loads(json.dumps(suite).replace('"regex"', '"nothing"')))
    )
    assert "refused" in {
        finding.kind for finding in lint_suites([str(folder / "expectations/trades/input.json")]).findings
    }
