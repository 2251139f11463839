"""Values of JSON within YAML: a stack's file may hold either."""

import json


def parse_json(value: object) -> object:
    """Return what a text is as JSON; a text that is none, and all else, as it is."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
