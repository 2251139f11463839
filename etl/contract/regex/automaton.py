"""What can be told of a regular expression without running it: by its positions (Glushkov, 1961).

Each set of characters in an expression is a position; the automaton says which positions a match can begin at, go on to, and
end at. Only expressions that are languages are taken: sets of characters, groups, alternatives, repetitions that may give back.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Symbol = frozenset[str] | str
"""A set of characters, "(", ")", "|", or how often what stands before it is repeated."""
MAX_POSITIONS = 256  # positions, and pairs of states that are compared: beyond it nothing is told
REPETITION = re.compile(r"(?:(?P<sign>[?*+])|\{(?P<low>[0-9]+)(?P<range>,(?P<high>[0-9]*))?\})\??")
SIGN_LIMITS = {"?": (0, 1), "*": (0, None), "+": (1, None)}


class _NoAutomaton(Exception):
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

    `ambiguous` says that one way through the positions may be more than one way through the expression, as in `(a+)+`.
    """

    characters: list[frozenset[str]] = field(default_factory=list)
    follow: list[set[int]] = field(default_factory=list)
    whole: _Part = _Part(empty=True)
    ambiguous: bool = False

    @classmethod
    def from_symbols(cls, symbols: Iterable[Symbol]) -> "Automaton | None":
        """Return an expression's automaton, None where nothing can be told of it."""
        automaton, remaining = cls(), [*reversed([*symbols])]
        try:
            automaton.whole = _parse_choice(remaining)(automaton)
        except _NoAutomaton:
            return None
        return None if remaining else automaton

    @property
    def is_single(self) -> bool:
        """Say whether a text is matched in one way at most, so that nothing is tried again where what follows fails."""
        return not self.ambiguous and all(self._are_apart(positions) for positions in (self.whole.first, *self.follow))

    def _are_apart(self, positions: Iterable[int]) -> bool:
        character_sets = [self.characters[position] for position in positions]
        return sum(map(len, character_sets)) == len(frozenset[str]().union(*character_sets))

    def is_contained_in(self, container: "Automaton") -> bool:
        """Say whether the other matches every text that this one matches; False where that takes too long to find out."""
        return bool(self.try_contained_in(container))

    def try_contained_in(self, container: "Automaton") -> bool | None:
        """Say the same; None where that takes too long to find out."""
        open_: list[tuple[int | None, frozenset[int] | None]] = [(None, None)]
        visited = {*open_}
        while open_:
            position, container_positions = open_.pop()
            if self._can_end(None if position is None else {position}) and not container._can_end(container_positions):
                return False
            for step in self._next_pairs(position, container_positions, container):
                if step not in visited:
                    visited.add(step)
                    open_.append(step)
            if len(visited) > MAX_POSITIONS:
                return None
        return True

    def _next_pairs(
        self, position: int | None, container_positions: frozenset[int] | None, container: "Automaton"
    ) -> Iterator[tuple[int, frozenset[int]]]:
        ahead = container._next_positions(container_positions)
        for next_position in self._next_positions(None if position is None else {position}):
            for character in self.characters[next_position]:
                yield next_position, frozenset(target for target in ahead if character in container.characters[target])

    def _next_positions(self, positions: Iterable[int] | None) -> set[int]:
        if positions is None:
            return {*self.whole.first}
        return set[int]().union(*(self.follow[position] for position in positions))

    def _can_end(self, positions: Iterable[int] | None) -> bool:
        return self.whole.empty if positions is None else not self.whole.last.isdisjoint(positions)

    def add_position(self, characters: frozenset[str]) -> _Part:
        """Add a position."""
        if len(self.characters) == MAX_POSITIONS:
            raise _NoAutomaton
        self.characters.append(characters)
        self.follow.append(set())
        positions = frozenset({len(self.characters) - 1})
        return _Part(empty=False, first=positions, last=positions)

    def add_sequence(self, first_part: _Part, second_part: _Part) -> _Part:
        """Have a part follow another."""
        for position in first_part.last:
            self.ambiguous |= not self.follow[position].isdisjoint(second_part.first)
            self.follow[position] |= second_part.first
        first = first_part.first | second_part.first if first_part.empty else first_part.first
        last = first_part.last | second_part.last if second_part.empty else second_part.last
        return _Part(first_part.empty and second_part.empty, first, last)


# A repeated part stands in the automaton more than once: so parsing gives what adds one.
_PartAdder = Callable[[Automaton], _Part]


def _parse_choice(remaining: list[Symbol]) -> _PartAdder:
    """Read alternatives off the end of the symbols that are left, which stand in reverse."""
    alternatives = [_parse_sequence(remaining)]
    while remaining and remaining[-1] == "|":
        remaining.pop()
        alternatives.append(_parse_sequence(remaining))

    def add_choice(automaton: Automaton) -> _Part:
        parts = [alternative(automaton) for alternative in alternatives]
        automaton.ambiguous |= sum(part.empty for part in parts) > 1
        first, last = (frozenset[int]().union(*sets) for sets in ([p.first for p in parts], [p.last for p in parts]))
        return _Part(any(part.empty for part in parts), first, last)

    return add_choice


def _parse_sequence(remaining: list[Symbol]) -> _PartAdder:
    adders: list[_PartAdder] = []
    while remaining and remaining[-1] not in ("|", ")"):
        adders.append(_parse_repetition(_parse_part(remaining), remaining))
    return _join_adders(adders)


def _parse_part(remaining: list[Symbol]) -> _PartAdder:
    symbol = remaining.pop()
    if not isinstance(symbol, str):
        return lambda automaton: automaton.add_position(symbol)
    if symbol != "(":
        raise _NoAutomaton
    group = _parse_choice(remaining)
    if not remaining:
        raise _NoAutomaton
    remaining.pop()
    return group


def _parse_repetition(adder: _PartAdder, remaining: list[Symbol]) -> _PartAdder:
    symbol = remaining[-1] if remaining else ""
    if not isinstance(symbol, str) or symbol in ("", "(", ")", "|"):
        return adder
    remaining.pop()
    times = REPETITION.fullmatch(symbol)
    if not times:
        raise _NoAutomaton  # a possessive one gives nothing back, and matches less than its language
    if times["sign"]:
        low, high = SIGN_LIMITS[times["sign"]]
    else:
        low = int(times["low"])
        high = low if not times["range"] else int(times["high"]) if times["high"] else None
    if max(low, high or 0) > MAX_POSITIONS:
        raise _NoAutomaton
    if high is None:
        return _join_adders([adder] * (low - 1) + [_repeat_endlessly(adder, low == 0)])
    return _join_adders([adder] * low + [_repeat_up_to(adder, high - low)])


def _join_adders(adders: Sequence[_PartAdder]) -> _PartAdder:
    def add_joined(automaton: Automaton) -> _Part:
        whole = _Part(empty=True)
        for adder in adders:
            whole = automaton.add_sequence(whole, adder(automaton))
        return whole

    return add_joined


def _repeat_endlessly(adder: _PartAdder, optional: bool) -> _PartAdder:
    def add_endless(automaton: Automaton) -> _Part:
        part = adder(automaton)
        automaton.ambiguous |= part.empty
        automaton.add_sequence(part, part)
        return _Part(part.empty or optional, part.first, part.last)

    return add_endless


def _repeat_up_to(adder: _PartAdder, limit: int) -> _PartAdder:
    """Return what matches it up to so many times: `(a(a)?)?`, in which each text has one way, as in Java's own count."""

    def add_repeated(automaton: Automaton) -> _Part:
        if limit <= 0:
            return _Part(empty=True)
        part = adder(automaton)
        automaton.ambiguous |= part.empty
        part = automaton.add_sequence(part, _repeat_up_to(adder, limit - 1)(automaton))
        return _Part(True, part.first, part.last)

    return add_repeated
