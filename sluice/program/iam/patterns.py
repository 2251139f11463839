"""Patterns with `*` (any text, also none) and `?` (one character), as IAM has them in actions, resources and values.

Source: AWS IAM user guide, IAM JSON policy elements: Resource.
"""

import functools
import re
from collections.abc import Iterable

OTHER = "\0"
"""Stands for every character that no pattern names."""


@functools.cache
def _compile_pattern(pattern: str) -> re.Pattern[str]:
    parts = (".*" if character == "*" else "." if character == "?" else re.escape(character) for character in pattern)
    return re.compile("".join(parts), re.DOTALL)


@functools.cache
def _compile_actions(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern for all, which ask of an action's name without case."""
    return re.compile("|".join(_compile_pattern(pattern.lower()).pattern for pattern in patterns), re.DOTALL)


def matches_action(patterns: Iterable[str], action: str) -> bool:
    """Whether one of the patterns covers an action, in whatever case both are; of no patterns none does."""
    patterns = tuple(patterns)
    return bool(patterns) and _compile_actions(patterns).fullmatch(action.lower()) is not None


def matches_pattern(pattern: str, value: str) -> bool:
    """Whether a pattern covers the whole value, in which `*` and `?` stand for themselves."""
    return _compile_pattern(pattern).fullmatch(value) is not None


@functools.cache
def patterns_meet(first: str, second: str) -> bool:
    """Whether some text matches both patterns."""
    # the places in `second` that a text can have got to when it has matched `first` so far
    places = _skip_stars({0}, second)
    for character in first:
        if character == "*":
            places = set(range(min(places), len(second) + 1)) if places else places
        else:
            places = _skip_stars(_advance_places(places, second, character), second)
    return len(second) in places


@functools.cache
def covers_pattern(wide: str, narrow: str) -> bool:
    """Whether every text that matches `narrow` matches `wide` too."""
    if not matches_pattern(wide, narrow.replace("*", OTHER).replace("?", OTHER)):
        return False  # one such text is enough, and is found at once
    letters = {*wide, OTHER} - {"*", "?"}
    begin = (0, frozenset(_skip_stars({0}, wide)))
    waiting: list[tuple[int, frozenset[int]]] = [begin]
    visited = set(waiting)
    while waiting:
        index, places = waiting.pop()
        if index == len(narrow):
            if len(wide) not in places:
                return False
            continue
        character = narrow[index]
        following = [(index + 1, places)] if character == "*" else []
        for letter in letters if character in "*?" else (character,):
            after = frozenset(_skip_stars(_advance_places(places, wide, letter), wide))
            following.append((index if character == "*" else index + 1, after))
        waiting += [state for state in following if state not in visited]
        visited.update(following)
    return True


def _skip_stars(places: set[int], pattern: str) -> set[int]:
    """Add the places that lie behind a `*`, which may match nothing."""
    reached = set(places)
    for place in sorted(places):
        after = place
        while after < len(pattern) and pattern[after] == "*":
            after += 1
            reached.add(after)
    return reached


def _advance_places(places: set[int] | frozenset[int], pattern: str, character: str) -> set[int]:
    """Return where one character leads; `?` is whichever character the pattern wants."""
    reached = set()
    for place in places:
        if place < len(pattern):
            if pattern[place] == "*":
                reached.add(place)
            elif pattern[place] in ("?", character) or character == "?":
                reached.add(place + 1)
    return reached
