"""A JSON Schema of suite files, from the contract's model, the library's models and the vocabulary: what an editor marks.

It says what a schema can say: strict loading also holds columns, types, bounds and patterns against each other.
"""

import json

from components.settings.lake_folder import ROOT
from etl.contract.severity import Severity
from etl.contract.source_format import SourceFormat
from etl.contract.vocabulary import VOCABULARY
from sluice.contracts.schema.arguments import (
    HISTORY_PARAMETER,
    PARAMETER,
    Schema,
    argument_schema,
    column_meaning,
    condition_schema,
    record_schema,
)
from sluice.contracts.schema.library_models import argument_meaning, first_sentence
from sluice.contracts.schema.model_schema import model_definitions, suite_keys

FILE = ROOT / "expectations/schema.json"


def render_schema() -> str:
    """Return the schema as the file has it."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def build_schema() -> Schema:
    """Return the schema of a suite file, draft 7, which editors know best."""
    import great_expectations  # noqa: PLC0415  seconds to import, and the other commands do without it

    made_from = f"Great Expectations {great_expectations.__version__}"
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": f"Made from {made_from} by sluice schema --write; a test holds it equal. Do not edit.",
        "title": "A contract: one suite of a dataset",
        **suite_keys(),
        "properties": {**suite_keys()["properties"], "meta": {"type": "object"}},
        **_choice("name", {"pattern": r"\.output$"}, _meta("output"), _meta("input")),
        "definitions": {
            "input": _choice(
                "format", {"const": SourceFormat.TABLES}, _reference("table_input"), _reference("file_input")
            ),
            **model_definitions(),
            "expectation": _expectation_schema(),
            "condition": condition_schema(),
            "parameter": PARAMETER,
            "history_parameter": HISTORY_PARAMETER,
        },
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _meta(name: str) -> Schema:
    return {"properties": {"meta": _reference(name)}}


def _choice(key: str, value: Schema, then: Schema, otherwise: Schema) -> Schema:
    """Return the schema that is `then` where a key has such a value, else `otherwise`."""
    return {"if": {"properties": {key: value}, "required": [key]}, "then": then, "else": otherwise}


def _expectation_schema() -> Schema:
    """Return the model's schema of an expectation, with what each type of it takes."""
    rule = model_definitions()["expectation"]
    kinds = {"enum": list(VOCABULARY), "enumDescriptions": [first_sentence(kind) for kind in VOCABULARY]}
    rule["properties"]["type"] |= kinds
    return {**rule, "allOf": [_kind_schema(kind) for kind in VOCABULARY]}


def _kind_schema(kind: str) -> Schema:
    expectation = VOCABULARY[kind]
    taken = (*expectation.columns, *expectation.column_lists, *expectation.required, *expectation.optional)
    arguments = {
        name: _with_description(argument_schema(name, expectation), _argument_meaning(kind, name)) for name in taken
    }
    kwargs = {"description": first_sentence(kind), **record_schema(arguments, *expectation.optional)}
    if expectation.bounds:
        kwargs["anyOf"] = [{"required": ["min_value"]}, {"required": ["max_value"]}]
    then: Schema = {"kwargs": kwargs}
    if not expectation.judges.is_row:
        then["severity"] = {"enum": [severity for severity in Severity if not severity.quarantines_rows]}
    return {"if": {"properties": {"type": {"const": kind}}, "required": ["type"]}, "then": {"properties": then}}


def _argument_meaning(kind: str, name: str) -> str:
    """Return the library's words on an argument; of a column what may stand there here, which is more."""
    return column_meaning(kind) if name in VOCABULARY[kind].columns else argument_meaning(kind, name)


def _with_description(subschema: Schema, description: str) -> Schema:
    return {"description": description, **subschema} if description else subschema
