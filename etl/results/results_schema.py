"""The JSON Schema of lines of the results (docs/results.schema.json)."""

import json
from typing import Any

from pydantic import TypeAdapter

from etl.contract.results_layout import KINDS
from etl.results.result_lines import line_adapter
from etl.results.verdict_file import SCHEMA_DIALECT, VerdictSchema


def lines_schema() -> dict[str, Any]:
    """Return the schema of a line of either kind: `$defs` has that of each by the name of its model."""
    adapters = [(kind, "serialization", line_adapter(kind)) for kind in KINDS]
    references, definitions = TypeAdapter.json_schemas(adapters, schema_generator=VerdictSchema)  # pyright: ignore[reportArgumentType]
    for definition in definitions["$defs"].values():  # of a docstring its head: the rest is about the code
        definition["description"] = definition["description"].partition("\n\n")[0].partition(";")[0].rstrip(".") + "."
    return {"oneOf": [references[kind, "serialization"] for kind in KINDS], **definitions}


def render_results_schema() -> str:
    """Return the JSON Schema of a line as text."""
    made_from = "Made from etl/results/ by sluice schema --write; a test holds it equal. Do not edit."
    content = {"$schema": SCHEMA_DIALECT, "$comment": made_from, **lines_schema()}
    return json.dumps(content, indent=2) + "\n"
