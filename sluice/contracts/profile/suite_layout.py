"""The JSON of a suite as people write it: a column, a doubt, an expectation's arguments and its reason on one line each."""

import json
from typing import Any

from etl.contract.json_values import is_list, is_object


def render_suite(suite: dict[str, Any]) -> str:
    """Return a suite as the text of its file."""
    meta = [f"    {_render_json(name)}: {_render_entry(name, value)}" for name, value in suite["meta"].items()]
    rules = ",\n".join(_render_rule(expectation) for expectation in suite["expectations"])
    head = f'{{\n  "name": {_render_json(suite["name"])},\n  "meta": {{\n'
    return head + ",\n".join(meta) + '\n  },\n  "expectations": [\n' + rules + "\n  ]\n}\n"


def _render_entry(name: str, value: Any) -> str:
    if not is_list(value) or (not all(map(is_object, value)) and name != "doubts"):
        return _render_json(value)
    lines = ",\n".join(f"      {_render_json(item)}" for item in value)
    return f"[\n{lines}\n    ]"


def _render_rule(expectation: dict[str, Any]) -> str:
    lines = [f"      {_render_json(name)}: {_render_json(value)}" for name, value in expectation.items()]
    return "    {\n" + ",\n".join(lines) + "\n    }"


def _render_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
