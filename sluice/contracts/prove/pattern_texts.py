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


def matching_texts(pattern: str, number: int, chance: Random) -> list[str]:
    """Return about `number` different texts that a pattern takes, fewer where it takes fewer; none where it is beyond us."""
    for java, python in JAVA.items():
        pattern = pattern.replace(java, python)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _parser.parse(pattern)
        generated = [_tree_text(tree, chance) for _ in range(2 * number)]
    except (re.error, ValueError, IndexError, OverflowError, RecursionError):
        return []
    return list(dict.fromkeys(generated))[:number]


def broken_texts(text: str) -> list[str]:
    """Return what is left of a text after the slips that patterns are written against."""
    slips = [text.swapcase(), f"{text} ", f" {text}", text[1:], text[:-1], f"!{text}", f"{text}!", f"{text}{text}"]
    return [*slips, re.sub("[0-9]", "x", text), re.sub("[^0-9]", "0", text)]


def _tree_text(tree: Iterable[Any], chance: Random) -> str:
    return "".join(PARTS.get(kind.name, _no_text)(argument, chance) for kind, argument in tree)


def _no_text(argument: Any, chance: Random) -> str:
    del argument, chance
    return ""


def _repeat_text(argument: Any, chance: Random) -> str:
    fewest, most, inner = argument
    times = chance.randint(fewest, min(most, fewest + LONGER))
    return "".join(_tree_text(inner, chance) for _ in range(times))


def _class_character(argument: Any, chance: Random) -> str:
    return chance.choice([character for character in ALPHABET if _in_class(argument, character)])


def _in_class(parts: list[Any], character: str) -> bool:
    negated = bool(parts) and parts[0][0].name == "NEGATE"
    return any(_matches_part(kind.name, argument, character) for kind, argument in parts[negated:]) is not negated


def _matches_part(kind: str, argument: Any, character: str) -> bool:
    if kind == "LITERAL":
        return ord(character) == argument
    if kind == "RANGE":
        return argument[0] <= ord(character) <= argument[1]
    return bool(re.match(CATEGORIES[argument.name], character))


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
    "NOT_LITERAL": lambda what, chance: chance.choice([letter for letter in ALPHABET if ord(letter) != what]),
    "ANY": lambda _, chance: chance.choice("aZ7"),
    "IN": _class_character,
    "MAX_REPEAT": _repeat_text,
    "MIN_REPEAT": _repeat_text,
    "POSSESSIVE_REPEAT": _repeat_text,
    "SUBPATTERN": lambda what, chance: _tree_text(what[-1], chance),
    "ATOMIC_GROUP": _tree_text,
    "BRANCH": lambda what, chance: _tree_text(chance.choice(what[1]), chance),
}
