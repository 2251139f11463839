"""What an automaton tells of an expression is true of every text, by Python's own matcher."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contract.regex.automaton import MAX_POSITIONS, Automaton, Symbol

A, B, DIGIT = frozenset("a"), frozenset("b"), frozenset("0123456789")
TEXTS = ["".join(text) for length in range(5) for text in itertools.product("ab", repeat=length)]


def split_symbols(pattern: str) -> list[Symbol]:
    """Split an expression over a, b and c (either)."""
    letters: dict[str, Symbol] = {"a": A, "b": B, "c": A | B, **{token: token for token in "()|"}}
    return [letters.get(token) or token for token in re.findall(r"[abc()|]|[?*+]\??|\{[0-9,]+\}\??", pattern)]


def build_automaton(pattern: str) -> Automaton:
    automaton = Automaton.from_symbols(split_symbols(pattern))
    assert automaton is not None
    return automaton


def matched_texts(pattern: str) -> set[str]:
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
def test_what_is_within_another_matches_nothing_more(narrow: str, wide: str) -> None:
    assert not build_automaton(narrow).is_contained_in(build_automaton(wide)) or matched_texts(narrow) <= matched_texts(
        wide
    )
    assert build_automaton(narrow).is_contained_in(build_automaton(f"({wide}|{narrow})"))


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [("a{2}", "a+"), ("a?(ba)*", "c*"), ("a(b{1,2})?", "a(b{1,2}a*)?"), ("", "a?"), ("(a|b)b", "c{1,2}")],
)
def test_a_narrower_expression_is_within_a_wider_one_and_not_the_other_way_around(narrow: str, wide: str) -> None:
    assert build_automaton(narrow).is_contained_in(build_automaton(wide))
    assert not build_automaton(wide).is_contained_in(build_automaton(narrow))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(PATTERNS)
def test_what_may_be_empty_is_known(pattern: str) -> None:
    assert build_automaton(pattern).whole.empty == ("" in matched_texts(pattern))


@pytest.mark.parametrize(
    "pattern",
    ["", "a", "ab", "a*b", "a?b", "(a|b)*", "a{2}", "a{1,3}", "a{1,3}b", "a{2,}", "b(ab)*", "(a(b)?)?", "a+?b"],
)
def test_expressions_with_one_way_for_each_text(pattern: str) -> None:
    assert build_automaton(pattern).is_single


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
    assert not build_automaton(pattern).is_single


@pytest.mark.parametrize("pattern", ["(", "a)", "a++", "a?+", "a**", "(a", f"a{{{MAX_POSITIONS + 1}}}", "(a{64}){64}"])
def test_of_what_is_no_plain_language_or_too_long_nothing_is_told(pattern: str) -> None:
    split = re.findall(r"[a()]|[?*+]\+?|\{[0-9]+\}", pattern)
    assert Automaton.from_symbols(A if symbol == "a" else symbol for symbol in split) is None


def test_a_comparison_that_takes_too_long_tells_nothing() -> None:
    long = Automaton.from_symbols([DIGIT, "{200}"])
    assert long
    assert long.is_contained_in(long)
    either = Automaton.from_symbols(
        ["(", A, "|", B, ")", "*", A, "(", A, "|", B, ")", "{12}"]
    )  # 2 ** 13 states where it is told
    assert either
    assert not either.is_contained_in(either)
