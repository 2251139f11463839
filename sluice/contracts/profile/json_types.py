"""The type of a nested value of JSON: structs, arrays, and what their parts are."""

from collections.abc import Sequence
from typing import Any

from etl.contract.types import TypeKind
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.json_forms import JsonObject, NumberText
from sluice.contracts.profile.number_text import number_type


def type_of_values(values: Sequence[Any], where: str) -> str:
    """Return the Spark SQL type that all values have, nulls aside.

    Raises:
        WrongUse: they have none in common.
    """
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, JsonObject) for value in present):
        return _struct_type(present, where)
    if present and all(isinstance(value, list) and not isinstance(value, JsonObject) for value in present):
        return f"array<{type_of_values([inner for value in present for inner in value], where)}>"
    if any(isinstance(value, list) for value in present):
        raise WrongUse(
            f"{where} is an object or a list in one record and something else in another; no type is for both"
        )
    return _plain_type(present)


def _struct_type(values: Sequence[JsonObject], where: str) -> str:
    parts: dict[str, list[Any]] = {}
    for value in values:
        for name, inner in value:
            parts.setdefault(name, []).append(inner)
    fields = (f"{_field_name(name)}:{type_of_values(inner, f'{where}.{name}')}" for name, inner in parts.items())
    return f"struct<{','.join(fields)}>"


def _field_name(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else f"`{name}`"


def _plain_type(values: Sequence[Any]) -> str:
    if values and all(isinstance(value, bool) for value in values):
        return TypeKind.BOOLEAN
    declared = number_type(values) if values and all(isinstance(value, NumberText) for value in values) else None
    # A nested number has no rule of its own that a wider type would break.
    return TypeKind.BIGINT if declared and declared.kind is TypeKind.INT else declared or TypeKind.STRING
