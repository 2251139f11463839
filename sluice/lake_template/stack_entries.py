"""A dataset's entry in a stack's file: put in as text, so that comments, order and layout of the file stay."""

from typing import Any

import yaml

from components.settings.project_name import option_key

STEP = "  "
EMPTY_TEXTS = ("", "null", "~", "{}")


class EntryNotPossible(ValueError):
    """The stack's file is written in a way that no entry can be put into; the message says in which."""


def dataset_entries(text: str) -> dict[str, Any]:
    """Return the entries of a stack's file by dataset.

    Raises:
        EntryNotPossible: it is no YAML, or its datasets are no mapping.
    """
    try:
        config = (yaml.safe_load(text) or {}).get("config") or {}
        entries = config.get(option_key("datasets")) or {}
    except (yaml.YAMLError, AttributeError) as fault:
        raise EntryNotPossible(f"it is no YAML with a mapping below config, {' '.join(str(fault).split())}") from fault
    if not isinstance(entries, dict) or "secure" in entries:
        raise EntryNotPossible(f"{option_key('datasets')} is no mapping with an entry for each dataset")
    return entries


def insert_entry(text: str, dataset: str) -> str:
    """Return a stack's file with an entry `<dataset>: {}` behind those that are there.

    Raises:
        EntryNotPossible: the file does not mean its former values and the entry afterwards.
    """
    entries = dataset_entries(text)
    line_end = "\r\n" if "\r\n" in text else "\n"
    changed = _insert(text if text.endswith(("\n", "\r")) or not text else text + line_end, dataset, line_end)
    if _without_entry(changed, dataset) != _without_entry(text, "") or dataset_entries(changed) != {
        **entries,
        dataset: {},
    }:
        raise EntryNotPossible(f"{option_key('datasets')} is laid out in a way that no line can be added to")
    return changed


def _without_entry(text: str, dataset: str) -> dict[str, Any]:
    """Return what a file means without one entry; no datasets at all and none of them is the same."""
    content: dict[str, Any] = yaml.safe_load(text) or {}
    config = dict(content.get("config") or {})
    entries = dict(config.pop(option_key("datasets"), None) or {})
    entries.pop(dataset, None)
    return {**content, "config": {**config, "datasets": entries}}


def _insert(text: str, dataset: str, line_end: str) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    config_key, config = _child(root, "config")
    if config_key is None:
        return f"{text}config:{line_end}{STEP}{option_key('datasets')}:{line_end}{STEP * 2}{dataset}: {{}}{line_end}"
    key, entries = _child(config, option_key("datasets"))
    if key is None:
        indent = (
            " " * config.value[0][0].start_mark.column
            if isinstance(config, yaml.MappingNode) and config.value
            else STEP
        )
        added = f"{indent}{option_key('datasets')}:{line_end}{indent}{STEP}{dataset}: {{}}{line_end}"
        return _add_line(text, max(_last_line(config), config_key.start_mark.line), added)
    if isinstance(entries, yaml.MappingNode) and entries.value:
        if entries.flow_style:
            position = entries.end_mark.index - 1
            return f"{text[:position].rstrip()}, {dataset}: {{}}{text[position:]}"
        added = f"{' ' * entries.value[0][0].start_mark.column}{dataset}: {{}}{line_end}"
        return _add_line(text, _last_line(entries), added)
    before, after = text[: entries.start_mark.index].rstrip(" "), text[entries.end_mark.index :]
    added = f"{' ' * key.start_mark.column}{STEP}{dataset}: {{}}{line_end}"
    if text[entries.start_mark.index : entries.end_mark.index].strip() not in EMPTY_TEXTS:
        raise EntryNotPossible(f"{option_key('datasets')} is laid out in a way that no line can be added to")
    return _add_line(before + after, key.start_mark.line, added)


def _child(node: Any, name: str) -> tuple[Any, Any]:
    """Return key and value of a mapping's entry as nodes, None for both where there is none."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next(((key, value) for key, value in pairs if key.value == name), (None, None))


def _last_line(node: Any) -> int:
    """Return the number of the last line, from 0, that a node has text on: the end of a block lies behind its comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return max(_last_line(part) for part in (last if isinstance(last, tuple) else (last,)))
    return node.end_mark.line


def _add_line(text: str, line: int, added: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: line + 1], added, *lines[line + 1 :]])
