"""A regular expression as a tree: its characters, alternatives and repetitions, without what matches no character."""

from collections.abc import Sequence as Several
from dataclasses import dataclass

SAMPLE_CHARACTERS = frozenset(map(chr, range(128))) | frozenset("\x85\xa0éß\u2028日\ufeff\ufffd\N{GRINNING FACE}")
"""Characters that stand for all: a class is known by those of them that it holds."""
NO_CHARACTERS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Chars:
    """One of these characters."""

    any: frozenset[str]


@dataclass(frozen=True)
class Sequence:
    """One part after the other."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True)
class Choice:
    """One of several."""

    branches: "tuple[Node, ...]"


@dataclass(frozen=True)
class Repeat:
    """A part from `low` to `high` times, None without end; `mode` is "?" for lazy, "+" for possessive, "" for greedy."""

    part: "Node"
    low: int
    high: int | None
    mode: str


Node = Chars | Sequence | Choice | Repeat
NOTHING = Sequence(())


def make_sequence(parts: Several[Node]) -> Node:
    """Return parts one after the other; one alone is itself."""
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def make_choice(branches: Several[Node]) -> Node:
    """Return one of several branches; one alone is itself."""
    return branches[0] if len(branches) == 1 else Choice(tuple(branches))
