"""The type of a nested value of JSON: structs, arrays, and what their parts are; parts that no type is for are left out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from etl.contract.types import FIELD_NAME, ColumnType, TypeKind
from sluice.contracts.profile.json_values import JsonObject, NumberText
from sluice.contracts.profile.number_types import number_type

MIXED = "an object or a list in one record and something else in another"
NO_FIELDS = "an object without a field that a contract can declare"
NO_NAME = "a field within an object is named by letters of ASCII, digits and underscores"
TOO_DEEP = "no type of a contract is for it"
FEW = 3  # paths that are told of a reason


class NestedType(NamedTuple):
    """What nested values are declared as, in Spark SQL, "" where no type is for them.

    `left_out` has by a part's path, in the order of the file, why it is left out.
    """

    declared: str
    left_out: dict[str, str]


def type_of_values(values: Sequence[Any], path: str) -> NestedType:
    """Return the type that all values have, nulls aside, without the parts that have none in common."""
    nested = _type_of_values(values, path)
    if nested.declared and ColumnType.parse(nested.declared) is None:
        return NestedType("", {path: TOO_DEEP})
    return nested


def left_out_doubts(left_out: dict[str, str]) -> list[str]:
    """Return what is said of parts that are left out: a doubt for each reason, with the first of its parts."""
    doubts: list[str] = []
    for reason in dict.fromkeys(left_out.values()):
        paths = [path for path, why in left_out.items() if why == reason]
        more = f" and {len(paths) - FEW} more" if len(paths) > FEW else ""
        doubts.append(f"{', '.join(paths[:FEW])}{more} left out: {reason}")
    return doubts


def _type_of_values(values: Sequence[Any], path: str) -> NestedType:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, JsonObject) for value in present):
        return _struct_type(present, path)
    if present and all(isinstance(value, list) and not isinstance(value, JsonObject) for value in present):
        entries = _type_of_values([inner for value in present for inner in value], f"{path}[]")
        return NestedType(f"array<{entries.declared}>" if entries.declared else "", entries.left_out)
    if any(isinstance(value, list) for value in present):
        return NestedType("", {path: MIXED})
    return NestedType(_plain_type(present), {})


def _struct_type(values: Sequence[JsonObject], path: str) -> NestedType:
    parts: dict[str, list[Any]] = {}
    for value in values:
        for name, inner in value:
            parts.setdefault(name, []).append(inner)
    fields: list[str] = []
    left_out: dict[str, str] = {}
    for name, inner in parts.items():
        if not FIELD_NAME.fullmatch(name):
            left_out[f"{path}.{name}"] = NO_NAME
            continue
        nested = _type_of_values(inner, f"{path}.{name}")
        left_out |= nested.left_out
        fields += [f"{name}:{nested.declared}"] if nested.declared else []
    if not fields:
        return NestedType("", left_out or {path: NO_FIELDS})
    return NestedType(f"struct<{','.join(fields)}>", left_out)


def _plain_type(values: Sequence[Any]) -> str:
    if values and all(isinstance(value, bool) for value in values):
        return TypeKind.BOOLEAN
    declared = number_type(values) if values and all(isinstance(value, NumberText) for value in values) else None
    # A nested number has no rule of its own that a wider type would break.
    return TypeKind.BIGINT if declared and declared.kind is TypeKind.INT else declared or TypeKind.STRING
