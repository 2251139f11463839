"""Patterns with `*` (any text, also none) and `?` (one character), as IAM has them in actions, resources and values.

Source: AWS IAM user guide, IAM JSON policy elements: Resource.
"""

import functools
import re

OTHER = "\0"
"""Stands for every character that no pattern names."""


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern)
    return re.compile("".join(parts), re.DOTALL)


def matches(pattern: str, value: str) -> bool:
    """Whether a pattern covers the whole value, in which `*` and `?` stand for themselves."""
    return _compiled(pattern).fullmatch(value) is not None


@functools.cache
def meet(first: str, second: str) -> bool:
    """Whether some text matches both patterns."""
    # the places in `second` that a text can have got to when it has matched `first` so far
    places = _open({0}, second)
    for sign in first:
        if sign == "*":
            places = set(range(min(places), len(second) + 1)) if places else places
        else:
            places = _open(_step(places, second, sign), second)
    return len(second) in places


@functools.cache
def covers(wide: str, narrow: str) -> bool:
    """Whether every text that matches `narrow` matches `wide` too."""
    letters = {*wide, OTHER} - {"*", "?"}
    begin = (0, frozenset(_open({0}, wide)))
    waiting: list[tuple[int, frozenset[int]]] = [begin]
    seen = set(waiting)
    while waiting:
        at, places = waiting.pop()
        if at == len(narrow):
            if len(wide) not in places:
                return False
            continue
        sign = narrow[at]
        following = [(at + 1, places)] if sign == "*" else []
        for letter in letters if sign in "*?" else (sign,):
            after = frozenset(_open(_step(places, wide, letter), wide))
            following.append((at if sign == "*" else at + 1, after))
        waiting += [state for state in following if state not in seen]
        seen.update(following)
    return True


def _open(places: set[int], pattern: str) -> set[int]:
    """Add the places that lie behind a `*`, which may match nothing."""
    reached = set(places)
    for place in sorted(places):
        after = place
        while after < len(pattern) and pattern[after] == "*":
            after += 1
            reached.add(after)
    return reached


def _step(places: set[int] | frozenset[int], pattern: str, sign: str) -> set[int]:
    """Return where one character leads; `?` is whichever character the pattern wants."""
    reached = set()
    for place in places:
        if place < len(pattern):
            if pattern[place] == "*":
                reached.add(place)
            elif pattern[place] in ("?", sign) or sign == "?":
                reached.add(place + 1)
    return reached
