"""How JSON records stand in a text: one a line, one after the other, in an array, or in a list within one object."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from etl.contract.json_values import is_list
from sluice.cli.errors import WrongUse

LINES, OBJECTS, ARRAY = "lines", "objects", "array"
Pairs = list[tuple[str, Any]]


class NumberText(str):
    """A number of JSON as the text that the file has."""

    __slots__ = ()


class JsonObject(list[tuple[str, Any]]):
    """An object of JSON as its pairs, of which two may have one key."""


class JsonRecords(NamedTuple):
    """Records, and how they stand."""

    form: str
    records: Iterator[Any]


def decoder() -> json.JSONDecoder:
    """Return what reads JSON with its numbers as text."""
    return json.JSONDecoder(
        object_pairs_hook=JsonObject, parse_int=NumberText, parse_float=NumberText, parse_constant=_no_number
    )


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def are_lines(head: Sequence[str]) -> bool:
    """Say whether the first lines are a whole object each, or may be: what is no JSON at all is said of its line."""
    lines = [line for line in head if line.strip()]
    if not lines or not lines[0].lstrip().startswith("{"):
        return not lines or not lines[0].lstrip().startswith("[")
    try:
        first, end = decoder().raw_decode(lines[0].strip())
    except ValueError:
        return False
    holds_records = (
        len(lines) == 1 and isinstance(first, JsonObject) and any(True for _ in _lists_of_objects(first, ()))
    )
    return end == len(lines[0].strip()) and not holds_records


def split_text(text: str, where: str) -> JsonRecords:
    """Return the records of a text that is no JSON lines.

    Raises:
        WrongUse: it is no JSON, or its records cannot be told.
    """
    try:
        values = list(_values(text))
    except (ValueError, RecursionError) as error:
        raise WrongUse(f"{where} cannot be read as JSON: {getattr(error, 'msg', error)}") from error
    if len(values) != 1:
        return JsonRecords(OBJECTS, iter(values))
    (value,) = values
    if not isinstance(value, JsonObject):
        return JsonRecords(ARRAY, iter(value if is_list(value) else [value]))
    lists = [*_lists_of_objects(value, ())]
    if not lists:
        return JsonRecords(OBJECTS, iter(values))
    path, records = max(lists, key=lambda entry: len(entry[1]))
    return JsonRecords(".".join(path), iter(records))


def _values(text: str) -> Iterator[Any]:
    reader, position = decoder(), 0
    text = text.strip()
    while position < len(text):
        value, position = reader.raw_decode(text, position)
        yield value
        while position < len(text) and text[position] in " \t\r\n":
            position += 1


def _lists_of_objects(value: JsonObject, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield the lists of objects within an object, each with its path."""
    for name, inner in value:
        if isinstance(inner, JsonObject):
            yield from _lists_of_objects(inner, (*path, name))
        elif is_list(inner) and inner and all(isinstance(entry, JsonObject) for entry in inner):
            yield (*path, name), inner
