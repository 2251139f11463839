"""Whether two globs may take the same key: a walk through both at once, as through two automata."""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from etl.contract.file_glob import TOKEN, glob_regex

ANY_OTHER = "\uffff"
"""Stands for each character that no glob names."""


def globs_overlap(first: Iterable[str], second: Iterable[str]) -> bool:
    """Say whether a key may exist that one of the first and one of the second globs take, both without braces."""
    return any(_alternatives_overlap(_steps_of(left), _steps_of(right)) for left, right in product(first, second))


@dataclass(frozen=True)
class _Step:
    """One part of a glob: a set of characters as a regular expression, once or as often as one likes.

    `skips` are the steps after which the glob may go on without this one; 0 where it may not.
    """

    characters: re.Pattern[str]
    text: str
    repeats: bool = False
    skips: int = 0

    def takes(self, character: str) -> bool:
        """Say whether it may be this character."""
        return self.characters.fullmatch(character) is not None


_ANY, _NO_SLASH, _SLASH = (re.compile(text, re.DOTALL) for text in (".", "[^/]", "/"))


@cache
def _steps_of(glob: str) -> tuple[_Step, ...]:
    return tuple(step for token in TOKEN.finditer(glob) for step in _steps_of_token(token[0]))


def _steps_of_token(token: str) -> Iterator[_Step]:
    match token:
        case "**/":
            yield _Step(_ANY, "/", repeats=True, skips=2)
            yield _Step(_SLASH, "/")
        case "**":
            yield _Step(_ANY, "", repeats=True, skips=1)
        case "*":
            yield _Step(_NO_SLASH, "", repeats=True, skips=1)
        case "?":
            yield _Step(_NO_SLASH, "")
        case _:
            yield _Step(re.compile(glob_regex(token), re.DOTALL), token)


def _alternatives_overlap(first: Sequence[_Step], second: Sequence[_Step]) -> bool:
    """Walk both at once, a character at a time, over one character for each set that they tell apart."""
    characters = _characters_of((*first, *second))
    open_pairs, visited = [(0, 0)], {(0, 0)}
    while open_pairs:
        pair = open_pairs.pop()
        if pair == (len(first), len(second)):
            return True
        for following in _next_pairs(pair, first, second, characters):
            if following not in visited:
                visited.add(following)
                open_pairs.append(following)
    return False


def _next_pairs(
    pair: tuple[int, int], first: Sequence[_Step], second: Sequence[_Step], characters: frozenset[str]
) -> Iterator[tuple[int, int]]:
    left, right = pair
    if left < len(first) and first[left].skips:
        yield left + first[left].skips, right
    if right < len(second) and second[right].skips:
        yield left, right + second[right].skips
    if left == len(first) or right == len(second):
        return
    left_step, right_step = first[left], second[right]
    if any(left_step.takes(character) and right_step.takes(character) for character in characters):
        for left_end in {left, left + 1} if left_step.repeats else {left + 1}:
            for right_end in {right, right + 1} if right_step.repeats else {right + 1}:
                yield left_end, right_end


def _characters_of(steps: Sequence[_Step]) -> frozenset[str]:
    """Return each character that a glob names, with its neighbours, and one that none names: these tell ranges apart."""
    written = {character for step in steps for character in step.text}
    codes = {ord(character) + distance for character in written for distance in (-1, 0, 1)}
    return frozenset({*(chr(code) for code in codes if 0 <= code <= sys.maxunicode), "/", ANY_OTHER})
