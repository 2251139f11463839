"""JSON as people write it into a mended row: numbers stay the texts they were, and nothing is dropped in silence."""

import json
from typing import Any


def parse_json(text: str) -> Any:
    """Return a text's value.

    Raises:
        ValueError: it is no JSON, holds what JSON has no number for, or a name twice.
    """
    try:
        return json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=_no_number,
            object_pairs_hook=_object_without_duplicates,
        )
    except RecursionError as fault:
        raise ValueError("it is nested too deeply") from fault


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number; write null, or the value")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of a name that stands twice, JSON's reader would keep the last in silence."""
    names = [name for name, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"{twice!r} stands twice; keep one")
    return dict(pairs)
