"""Patterns held against each other by the texts that they match: whether one matches all that another does."""

import re
from collections.abc import Iterator, Sequence

from etl.contract.regex.automaton import Automaton, Symbol
from etl.contract.regex.compatibility import LINE_ENDS, language
from etl.contract.regex.tree import EVERY, Chars, Choice, Node, Repeat

SAME, MORE, LESS, OTHER = "same", "more", "less", "other"
ANY: list[Symbol] = [EVERY, "*"]
LINE_END: list[Symbol] = ["(", "(", frozenset("\r"), ")", "?", LINE_ENDS & EVERY, ")", "?"]
"""What `$` leaves behind it: the text's last line end."""
ENDS = re.compile(r"(?<!\\)(?:\\\\)*(?P<end>\$|\\z)\Z")
BEGINS = re.compile(r"\^|\\A")


def compared(old: Sequence[str], new: Sequence[str]) -> str | None:
    """Say whether the new patterns, any of them, match LESS than the old ones, MORE, the SAME, or OTHER texts.

    None where that cannot be told: a pattern looks around, names a family of characters, or is too long.
    """
    was, now = (Automaton.of(several) if (several := _any(patterns)) else None for patterns in (old, new))
    if was is None or now is None:
        return None
    less, more = now.is_within(was), was.is_within(now)
    if less or more:
        return SAME if less and more else MORE if more else LESS
    return None if less is None or more is None else OTHER


def covers(wide: str, narrow: str) -> bool:
    """Say whether a pattern is known to match every text that another matches."""
    return wide == narrow or compared([wide], [narrow]) in (SAME, LESS)


def _any(patterns: Sequence[str]) -> list[Symbol] | None:
    """Return any of the patterns as a search finds them, None where one is no language."""
    alternatives: list[Symbol] = []
    for pattern in patterns:
        symbols = _search(pattern)
        if symbols is None:
            return None
        alternatives += ["|", "(", *symbols, ")"]
    return ["(", *alternatives[1:], ")"]


def _search(pattern: str) -> list[Symbol] | None:
    begins, ends = BEGINS.match(pattern), ENDS.search(pattern)
    core = pattern[begins.end() if begins else 0 : ends.start("end") if ends else len(pattern)]
    tree = language(core)
    # With one more behind them, alternatives without a group around them are alternatives still.
    bare = isinstance(tree, Choice) and isinstance(language(f"{core}x"), Choice)
    if tree is None or (bare and (begins or ends)):
        return None  # an anchor belongs to one of the alternatives
    symbols = [*_symbols(tree)]
    if not all(symbol <= EVERY for symbol in symbols if isinstance(symbol, frozenset)):
        return None
    after = ANY if not ends else LINE_END if ends["end"] == "$" else []
    return [*([] if begins else ANY), "(", *symbols, ")", *after]


def _symbols(node: Node) -> Iterator[Symbol]:
    if isinstance(node, Chars):
        yield node.any
    elif isinstance(node, Repeat):
        times = f"{{{node.low},{'' if node.high is None else node.high}}}{node.mode}"
        yield from ("(", *_symbols(node.part), ")", times)
    elif isinstance(node, Choice):
        yield "("
        for at, branch in enumerate(node.branches):
            yield from (*(["|"] if at else []), *_symbols(branch))
        yield ")"
    else:
        for part in node.parts:
            yield from _symbols(part)
