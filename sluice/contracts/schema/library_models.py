"""What Great Expectations' own models say of an expectation and of its arguments."""

import json
from functools import cache
from typing import Any


@cache
def library_model(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of the library's model of an expectation."""
    # The library takes seconds to import, and the other commands do without it.
    from great_expectations.expectations.registry import get_expectation_impl  # noqa: PLC0415

    model: Any = get_expectation_impl(kind)
    return json.loads(model.schema_json())


def first_sentence(kind: str) -> str:
    """Return the library's first sentence on an expectation."""
    return " ".join(library_model(kind)["description"].split("\n\n")[0].split())


def argument_meaning(kind: str, argument: str) -> str:
    """Return the library's words on an argument of an expectation, "" where it has none."""
    return " ".join(library_model(kind)["properties"][argument].get("description", "").split())
