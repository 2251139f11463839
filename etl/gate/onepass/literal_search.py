"""Regular expressions that look for a few literal texts: bytes tell, and no value is decoded for Java's matcher.

`rlike` decodes a value and starts a matcher; a search in its bytes takes a fraction of that. Literals are ASCII, whose bytes
stand in no other character, nor in what Java's decoder takes for broken.
"""

import re
from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

from pyspark.sql import Column

MOST_LITERALS = 4  # each is a search of its own
# One character at least, and none that is said how often to stand.
LITERAL = r"(?:(?:\\[^A-Za-z0-9]|\\t|[^\\\[\](){}|*+?.^$])(?![*+?{]))+"
CLASS = r"\[(?P<class>(?:\\[^A-Za-z0-9]|\\t|[^\\\[\]^&-])+)\](?![*+?{])"
ALTERNATIVE = re.compile(
    rf"(?P<start>\^?)(?:{CLASS}|\((?:\?:)?(?P<group>{LITERAL}(?:\|{LITERAL})*)\)|(?P<text>{LITERAL}))"
)
CHARACTER = re.compile(r"\\t|\\?(.)")
Literal = tuple[bool, str]
"""Whether a text is looked for at the start alone, and the text."""


def find_literals(regex: str) -> list[Literal] | None:
    """Return the texts of which a value has one where a regular expression finds something; None where it is no such search."""
    literals: list[Literal] = []
    position = 0
    while position <= len(regex):
        alternative = ALTERNATIVE.match(regex, position)
        if alternative is None or regex[alternative.end() : alternative.end() + 1] not in {"", "|"}:
            return None
        literals += [(bool(alternative["start"]), text) for text in _texts_of(alternative)]
        position = alternative.end() + 1
    is_known = len(literals) <= MOST_LITERALS and all(text.isascii() for _, text in literals)
    return literals if is_known else None


def _texts_of(alternative: re.Match[str]) -> list[str]:
    if alternative["class"]:
        return [*_unescape(alternative["class"])]
    return [_unescape(text) for text in re.findall(LITERAL, alternative["group"] or alternative["text"])]


def _unescape(text: str) -> str:
    return CHARACTER.sub(lambda character: character[1] or "\t", text)


def search(column: Column, regex: str) -> Column | None:
    """Return what `column.rlike(regex)` is, null where the column is; None where no literals tell it."""
    literals = find_literals(regex)
    if literals is None:
        return None
    return reduce(or_, (column.startswith(text) if at_start else column.contains(text) for at_start, text in literals))


def _search_all(column: Column, regexes: list[str], combine: Callable[[Column, Column], Column]) -> Column | None:
    searches = [condition for regex in regexes if (condition := search(column, regex)) is not None]
    return reduce(combine, searches) if searches and len(searches) == len(regexes) else None


def unexpected_rows(metric: str, column: Column, kwargs: Mapping[str, Any]) -> Column | None:
    """Return where a text is not as the library's metric expects, as the library has it; None where literals do not tell.

    Args:
        metric: such as `column_values.match_regex`.
        column: of text.
        kwargs: the metric's arguments.
    """
    match metric:
        case "column_values.match_regex":
            return _negate(search(column, kwargs["regex"]))
        case "column_values.not_match_regex":
            return search(column, kwargs["regex"])
        case "column_values.match_regex_list":
            combine = {"any": or_, "all": and_}.get(kwargs.get("match_on") or "any")
            return combine and _negate(_search_all(column, kwargs["regex_list"], combine))
        case "column_values.not_match_regex_list":
            return _search_all(column, kwargs["regex_list"], or_)
        case _:
            return None


def _negate(condition: Column | None) -> Column | None:
    return None if condition is None else ~condition
