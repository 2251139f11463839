"""A JSON Schema of suite files, from the library's models and strict loading's table: what an editor completes and marks.

It says what a schema can say: strict loading also holds columns, types, bounds and patterns against each other.
"""

import json
from typing import Any

from etl.contract.validation.meta import CHOICES, FORMATS, LONGEST_WATCH
from etl.contract.validation.rules import SEVERITIES
from etl.contract.vocabulary import VOCABULARY
from sluice.contracts.schema.arguments import FLAG, PARAMETER, SCALAR, SEVERAL, SHARE, Schema, argument, condition
from sluice.contracts.schema.table_sources import reconciles, tables
from sluice.contracts.suite_files import ROOT

FILE = ROOT / "expectations/schema.json"
TEXT: Schema = {"type": "string", "pattern": r"\S"}
VERSION = r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$"
COLUMN_TYPE = r"^(string|int|bigint|boolean|date|decimal\(([1-9]|[12][0-9]|3[0-8]),([0-9]|[12][0-9]|3[0-8])\))$"
RULE_ID = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$"


def written() -> str:
    """Return the schema as the file has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> Schema:
    """Return the schema of a suite file, draft 7, which editors know best."""
    import great_expectations  # noqa: PLC0415  seconds to import, and the other commands do without it

    made_from = f"Great Expectations {great_expectations.__version__}"
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": f"Made from {made_from} by python -m review schema --write; a test holds it equal. Do not edit.",
        "title": "A contract: one suite of a dataset",
        **_record({"name": _name(), "meta": {"type": "object"}, "expectations": _expectations()}),
        "if": {"properties": {"name": {"pattern": r"\.output$"}}},
        "then": {"properties": {"meta": {"$ref": "#/definitions/output"}}},
        "else": {"properties": {"meta": {"$ref": "#/definitions/input"}}},
        "definitions": {
            "input": _meta(
                {
                    "format": _said(
                        {"enum": list(FORMATS)},
                        "how raw objects are written, tables where it has none; csv where absent",
                    ),
                    **_choice("on_poison"),
                    **tables(),
                }
            ),
            "output": _meta(_output(), "key", "freshness_hours"),
            "column": _column(),
            "expectation": _expectation(),
            "condition": condition(),
            "parameter": PARAMETER,
        },
    }


def _record(properties: Schema, *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _said(what: Schema, description: str) -> Schema:
    return {"description": description, **what}


def _name() -> Schema:
    return _said({"type": "string", "pattern": r"^[a-z][a-z0-9_]*\.(input|output)$"}, "<dataset>.input or .output")


def _expectations() -> Schema:
    return {**SEVERAL, "items": {"$ref": "#/definitions/expectation"}}


def _meta(more: Schema, *required: str) -> Schema:
    shared: Schema = {
        "version": _said({"type": "string", "pattern": VERSION}, "semantic; review diff says how far to raise it"),
        "owner": _said(TEXT, "who answers for the data"),
        "description": _said(TEXT, "what a row is"),
        "columns": {**SEVERAL, "items": {"$ref": "#/definitions/column"}},
        "draft": _said(FLAG, "written by review profile and not yet read by a person; lint asks for it"),
        "max_quarantined": _said(
            SHARE, "share of rows that warnings may set aside before the run fails; 0 where absent"
        ),
    }
    optional = [name for name in ("draft", "max_quarantined", *more) if name not in required]
    return _record({**shared, **more}, *optional)


def _output() -> Schema:
    names: Schema = {**SEVERAL, "uniqueItems": True, "items": TEXT}
    hours: Schema = {"type": "integer", "minimum": 1, "maximum": LONGEST_WATCH}
    return {
        "key": _said(names, "the columns that tell one row from another"),
        "partition_by": {
            "description": "columns, or year(), month() or day() of a date",
            "type": "array",
            "uniqueItems": True,
            "items": TEXT,
        },
        "freshness_hours": _said(hours, "how old the published table may be before an alarm rings"),
        **_choice("on_conflict"),
        **_choice("on_failed_need"),
        "references": {
            "description": "keys of other datasets that rows point to, as helper columns that warnings may name",
            "type": "array",
            "items": _reference(),
        },
        "reconciles": reconciles(),
    }


MEANT = {
    "on_conflict": "a key that the table holds from another object: refuse the run, or let the newer object's row replace it",
    "on_poison": "an object that breaks the contract: block the others of its run, or isolate it and publish them",
    "on_failed_need": "a dataset that this one needs failed in the same flow: run it all the same, or stop before it",
}


def _choice(name: str) -> Schema:
    return {name: _said({"enum": list(CHOICES[name])}, f"{MEANT[name]}; {CHOICES[name][0]} where absent")}


def _reference() -> Schema:
    name: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
    return _record(
        {
            "name": _said(name, "the helper column: the value of `column` where it is known, null where not"),
            "column": _said(TEXT, "the column of this dataset that points"),
            "dataset": _said(name, "the dataset that is pointed to"),
            "key": _said(TEXT, "its key column"),
        }
    )


def _column() -> Schema:
    properties: Schema = {
        "name": _said({"type": "string", "pattern": "^[^_]"}, "as the header or the published table has it"),
        "type": _said({"type": "string", "pattern": COLUMN_TYPE}, "Spark SQL type; string in a csv or jsonl input"),
        "description": _said(TEXT, "one line of meaning"),
        "pii": _said(FLAG, "about a person: samples are masked wherever they leave the lake"),
    }
    return _record(properties, "pii")


def _expectation() -> Schema:
    meta = _record(
        {
            "rule": _said({"type": "string", "pattern": RULE_ID}, "a stable id: <dataset>.<column>.<what>"),
            "why": _said(TEXT, "one sentence for the reviewer"),
            "counterexample": _said(
                {"type": "object", "additionalProperties": {"anyOf": [SCALAR, {"type": "null"}]}},
                "columns and the values that break the rule, where review prove finds none itself",
            ),
        },
        "counterexample",
    )
    kinds = _said(
        {"enum": list(VOCABULARY), "enumDescriptions": [_about(kind) for kind in VOCABULARY]}, "what is demanded"
    )
    severity = _said({"enum": list(SEVERITIES)}, "critical fails the run, warning sets the row aside, info is recorded")
    parts = {"type": kinds, "kwargs": {"type": "object"}, "severity": severity, "meta": meta}
    return {**_record(parts, "severity"), "allOf": [_of_kind(kind) for kind in VOCABULARY]}


def _of_kind(kind: str) -> Schema:
    known = VOCABULARY[kind]
    fields = _library(kind)["properties"]
    taken = (*known.columns, *known.column_lists, *known.required, *known.optional)
    arguments = {name: _with_description(argument(name, known), fields[name]) for name in taken}
    kwargs = {"description": _about(kind), **_record(arguments, *known.optional)}
    if known.bounds:
        kwargs["anyOf"] = [{"required": ["min_value"]}, {"required": ["max_value"]}]
    then: Schema = {"kwargs": kwargs}
    if known.judges != "row":
        then["severity"] = {"enum": [one for one in SEVERITIES if one != "warning"]}
    return {"if": {"properties": {"type": {"const": kind}}, "required": ["type"]}, "then": {"properties": then}}


def _with_description(what: Schema, field: Schema) -> Schema:
    return {"description": field["description"], **what} if field.get("description") else what


def _library(kind: str) -> dict[str, Any]:
    from great_expectations.expectations.registry import get_expectation_impl  # noqa: PLC0415

    model: Any = get_expectation_impl(kind)
    return json.loads(model.schema_json())


def _about(kind: str) -> str:
    """Return the library's first sentence on an expectation."""
    return " ".join(_library(kind)["description"].split("\n\n")[0].split())
