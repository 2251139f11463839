"""What an automaton tells of an expression is true of every text, by Python's own matcher."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contract.regex.automaton import MOST, Automaton, Symbol

A, B, DIGIT = frozenset("a"), frozenset("b"), frozenset("0123456789")
TEXTS = ["".join(text) for length in range(5) for text in itertools.product("ab", repeat=length)]


def symbols(pattern: str) -> list[Symbol]:
    """Split an expression over a, b and c (either)."""
    letters: dict[str, Symbol] = {"a": A, "b": B, "c": A | B, **{one: one for one in "()|"}}
    return [letters.get(one) or one for one in re.findall(r"[abc()|]|[?*+]\??|\{[0-9,]+\}\??", pattern)]


def made(pattern: str) -> Automaton:
    found = Automaton.of(symbols(pattern))
    assert found is not None
    return found


def matched(pattern: str) -> set[str]:
    return {text for text in TEXTS if re.fullmatch(pattern.replace("c", "[ab]"), text)}


PATTERNS = st.recursive(
    st.sampled_from("abc"),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,2}", "{0,2}", "{1,}", "*?", "??"])).map(
            lambda pair: f"({pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(PATTERNS, PATTERNS)
def test_what_is_within_another_matches_nothing_more(one: str, other: str) -> None:
    assert not made(one).within(made(other)) or matched(one) <= matched(other)
    assert made(one).within(made(f"({other}|{one})"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("a{2}", "a+"), ("a?(ba)*", "c*"), ("a(b{1,2})?", "a(b{1,2}a*)?"), ("", "a?"), ("(a|b)b", "c{1,2}")],
)
def test_a_narrower_expression_is_within_a_wider_one_and_not_the_other_way_around(one: str, other: str) -> None:
    assert made(one).within(made(other))
    assert not made(other).within(made(one))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(PATTERNS)
def test_what_may_be_empty_is_known(pattern: str) -> None:
    assert made(pattern).whole.empty == ("" in matched(pattern))


@pytest.mark.parametrize(
    "pattern",
    ["", "a", "ab", "a*b", "a?b", "(a|b)*", "a{2}", "a{1,3}", "a{1,3}b", "a{2,}", "b(ab)*", "(a(b)?)?", "a+?b"],
)
def test_expressions_with_one_way_for_each_text(pattern: str) -> None:
    assert made(pattern).is_single


@pytest.mark.parametrize(
    "pattern",
    [
        "a|a",
        "a?a",
        "a*a",
        "ca*b*a|",
        "(a+)+",
        "(a*)*",
        "(a?)?",
        "(a?){2}",
        "(a?|b?)",
        "a{1,2}a*",
        "(ab|a)",
        "(a|ab)b",
        "(a*)+",
    ],
)
def test_expressions_with_two_ways_for_a_text(pattern: str) -> None:
    assert not made(pattern).is_single


@pytest.mark.parametrize("pattern", ["(", "a)", "a++", "a?+", "a**", "(a", f"a{{{MOST + 1}}}", "(a{64}){64}"])
def test_of_what_is_no_plain_language_or_too_long_nothing_is_told(pattern: str) -> None:
    split = re.findall(r"[a()]|[?*+]\+?|\{[0-9]+\}", pattern)
    assert Automaton.of(A if one == "a" else one for one in split) is None


def test_a_comparison_that_takes_too_long_tells_nothing() -> None:
    long = Automaton.of([DIGIT, "{200}"])
    assert long
    assert long.within(long)
    either = Automaton.of(["(", A, "|", B, ")", "*", A, "(", A, "|", B, ")", "{12}"])  # 2 ** 13 states where it is told
    assert either
    assert not either.within(either)
