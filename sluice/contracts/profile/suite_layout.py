"""The JSON of a suite as people write it: a column, an expectation's arguments and its reason on one line each."""

import json
from typing import Any


def laid_out(suite: dict[str, Any]) -> str:
    """Return a suite as the text of its file."""
    meta = [f"    {_json(name)}: {_entry(value)}" for name, value in suite["meta"].items()]
    rules = ",\n".join(_rule(one) for one in suite["expectations"])
    head = f'{{\n  "name": {_json(suite["name"])},\n  "meta": {{\n'
    return head + ",\n".join(meta) + '\n  },\n  "expectations": [\n' + rules + "\n  ]\n}\n"


def _entry(value: Any) -> str:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return _json(value)
    lines = ",\n".join(f"      {_json(one)}" for one in value)
    return f"[\n{lines}\n    ]"


def _rule(expectation: dict[str, Any]) -> str:
    lines = [f"      {_json(name)}: {_json(value)}" for name, value in expectation.items()]
    return "    {\n" + ",\n".join(lines) + "\n    }"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
