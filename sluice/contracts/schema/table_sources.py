"""The part of the suites' JSON Schema about datasets that are built from published tables."""

from sluice.contracts.schema.arguments import Schema

NAME: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
TEXT: Schema = {"type": "string", "pattern": r"\S"}
NAMES: Schema = {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT}


def source_properties() -> Schema:
    """Return what an input of format `tables` has beside the others."""
    return {
        "sources": {
            "description": "the published tables that it is built from; one of them has the days",
            "type": "array",
            "minItems": 1,
            "items": _object_schema(
                {
                    "dataset": {"description": "the dataset that publishes it", **NAME},
                    "columns": {"description": "what is read; a change in other columns is none", **NAMES},
                    "day": {"description": "its column of dates that says which day a row is built for", **TEXT},
                    "on": {"description": "its column by which rows of the one with the days find it", **TEXT},
                },
                "day",
                "on",
            ),
        },
        "day": {"description": "the column, a date, by which rows are built again", **TEXT},
    }


def reconciles_schema() -> Schema:
    """Return the sums that an output shares with a source."""
    pairs: Schema = {"type": "object", "minProperties": 1, "additionalProperties": TEXT}
    return {
        "description": "sums that must be those of a source; each is a rule of structure",
        "type": "array",
        "items": _object_schema(
            {
                "dataset": {"description": "the source with the days", **NAME},
                "by": {"description": "columns here, and what the source calls them", **pairs},
                "sums": {
                    "description": "columns here, and what the source calls what they sum; * for its rows",
                    **pairs,
                },
            }
        ),
    }


def _object_schema(properties: Schema, *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
