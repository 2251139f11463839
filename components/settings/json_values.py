"""Values of JSON and YAML whose form nobody has checked yet."""

import json
from typing import Any, TypeGuard


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is a list, of whatever."""
    return isinstance(value, list)


def is_mapping(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a mapping, whose keys are texts as in JSON."""
    return isinstance(value, dict)


def parse_json(value: object) -> object:
    """Return what a text is as JSON; a text that is none, and all else, as it is."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
