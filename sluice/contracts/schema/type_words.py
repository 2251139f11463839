"""The type of a key in words, from its JSON Schema."""

from typing import Any

from etl.contract.json_values import is_list

Schema = dict[str, Any]
WORDS = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "object": "object",
    "null": "null",
}


def type_in_words(schema: Schema) -> str:
    """Return what a value may be, as one phrase of Markdown."""
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2].replace("_", " ")
        return f"{name} object"
    if "anyOf" in schema or "allOf" in schema:
        return " or ".join(type_in_words(part) for part in schema.get("anyOf", schema.get("allOf", [])))
    kinds = schema.get("type", "object")
    if is_list(kinds):
        return " or ".join(WORDS[kind] for kind in kinds)
    if kinds == "array":
        least = schema.get("minItems")
        return f"list of {type_in_words(schema.get('items', {}))}{f', at least {least}' if least else ''}"
    return f"{WORDS[kinds]}{_range(schema)}"


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" from {low}" if low is not None else ""
