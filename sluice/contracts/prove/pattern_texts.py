"""Texts that a regular expression takes, made from its parts.

They are proposals: Spark, whose expressions are Java's, says which of them it takes. So what Python cannot read gives
none, and look-around is overlooked.
"""

import re
import warnings
from collections.abc import Callable, Iterable
from importlib import import_module
from random import Random
from typing import Any

# The tree behind `re`; its classes are no public names.
_parser: Any = import_module("re._parser")
ALPHABET = [*map(chr, range(32, 127)), "é", "\n"]
JAVA = {
    r"\p{Lu}": "[A-Z]",
    r"\p{Ll}": "[a-z]",
    r"\p{L}": "[A-Za-z]",
    r"\p{N}": "[0-9]",
    r"\p{Nd}": "[0-9]",
    r"\z": r"\Z",
}
LONGER = 5  # repetitions beyond the fewest


def texts(pattern: str, number: int, chance: Random) -> list[str]:
    """Return about `number` different texts that a pattern takes, fewer where it takes fewer; none where it is beyond us."""
    for java, python in JAVA.items():
        pattern = pattern.replace(java, python)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _parser.parse(pattern)
        made = [_text(tree, chance) for _ in range(2 * number)]
    except (re.error, ValueError, IndexError, OverflowError, RecursionError):
        return []
    return list(dict.fromkeys(made))[:number]


def broken(text: str) -> list[str]:
    """Return what is left of a text after the slips that patterns are written against."""
    slips = [text.swapcase(), f"{text} ", f" {text}", text[1:], text[:-1], f"!{text}", f"{text}!", f"{text}{text}"]
    return [*slips, re.sub("[0-9]", "x", text), re.sub("[^0-9]", "0", text)]


def _text(tree: Iterable[Any], chance: Random) -> str:
    return "".join(PARTS.get(kind.name, _nothing)(what, chance) for kind, what in tree)


def _nothing(what: Any, chance: Random) -> str:
    del what, chance
    return ""


def _repeat(what: Any, chance: Random) -> str:
    fewest, most, inner = what
    times = chance.randint(fewest, min(most, fewest + LONGER))
    return "".join(_text(inner, chance) for _ in range(times))


def _one_of(what: Any, chance: Random) -> str:
    return chance.choice([one for one in ALPHABET if _within(what, one)])


def _within(parts: list[Any], one: str) -> bool:
    negated = bool(parts) and parts[0][0].name == "NEGATE"
    return any(_is(kind.name, what, one) for kind, what in parts[negated:]) is not negated


def _is(kind: str, what: Any, one: str) -> bool:
    if kind == "LITERAL":
        return ord(one) == what
    if kind == "RANGE":
        return what[0] <= ord(one) <= what[1]
    return bool(re.match(CATEGORIES[what.name], one))


CATEGORIES = {
    "CATEGORY_DIGIT": "[0-9]",
    "CATEGORY_NOT_DIGIT": "[^0-9]",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": "[A-Za-z0-9_]",
    "CATEGORY_NOT_WORD": "[^A-Za-z0-9_]",
}
PARTS: dict[str, Callable[[Any, Random], str]] = {
    "LITERAL": lambda what, _: chr(what),
    "NOT_LITERAL": lambda what, chance: chance.choice([one for one in ALPHABET if ord(one) != what]),
    "ANY": lambda _, chance: chance.choice("aZ7"),
    "IN": _one_of,
    "MAX_REPEAT": _repeat,
    "MIN_REPEAT": _repeat,
    "POSSESSIVE_REPEAT": _repeat,
    "SUBPATTERN": lambda what, chance: _text(what[-1], chance),
    "ATOMIC_GROUP": _text,
    "BRANCH": lambda what, chance: _text(chance.choice(what[1]), chance),
}
