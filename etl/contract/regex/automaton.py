"""What can be told of a regular expression without running it: by its positions (Glushkov, 1961).

Each set of characters in an expression is a position; the automaton says which positions a match can begin at, go on to, and
end at. Only expressions that are languages are taken: sets of characters, groups, alternatives, repetitions that may give back.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Symbol = frozenset[str] | str
"""A set of characters, "(", ")", "|", or how often what stands before it is repeated."""
MOST = 256  # positions, and pairs of states that are compared: beyond it nothing is told
TIMES = re.compile(r"(?:(?P<sign>[?*+])|\{(?P<low>[0-9]+)(?P<range>,(?P<high>[0-9]*))?\})\??")
SIGNS = {"?": (0, 1), "*": (0, None), "+": (1, None)}


class _Untold(Exception):
    """The expression is no language in these terms, or too long."""


@dataclass(frozen=True)
class _Part:
    """A part of an expression: whether it matches nothing at all, and the positions it can begin and end at."""

    empty: bool
    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()


@dataclass
class Automaton:
    """Positions of an expression: the `characters` at each, those that `follow` each, and the whole.

    `double` says that one way through the positions may be more than one way through the expression, as in `(a+)+`.
    """

    characters: list[frozenset[str]] = field(default_factory=list)
    follow: list[set[int]] = field(default_factory=list)
    whole: _Part = _Part(empty=True)
    double: bool = False

    @classmethod
    def of(cls, symbols: Iterable[Symbol]) -> "Automaton | None":
        """Return an expression's automaton, None where nothing can be told of it."""
        made, rest = cls(), [*reversed([*symbols])]
        try:
            made.whole = _choice(rest)(made)
        except _Untold:
            return None
        return None if rest else made

    @property
    def is_single(self) -> bool:
        """Say whether a text is matched in one way at most, so that nothing is tried again where what follows fails."""
        return not self.double and all(self._are_apart(one) for one in (self.whole.first, *self.follow))

    def _are_apart(self, positions: Iterable[int]) -> bool:
        found = [self.characters[at] for at in positions]
        return sum(map(len, found)) == len(frozenset().union(*found))

    def within(self, other: "Automaton") -> bool:
        """Say whether the other matches every text that this one matches; False where that takes too long to find out."""
        return bool(self.is_within(other))

    def is_within(self, other: "Automaton") -> bool | None:
        """Say the same; None where that takes too long to find out."""
        open_: list[tuple[int | None, frozenset[int] | None]] = [(None, None)]
        seen = {*open_}
        while open_:
            own, others = open_.pop()
            if self._ends(None if own is None else {own}) and not other._ends(others):
                return False
            for step in self._steps(own, others, other):
                if step not in seen:
                    seen.add(step)
                    open_.append(step)
            if len(seen) > MOST:
                return None
        return True

    def _steps(
        self, own: int | None, others: frozenset[int] | None, other: "Automaton"
    ) -> Iterator[tuple[int, frozenset[int]]]:
        ahead = other._ahead(others)
        for at in self._ahead(None if own is None else {own}):
            for one in self.characters[at]:
                yield at, frozenset(to for to in ahead if one in other.characters[to])

    def _ahead(self, positions: Iterable[int] | None) -> set[int]:
        if positions is None:
            return {*self.whole.first}
        return set[int]().union(*(self.follow[at] for at in positions))

    def _ends(self, positions: Iterable[int] | None) -> bool:
        return self.whole.empty if positions is None else not self.whole.last.isdisjoint(positions)

    def position(self, characters: frozenset[str]) -> _Part:
        """Add a position."""
        if len(self.characters) == MOST:
            raise _Untold
        self.characters.append(characters)
        self.follow.append(set())
        own = frozenset({len(self.characters) - 1})
        return _Part(empty=False, first=own, last=own)

    def then(self, one: _Part, other: _Part) -> _Part:
        """Have a part follow another."""
        for at in one.last:
            self.double |= not self.follow[at].isdisjoint(other.first)
            self.follow[at] |= other.first
        first = one.first | other.first if one.empty else one.first
        last = one.last | other.last if other.empty else other.last
        return _Part(one.empty and other.empty, first, last)


# A repeated part stands in the automaton more than once: so parsing gives what adds one.
_Adds = Callable[[Automaton], _Part]


def _choice(rest: list[Symbol]) -> _Adds:
    """Read alternatives off the end of the symbols that are left, which stand in reverse."""
    found = [_sequence(rest)]
    while rest and rest[-1] == "|":
        rest.pop()
        found.append(_sequence(rest))

    def add(to: Automaton) -> _Part:
        parts = [one(to) for one in found]
        to.double |= sum(part.empty for part in parts) > 1
        first, last = (frozenset[int]().union(*sets) for sets in ([p.first for p in parts], [p.last for p in parts]))
        return _Part(any(part.empty for part in parts), first, last)

    return add


def _sequence(rest: list[Symbol]) -> _Adds:
    found: list[_Adds] = []
    while rest and rest[-1] not in ("|", ")"):
        found.append(_repeated(_one(rest), rest))
    return _joined(found)


def _one(rest: list[Symbol]) -> _Adds:
    symbol = rest.pop()
    if not isinstance(symbol, str):
        return lambda to: to.position(symbol)
    if symbol != "(":
        raise _Untold
    found = _choice(rest)
    if not rest:
        raise _Untold
    rest.pop()
    return found


def _repeated(one: _Adds, rest: list[Symbol]) -> _Adds:
    symbol = rest[-1] if rest else ""
    if not isinstance(symbol, str) or symbol in ("", "(", ")", "|"):
        return one
    rest.pop()
    times = TIMES.fullmatch(symbol)
    if not times:
        raise _Untold  # a possessive one gives nothing back, and matches less than its language
    if times["sign"]:
        low, high = SIGNS[times["sign"]]
    else:
        low = int(times["low"])
        high = low if not times["range"] else int(times["high"]) if times["high"] else None
    if max(low, high or 0) > MOST:
        raise _Untold
    if high is None:
        return _joined([one] * (low - 1) + [_endless(one, low == 0)])
    return _joined([one] * low + [_up_to(one, high - low)])


def _joined(parts: Sequence[_Adds]) -> _Adds:
    def add(to: Automaton) -> _Part:
        whole = _Part(empty=True)
        for part in parts:
            whole = to.then(whole, part(to))
        return whole

    return add


def _endless(one: _Adds, optional: bool) -> _Adds:
    def add(to: Automaton) -> _Part:
        part = one(to)
        to.double |= part.empty
        to.then(part, part)
        return _Part(part.empty or optional, part.first, part.last)

    return add


def _up_to(one: _Adds, most: int) -> _Adds:
    """Return what matches it up to so many times: `(a(a)?)?`, in which each text has one way, as in Java's own count."""

    def add(to: Automaton) -> _Part:
        if most <= 0:
            return _Part(empty=True)
        part = one(to)
        to.double |= part.empty
        part = to.then(part, _up_to(one, most - 1)(to))
        return _Part(True, part.first, part.last)

    return add
