"""A JSON Schema of suite files, from the library's models and strict loading's table: what an editor completes and marks.

It says what a schema can say: strict loading also holds columns, types, bounds and patterns against each other.
"""

import json
from typing import Any

from components.settings.lake_folder import ROOT
from etl.contract.severity import Severity
from etl.contract.source_format import SourceFormat
from etl.contract.types import COLUMN_TYPE_PATTERN
from etl.contract.validation.meta import CHOICES, MAX_FRESHNESS_HOURS
from etl.contract.vocabulary import VOCABULARY
from sluice.contracts.schema.arguments import (
    FLAG,
    PARAMETER,
    SCALAR,
    SEVERAL,
    SHARE,
    Schema,
    argument_schema,
    condition_schema,
)
from sluice.contracts.schema.table_sources import reconciles_schema, source_properties

FILE = ROOT / "expectations/schema.json"
TEXT: Schema = {"type": "string", "pattern": r"\S"}
VERSION = r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$"
RULE_ID = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$"


def render_schema() -> str:
    """Return the schema as the file has it."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def build_schema() -> Schema:
    """Return the schema of a suite file, draft 7, which editors know best."""
    import great_expectations  # noqa: PLC0415  seconds to import, and the other commands do without it

    made_from = f"Great Expectations {great_expectations.__version__}"
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": f"Made from {made_from} by python -m review schema --write; a test holds it equal. Do not edit.",
        "title": "A contract: one suite of a dataset",
        **_record_schema({"name": _name_schema(), "meta": {"type": "object"}, "expectations": _expectations_schema()}),
        "if": {"properties": {"name": {"pattern": r"\.output$"}}},
        "then": {"properties": {"meta": {"$ref": "#/definitions/output"}}},
        "else": {"properties": {"meta": {"$ref": "#/definitions/input"}}},
        "definitions": {
            "input": _meta_schema(
                {
                    "format": _described_schema(
                        {"enum": [*SourceFormat]},
                        "how raw objects are written, tables where it has none; csv where absent",
                    ),
                    **_choice_property("on_poison"),
                    **source_properties(),
                }
            ),
            "output": _meta_schema(_output_properties(), "key", "freshness_hours"),
            "column": _column_schema(),
            "expectation": _expectation_schema(),
            "condition": condition_schema(),
            "parameter": PARAMETER,
        },
    }


def _record_schema(properties: Schema, *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _described_schema(subschema: Schema, description: str) -> Schema:
    return {"description": description, **subschema}


def _name_schema() -> Schema:
    return _described_schema(
        {"type": "string", "pattern": r"^[a-z][a-z0-9_]*\.(input|output)$"}, "<dataset>.input or .output"
    )


def _expectations_schema() -> Schema:
    return {**SEVERAL, "items": {"$ref": "#/definitions/expectation"}}


def _meta_schema(stage_properties: Schema, *required: str) -> Schema:
    shared: Schema = {
        "version": _described_schema(
            {"type": "string", "pattern": VERSION}, "semantic; review diff says how far to raise it"
        ),
        "owner": _described_schema(TEXT, "who answers for the data"),
        "description": _described_schema(TEXT, "what a row is"),
        "columns": {**SEVERAL, "items": {"$ref": "#/definitions/column"}},
        "draft": _described_schema(FLAG, "written by review profile and not yet read by a person; lint asks for it"),
        "max_quarantined": _described_schema(
            SHARE, "share of rows that warnings may set aside before the run fails; 0 where absent"
        ),
    }
    optional = [name for name in ("draft", "max_quarantined", *stage_properties) if name not in required]
    return _record_schema({**shared, **stage_properties}, *optional)


def _output_properties() -> Schema:
    names: Schema = {**SEVERAL, "uniqueItems": True, "items": TEXT}
    hours: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_FRESHNESS_HOURS}
    return {
        "key": _described_schema(names, "the columns that tell one row from another"),
        "partition_by": {
            "description": "columns, or year(), month() or day() of a date",
            "type": "array",
            "uniqueItems": True,
            "items": TEXT,
        },
        "freshness_hours": _described_schema(hours, "how old the published table may be before an alarm rings"),
        **_choice_property("on_conflict"),
        **_choice_property("on_failed_need"),
        "references": {
            "description": "keys of other datasets that rows point to, as helper columns that warnings may name",
            "type": "array",
            "items": _reference_schema(),
        },
        "reconciles": reconciles_schema(),
        "transform": _described_schema(
            {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
            "the module of etl/datasets that rows go through; the dataset's own where absent",
        ),
    }


CHOICE_MEANINGS = {
    "on_conflict": "a key that the table holds from another object: refuse the run, or let the newer object's row replace it",
    "on_poison": "an object that breaks the contract: block the others of its run, or isolate it and publish them",
    "on_failed_need": "a dataset that this one needs failed in the same flow: run it all the same, or stop before it",
}


def _choice_property(name: str) -> Schema:
    return {
        name: _described_schema({"enum": [*CHOICES[name]]}, f"{CHOICE_MEANINGS[name]}; {CHOICES[name][0]} where absent")
    }


def _reference_schema() -> Schema:
    name: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
    return _record_schema(
        {
            "name": _described_schema(
                name, "the helper column: the value of `column` where it is known, null where not"
            ),
            "column": _described_schema(TEXT, "the column of this dataset that points"),
            "dataset": _described_schema(name, "the dataset that is pointed to"),
            "key": _described_schema(TEXT, "its key column"),
        }
    )


def _column_schema() -> Schema:
    properties: Schema = {
        "name": _described_schema(
            {"type": "string", "pattern": "^[^_]"}, "as the header or the published table has it"
        ),
        "type": _described_schema(
            {"type": "string", "pattern": COLUMN_TYPE_PATTERN}, "Spark SQL type; string in a csv or jsonl input"
        ),
        "description": _described_schema(TEXT, "one line of meaning"),
        "pii": _described_schema(FLAG, "about a person: samples are masked wherever they leave the lake"),
    }
    return _record_schema(properties, "pii")


def _expectation_schema() -> Schema:
    meta = _record_schema(
        {
            "rule": _described_schema({"type": "string", "pattern": RULE_ID}, "a stable id: <dataset>.<column>.<what>"),
            "why": _described_schema(TEXT, "one sentence for the reviewer"),
            "counterexample": _described_schema(
                {"type": "object", "additionalProperties": {"anyOf": [SCALAR, {"type": "null"}]}},
                "columns and the values that break the rule, where review prove finds none itself",
            ),
        },
        "counterexample",
    )
    kinds = _described_schema(
        {"enum": list(VOCABULARY), "enumDescriptions": [_first_sentence(kind) for kind in VOCABULARY]},
        "what is demanded",
    )
    severity = _described_schema(
        {"enum": [*Severity]}, "critical fails the run, warning sets the row aside, info is recorded"
    )
    parts = {"type": kinds, "kwargs": {"type": "object"}, "severity": severity, "meta": meta}
    return {**_record_schema(parts, "severity"), "allOf": [_kind_schema(kind) for kind in VOCABULARY]}


def _kind_schema(kind: str) -> Schema:
    expectation = VOCABULARY[kind]
    fields = _library_model(kind)["properties"]
    taken = (*expectation.columns, *expectation.column_lists, *expectation.required, *expectation.optional)
    arguments = {name: _with_description(argument_schema(name, expectation), fields[name]) for name in taken}
    kwargs = {"description": _first_sentence(kind), **_record_schema(arguments, *expectation.optional)}
    if expectation.bounds:
        kwargs["anyOf"] = [{"required": ["min_value"]}, {"required": ["max_value"]}]
    then: Schema = {"kwargs": kwargs}
    if not expectation.judges.is_row:
        then["severity"] = {"enum": [severity for severity in Severity if not severity.quarantines_rows]}
    return {"if": {"properties": {"type": {"const": kind}}, "required": ["type"]}, "then": {"properties": then}}


def _with_description(subschema: Schema, field: Schema) -> Schema:
    return {"description": field["description"], **subschema} if field.get("description") else subschema


def _library_model(kind: str) -> dict[str, Any]:
    from great_expectations.expectations.registry import get_expectation_impl  # noqa: PLC0415

    model: Any = get_expectation_impl(kind)
    return json.loads(model.schema_json())


def _first_sentence(kind: str) -> str:
    """Return the library's first sentence on an expectation."""
    return " ".join(_library_model(kind)["description"].split("\n\n")[0].split())
