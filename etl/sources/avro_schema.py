"""The schema that wrote an Avro file: the types of its fields as a contract declares them.

Types are those that Spark's own reader of Avro gives (its SchemaConverters): an enum is text, `fixed` is binary, and a
logical type that is not known is what it is written as.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.contract.json_values import is_list, is_object
from etl.contract.structure_rules import StructureRule
from etl.contract.types import ColumnType, TypeKind
from etl.sources.json_records import BrokenRecords

UNITS = {"millis": 1000, "micros": 1_000_000, "nanos": 1_000_000_000}
"""How many of a logical type's units a second has."""
KEPT_KEYS = ("type", "name", "namespace", "fields", "items", "values", "symbols", "size")
PRIMITIVES = {
    "string": TypeKind.STRING,
    "int": TypeKind.INT,
    "long": TypeKind.BIGINT,
    "float": TypeKind.FLOAT,
    "double": TypeKind.DOUBLE,
    "boolean": TypeKind.BOOLEAN,
    "bytes": TypeKind.BINARY,
    "fixed": TypeKind.BINARY,
    "enum": TypeKind.STRING,
}
LOGICAL = {
    "date": ("int", TypeKind.DATE),
    **{f"timestamp-{unit}": ("long", TypeKind.TIMESTAMP) for unit in UNITS},
    **{f"local-timestamp-{unit}": ("long", TypeKind.TIMESTAMP_NTZ) for unit in UNITS},
}
"""By logical type, what its values are written as, and which type they are."""
PARTS = {"items", "values", "fields"}
"""What a list, a map and a record have within them."""
WIDER = {
    frozenset({TypeKind.INT, TypeKind.BIGINT}): TypeKind.BIGINT,
    frozenset({TypeKind.FLOAT, TypeKind.DOUBLE}): TypeKind.DOUBLE,
}
"""Of a union of two numbers, the type that holds both, as Spark reads it."""


@dataclass(frozen=True)
class AvroField:
    """A field: its type as a contract would declare it, and what its numbers count, "" where they count nothing.

    `parts` are what it has within it: of a list its elements under "", of a record its fields by name.
    """

    type: str
    logical: str = ""
    parts: Mapping[str, "AvroField"] = field(default_factory=dict[str, "AvroField"])


@dataclass(frozen=True)
class AvroSchema:
    """What wrote a file.

    Attributes:
        fields: its fields by name.
        plain: the schema without logical types, as fastavro has parsed it.
    """

    fields: Mapping[str, AvroField]
    plain: Any

    @classmethod
    def from_json(cls, schema: dict[str, Any]) -> "AvroSchema":
        """Read a schema of records.

        Raises:
            BrokenRecords: it is no schema of Avro.
        """
        import fastavro  # noqa: PLC0415  tenths of a second, and only this format takes it

        try:
            plain = fastavro.parse_schema(_without_logical_types(schema))
            names: dict[str, Any] = {}
            for entry in schema["fields"]:
                _collect_names(entry["type"], names)
            fields = {entry["name"]: _field_of(entry["type"], names) for entry in schema["fields"]}
        except Exception as error:  # fastavro's own errors have no common type
            why = f"the schema in its header is none of Avro's: {str(error)[:100] or type(error).__name__}"
            raise BrokenRecords(StructureRule.FORMAT, why) from None
        return cls(fields, plain)


def _without_logical_types(schema: Any) -> Any:
    """Return a schema with nothing but its structure."""
    if is_list(schema):
        return [_without_logical_types(branch) for branch in schema]
    if not is_object(schema):
        return schema
    kept = {key: schema[key] for key in KEPT_KEYS if key in schema}
    for key in ("type", "items", "values"):
        if key in kept:
            kept[key] = _without_logical_types(kept[key])
    if is_list(kept.get("fields")):
        kept["fields"] = [_without_logical_types(entry) for entry in kept["fields"]]
    return kept


def _collect_names(schema: Any, names: dict[str, Any]) -> None:
    """Collect the named types within a schema: later fields may name them, with their namespace or without."""
    for branch in schema if is_list(schema) else [schema]:
        if not is_object(branch):
            continue
        if "name" in branch and isinstance(branch.get("type"), str):
            short_name = str(branch["name"]).rpartition(".")[2]
            names[short_name] = f"{short_name} of several" if short_name in names else branch
        for key in ("type", "items", "values"):
            _collect_names(branch.get(key), names)
        for entry in branch.get("fields", ()):
            _collect_names(entry["type"], names)


def _field_of(schema: Any, names: Mapping[str, Any]) -> AvroField:
    """Return what a field of a schema is; of no type of a contract in the words of a file's."""
    if is_list(schema):
        return _union_field([branch for branch in schema if branch != "null"], names)
    if is_object(schema):
        return _object_field(schema, names)
    if schema in PRIMITIVES:
        return AvroField(PRIMITIVES[schema])
    short_name = str(schema).rpartition(".")[2]
    return _field_of(names[short_name], names) if short_name in names else AvroField(short_name)


def _union_field(branches: list[Any], names: Mapping[str, Any]) -> AvroField:
    if len(branches) == 1:
        return _field_of(branches[0], names)
    types = {_field_of(branch, names).type for branch in branches}
    wider = next((wider for numbers, wider in WIDER.items() if numbers == types), None)
    return AvroField(wider or f"union<{','.join(sorted(types))}>")


def _object_field(schema: dict[str, Any], names: Mapping[str, Any]) -> AvroField:
    written, logical = schema["type"], str(schema.get("logicalType", ""))
    if schema.keys() & PARTS and isinstance(written, str) and written not in PRIMITIVES:
        return _nested_field(schema, names)
    if logical == "decimal" and written in ("bytes", "fixed"):
        parameters = f"({schema.get('precision')},{schema.get('scale', 0)})"
        if ColumnType.parse(declared := f"{TypeKind.DECIMAL}{parameters}"):
            return AvroField(declared, logical)
    base, kind = LOGICAL.get(logical, ("", TypeKind.STRING))
    return AvroField(kind, logical) if base == written else _field_of(written, names)


def _nested_field(schema: dict[str, Any], names: Mapping[str, Any]) -> AvroField:
    """Return what a list, a map or a record is; a record within itself has no type of a contract."""
    if "values" in schema:
        return AvroField("map")
    if "items" in schema:
        element = _field_of(schema["items"], names)
        return AvroField(f"array<{element.type}>", parts={"": element})
    own_name = str(schema["name"]).rpartition(".")[2]
    others = {name: named for name, named in names.items() if name != own_name}
    parts = {entry["name"]: _field_of(entry["type"], others) for entry in schema["fields"]}
    return AvroField(f"struct<{','.join(f'{name}:{part.type}' for name, part in parts.items())}>", parts=parts)
