"""Inputs without what `ignoreChanges` names, path by path (Pulumi, Property paths: `a.b`, `a[0]`, `a["b"]`, `a[*]`)."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

STEP = re.compile(r"""\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]]+)""")
Path = tuple[str, ...]


def parse_paths(paths: Iterable[str]) -> list[Path]:
    """Return each path as its steps."""
    return [tuple(quoted or index or key for quoted, index, key in STEP.findall(path)) for path in paths]


def without_paths(value: Any, paths: Sequence[Path]) -> Any:
    """Return a copy of the value without what stands at any of the paths; `*` is every key and every index."""
    if () in paths:
        return None
    if isinstance(value, dict):
        return {
            key: without_paths(item, _paths_below(key, paths))
            for key, item in value.items()
            if () not in _paths_below(key, paths)
        }
    if isinstance(value, list):
        return [without_paths(item, _paths_below(str(index), paths)) for index, item in enumerate(value)]
    return value


def _paths_below(step: str, paths: Sequence[Path]) -> list[Path]:
    return [path[1:] for path in paths if path and path[0] in (step, "*")]
