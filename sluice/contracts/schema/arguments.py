"""What an argument of an expectation may be, as JSON Schema: strict loading's demands, as far as a schema can say them."""

from typing import Any

from etl.contract.column_paths import ELEMENT_TYPES
from etl.contract.field_kinds import NAME
from etl.contract.types import SPARK_CLASSES
from etl.contract.validation.bounds import OPERATORS
from etl.contract.validation.values import CHOICES, PARAMETERS
from etl.contract.vocabulary import UNIQUE_TYPES, VOCABULARY, Bounds, Expectation

Schema = dict[str, Any]
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
NULL: Schema = {"type": "null"}
SEVERAL: Schema = {"type": "array", "minItems": 1}
FROM_HISTORY: Schema = {"$ref": "#/definitions/history_parameter"}
BOUNDS: dict[Bounds, Schema] = {
    Bounds.NONE: NULL,
    Bounds.VALUE: {"anyOf": [NUMBER, DAY, {"$ref": "#/definitions/parameter"}, FROM_HISTORY, NULL]},
    Bounds.COUNT: {"anyOf": [COUNT, FROM_HISTORY, NULL]},
    Bounds.SHARE: {"anyOf": [SHARE, FROM_HISTORY, NULL]},
    Bounds.NUMBER: {"anyOf": [NUMBER, FROM_HISTORY, NULL]},
}
KINDS: dict[str, Schema] = {
    **{name: {"type": "string", "minLength": 1} for name in ("column", "column_A", "column_B")},
    **dict.fromkeys(("strict_min", "strict_max", "or_equal", "ties_okay", "allow_relative_error"), FLAG),
    "column_list": {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "string"}},
    "mostly": SHARE,
    "value": COUNT,
    "column_index": COUNT,
    "sum_total": NUMBER,
    "value_set": {**SEVERAL, "items": SCALAR},
    "value_pairs_set": {**SEVERAL, "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": SCALAR}},
    "regex": {"type": "string"},
    "regex_list": {**SEVERAL, "items": {"type": "string"}},
    "strftime_format": {"type": "string", "pattern": "%"},
    "type_list": {**SEVERAL, "items": {"enum": list(SPARK_CLASSES)}},
    "quantile_ranges": {
        "type": "object",
        "properties": {
            "quantiles": {**SEVERAL, "items": SHARE},
            "value_ranges": {
                **SEVERAL,
                "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": ["number", "null"]}},
            },
        },
        "required": ["quantiles", "value_ranges"],
        "additionalProperties": False,
    },
    "row_condition": {"anyOf": [{"$ref": "#/definitions/condition"}, NULL]},
    "unexpected_rows_query": {"type": "string", "pattern": r"\{batch\}"},
}
FIELD_WORDS = "a path to a field of an object, such as customer.id"
ELEMENT_WORDS = "lines[].quantity is that of each element of a list: all must hold"
PARAMETER: Schema = {
    "description": "What a run gives: run_date is its day, for dates; run_time its start in UTC, for times.",
    "type": "object",
    "properties": {"$PARAMETER": {"enum": list(PARAMETERS)}},
    "required": ["$PARAMETER"],
    "additionalProperties": False,
}

HISTORY_PARAMETER: Schema = {
    "description": "A bound that meta.history of the suite declares: its value comes from the runs before.",
    "type": "object",
    "properties": {"$PARAMETER": {"type": "string", "pattern": f"^(?!({'|'.join(PARAMETERS)})$){NAME}$"}},
    "required": ["$PARAMETER"],
    "additionalProperties": False,
}


def argument_schema(name: str, expectation: Expectation) -> Schema:
    """Return the schema of the argument `name` of an expectation."""
    if name in ("min_value", "max_value"):
        return BOUNDS[expectation.bounds]
    if name == "ignore_row_if":
        return {"enum": list(CHOICES[f"{'pair' if expectation.columns else 'list'}.{name}"])}
    return {"enum": list(CHOICES[name])} if name in CHOICES else KINDS[name]


def column_meaning(kind: str) -> str:
    """Return what names of columns an expectation takes."""
    if not VOCABULARY[kind].judges.is_row or kind in UNIQUE_TYPES:
        return "a column"
    elements = f"; {ELEMENT_WORDS}" if kind in ELEMENT_TYPES else ""
    return f"a column, or {FIELD_WORDS}{elements}"


def condition_schema() -> Schema:
    """Return the schema of a `row_condition`, which an `and` or an `or` may nest."""
    column = record_schema({"name": {"type": "string"}})
    kinds = {
        "nullity": {"column": column, "is_null": FLAG},
        "comparison": {
            "column": column,
            "operator": {"enum": list(OPERATORS)},
            "parameter": {"anyOf": [SCALAR, {**SEVERAL, "items": SCALAR}]},
        },
        **{kind: {"conditions": {**SEVERAL, "items": {"$ref": "#/definitions/condition"}}} for kind in ("and", "or")},
    }
    alternatives = [record_schema({"type": {"const": kind}, **parts}) for kind, parts in kinds.items()]
    return {"description": "Which rows the rule judges.", "oneOf": alternatives}


def record_schema(properties: Schema, *optional: str) -> Schema:
    """Return the schema of an object with these keys and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
