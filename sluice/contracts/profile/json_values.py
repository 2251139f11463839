"""A JSON record's value as a draft needs it: numbers as the text that stands there, and keys that come twice."""

import json
from typing import Any


class NumberText(str):
    """A number of JSON as the text that the file has."""

    __slots__ = ()


class JsonObject(list[tuple[str, Any]]):
    """An object of JSON as its pairs, of which two may have one key."""


def decoder() -> json.JSONDecoder:
    """Return what reads JSON with its numbers as text."""
    return json.JSONDecoder(
        object_pairs_hook=JsonObject, parse_int=NumberText, parse_float=NumberText, parse_constant=_no_number
    )


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
