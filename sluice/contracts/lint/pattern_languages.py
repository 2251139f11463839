"""Patterns held against each other by the texts that they match: whether one matches all that another does."""

import re
from collections.abc import Iterator, Sequence

from etl.contract.regex.automaton import Automaton, Symbol
from etl.contract.regex.compatibility import LINE_ENDS, parse_exact_pattern
from etl.contract.regex.tree import SAMPLE_CHARACTERS, Chars, Choice, Node, Repeat

SAME, MORE, LESS, OTHER = "same", "more", "less", "other"
ANY: list[Symbol] = [SAMPLE_CHARACTERS, "*"]
LINE_END: list[Symbol] = ["(", "(", frozenset("\r"), ")", "?", LINE_ENDS & SAMPLE_CHARACTERS, ")", "?"]
"""What `$` leaves behind it: the text's last line end."""
ENDS = re.compile(r"(?<!\\)(?:\\\\)*(?P<end>\$|\\z)\Z")
BEGINS = re.compile(r"\^|\\A")


def compare_patterns(old: Sequence[str], new: Sequence[str]) -> str | None:
    """Say whether the new patterns, any of them, match LESS than the old ones, MORE, the SAME, or OTHER texts.

    None where that cannot be told: a pattern looks around, names a family of characters, or is too long.
    """
    old_automaton, new_automaton = (
        Automaton.from_symbols(symbols) if (symbols := _any_symbols(patterns)) else None for patterns in (old, new)
    )
    if old_automaton is None or new_automaton is None:
        return None
    is_narrower, is_wider = new_automaton.try_contained_in(old_automaton), old_automaton.try_contained_in(new_automaton)
    if is_narrower or is_wider:
        return SAME if is_narrower and is_wider else MORE if is_wider else LESS
    return None if is_narrower is None or is_wider is None else OTHER


def covers_pattern(wide: str, narrow: str) -> bool:
    """Say whether a pattern is known to match every text that another matches."""
    return wide == narrow or compare_patterns([wide], [narrow]) in (SAME, LESS)


def _any_symbols(patterns: Sequence[str]) -> list[Symbol] | None:
    """Return any of the patterns as a search finds them, None where one is no language."""
    alternatives: list[Symbol] = []
    for pattern in patterns:
        symbols = _search_symbols(pattern)
        if symbols is None:
            return None
        alternatives += ["|", "(", *symbols, ")"]
    return ["(", *alternatives[1:], ")"]


def _search_symbols(pattern: str) -> list[Symbol] | None:
    begin_anchor, end_anchor = BEGINS.match(pattern), ENDS.search(pattern)
    core = pattern[begin_anchor.end() if begin_anchor else 0 : end_anchor.start("end") if end_anchor else len(pattern)]
    tree = parse_exact_pattern(core)
    # With one more behind them, alternatives without a group around them are alternatives still.
    bare = isinstance(tree, Choice) and isinstance(parse_exact_pattern(f"{core}x"), Choice)
    if tree is None or (bare and (begin_anchor or end_anchor)):
        return None  # an anchor belongs to one of the alternatives
    symbols = [*_node_symbols(tree)]
    if not all(symbol <= SAMPLE_CHARACTERS for symbol in symbols if isinstance(symbol, frozenset)):
        return None
    tail = ANY if not end_anchor else LINE_END if end_anchor["end"] == "$" else []
    return [*([] if begin_anchor else ANY), "(", *symbols, ")", *tail]


def _node_symbols(node: Node) -> Iterator[Symbol]:
    if isinstance(node, Chars):
        yield node.any
    elif isinstance(node, Repeat):
        times = f"{{{node.low},{'' if node.high is None else node.high}}}{node.mode}"
        yield from ("(", *_node_symbols(node.part), ")", times)
    elif isinstance(node, Choice):
        yield "("
        for index, branch in enumerate(node.branches):
            yield from (*(["|"] if index else []), *_node_symbols(branch))
        yield ")"
    else:
        for part in node.parts:
            yield from _node_symbols(part)
