"""`python -m sluice.program.options_page [--check]`: `Pulumi.yaml`'s options and docs/options.md, from the model of options."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from components.settings.dataset_options import DatasetEntry
from components.settings.option_types import Options
from components.settings.options import GROUPS, StackOptions
from sluice.cli.errors import run_to_exit_code
from sluice.cli.module_parser import CommandParser
from sluice.program.stack_files import ROOT

PROJECT_FILE, PAGE = ROOT / "Pulumi.yaml", ROOT / "docs" / "options.md"
JSON_LIST = "array"
SECTION = "\nconfig:\n"
"""What `Pulumi.yaml` has before its options, which are its last part."""
INTRODUCTION = """\
# Options of a stack

`make options` writes this page and the options in `Pulumi.yaml` from the model in `components/settings/options.py`. A
stack's file, `Pulumi.<stack>.yaml`, has what differs from the defaults, each option as `<project>:<option>` below `config`.
`<project>` is the name in `Pulumi.yaml`; these pages write `sluice:`, which is this repository's. What the options mean
together is in [deploying](deploying.md).

A wrong value is refused before anything is declared, and all of them at once. A flag is `true` or `false` and a number is
digits, as YAML has them or as text, which is how `pulumi config set` writes them. Schedules are in UTC.
"""
HEADER = ("option", "type", "default", "takes", "meaning", "example")


def config_section() -> str:
    """Return the options as `Pulumi.yaml` has them below `config`."""
    options = {key: _declaration(schema) for key, schema in _schemas(StackOptions)}
    text = yaml.safe_dump(options, sort_keys=False, width=118, allow_unicode=True).replace("''", '""')
    return "".join(f"  {line}\n" for line in text.splitlines())


def _declaration(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an option as Pulumi's schema of a project declares it."""
    items = {"items": {"type": "string"}} if schema["type"] == JSON_LIST else {}
    default = {"default": schema["default"]} if "default" in schema else {}
    return {"type": schema["type"], **items, **default, "description": schema["description"]}


def render_project(text: str) -> str:
    """Return `Pulumi.yaml`'s text with the options of the model.

    Raises:
        LookupError: it has no options.
    """
    before, section, _ = text.partition(SECTION)
    if not section:
        raise LookupError("Pulumi.yaml has no `config:`")
    return f"{before}{section}{config_section()}"


def render_page() -> str:
    """Return docs/options.md: a table for each group of options."""
    parts = [INTRODUCTION.rstrip("\n"), ""]
    for group in GROUPS:
        parts += [
            f"## {group.title}",
            "",
            f"{group.__doc__}".split("\n", 1)[0],
            "",
            *_table(group, group.model_fields),
            "",
        ]
    own_options = DatasetEntry.of_one_dataset
    parts += ["## In the entry of a dataset only", "", *_table(DatasetEntry, own_options)]
    return "\n".join([*parts, ""])


def _table(group: type[Options], keys: Iterable[str]) -> Iterator[str]:
    yield f"| {' | '.join(HEADER)} |"
    yield "|---" * len(HEADER) + "|"
    for key, schema in _schemas(group):
        if key in keys:
            option_type = group.type_of(key)
            takes = option_type.describe() if option_type else ""
            default = _code(schema["default"]) if "default" in schema else "none: each stack names its own"
            cells = (f"`{key}`", schema["type"], default, takes, schema["description"], _code(schema["examples"][0]))
            yield f"| {' | '.join(cells)} |"


def _schemas(model: type[Options]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each option with its JSON Schema, in the model's order."""
    yield from model.model_json_schema()["properties"].items()


def _code(value: Any) -> str:
    """Return a value as a stack's file has it, for a cell of a table."""
    return f"`{value if isinstance(value, str) and value else json.dumps(value)}`"


def main(argv: list[str]) -> int:
    """Write both files; with --check leave them, and return 1 where one is not up to date."""
    parser = CommandParser(prog="sluice.program.options_page", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where a file is out of date")
    arguments: Any = parser.parse_args(argv)
    project = PROJECT_FILE.read_text(encoding="utf-8")
    new_texts = {PROJECT_FILE: render_project(project), PAGE: render_page()}
    if arguments.check:
        stale = [file.relative_to(ROOT) for file, text in new_texts.items() if file.read_text(encoding="utf-8") != text]
        print("\n".join(f"{file} is out of date: make options" for file in stale) or "up to date")
        return int(bool(stale))
    for file, text in new_texts.items():
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sluice.program.options_page", lambda: main(sys.argv[1:])))
