"""The parts of docs/results.md that are made: the fields of a line of the results, and a line, of either kind."""

import json
from collections.abc import Iterator
from typing import Any

from components.settings.lake_folder import ROOT
from etl.contract.results_layout import RULES, RUNS, ResultKind
from etl.results.results_schema import lines_schema
from sluice.contracts.schema.type_words import type_in_words
from sluice.program.docs_part import replace_part
from sluice.program.message_samples import results_line, rule_result_line

PAGE = ROOT / "docs/results.md"
MODELS = {RUNS: "RunLine", RULES: "RuleLine"}
EXAMPLES = {RUNS: results_line, RULES: rule_result_line}


def render_page() -> str:
    """Return the page as the file has it, with fields and lines between its marks."""
    text, schema = PAGE.read_text(encoding="utf-8"), lines_schema()
    for kind in (RUNS, RULES):
        text = replace_part(text, f"<!-- {kind} -->", f"<!-- end of {kind} -->", [*_part(kind, schema["$defs"])])
    return text


def _part(kind: ResultKind, definitions: dict[str, Any]) -> Iterator[str]:
    yield from ("| field | type | what it says |", "|---|---|---|")
    for name, field in definitions[MODELS[kind]]["properties"].items():
        # what has a default in a line that is read was added after the first lines were written
        new = " New since the first lines." if "default" in field or name == "metrics" else ""
        words = _type_words(field, definitions).replace("|", "\\|")
        yield f"| `{name}` | {words} | {' '.join(field['description'].split())}{new} |"
    example = json.dumps(json.loads(EXAMPLES[kind]()), indent=2, ensure_ascii=False)
    yield from ("", "```json", *example.split("\n"), "```")


def _type_words(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return the type of a field in words; of one of few texts, these."""
    if "const" in field:
        return f"`{field['const']}`"
    if "anyOf" in field:
        return " or ".join(_type_words(part, definitions) for part in field["anyOf"])
    if "items" in field:
        parts = definitions[field["items"]["$ref"].rpartition("/")[2]]["properties"]
        return f"list of objects: {', '.join(f'`{name}`' for name in parts)}"
    if "$ref" in field:
        return _type_words(definitions[field["$ref"].rpartition("/")[2]], definitions)
    return "date as text" if field.get("format") == "date" else type_in_words(field)
