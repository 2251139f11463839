"""A declared type as a contract has it: the plain text of its values, what it can hold, and what it widens to."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Self, assert_never

from etl.contract.type_kinds import MAX_PRECISION, Family, Limits, TypeKind

__all__ = ["ColumnType", "Family", "TypeKind"]

PARAMETRISED = (TypeKind.DECIMAL, TypeKind.ARRAY, TypeKind.STRUCT)
NESTED = re.compile(r"\s*(?P<kind>array|struct)\s*<(?P<inner>.+)>\s*")
FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What Spark's statements take as it stands."""
MAX_NESTED = 200
"""Arrays and structs in one type."""
DECIMAL = re.compile(r"decimal\((?P<precision>[1-9][0-9]?),(?P<scale>[0-9]{1,2})\)")


class ColumnType(str):
    """A declared type: its text, as Spark SQL and Iceberg take it and JSON has it, with what follows from that.

    Attributes:
        kind: which of the types it is.
        precision, scale: a decimal's digits, and those after the point; 0 of others.
        parts: the types within: of an array its elements' under "", of a struct its fields' by name.

    Raises:
        ValueError: a contract may not declare it.
    """

    kind: TypeKind
    precision: int
    scale: int
    parts: Mapping[str, "ColumnType"]

    def __new__(cls, declared: str) -> Self:
        """Read a type as a suite writes it; spaces within one of parts mean nothing."""
        parts = _parse_parts(declared)
        parsed = _parse_type(declared) if parts is None else (TypeKind(declared.partition("<")[0].strip()), 0, 0)
        if parsed is None:
            raise ValueError(f"{declared!r} is no type that a contract may declare; declare one of {DECLARABLE_TYPES}")
        column_type = super().__new__(cls, declared if parts is None else _nested_text(parsed[0], parts))
        column_type.kind, column_type.precision, column_type.scale = parsed
        column_type.parts = parts or {}
        return column_type

    @classmethod
    def parse(cls, declared: str) -> Self | None:
        """Return a type as a table or an unchecked suite has it; None where a contract may not declare it."""
        if isinstance(declared, cls):
            return declared
        try:
            return cls(declared)
        except ValueError:
            return None

    @property
    def family(self) -> Family:
        """What its values are."""
        return self.kind.family

    @property
    def is_text(self) -> bool:
        """Whether a value is text as it came, which a published type may be cast from."""
        return self.kind.family is Family.TEXT

    @property
    def has_years(self) -> bool:
        """Whether Spark has values of it in years that no other reader of the table has; of a list or an object, whether
        such may be within it, or numbers that are not finite.
        """
        if self.is_nested:
            return any(leaf.has_years or leaf.kind.is_floating for leaf in self.leaves())
        return self.kind.family is Family.DATE or self.kind.family.is_time

    @property
    def takes_any_text(self) -> bool:
        """Whether each text is a value of it, or of what is within it."""
        return all(leaf.is_text for leaf in self.leaves())

    @property
    def is_nested(self) -> bool:
        """Whether a value has others within it."""
        return self.kind.family is Family.NESTED

    def leaves(self) -> Iterator["ColumnType"]:
        """Yield the types of the values within it that have none within them; itself where that is so."""
        if not self.parts:
            yield self
        for part in self.parts.values():
            yield from part.leaves()

    @property
    def plain_form(self) -> str | None:
        """The regular expression of its values' plain text, None of text.

        A decimal's digits beyond its scale may only be zeros: so its cast rounds nothing.
        """
        if self.kind is not TypeKind.DECIMAL:
            return self.kind.form
        digits = rf"[0-9]{{1,{self.scale}}}0*" if self.scale else "0+"
        return rf"^-?[0-9]+(\.{digits})?$"

    @property
    def limits(self) -> Limits | None:
        """The least and the greatest value that it can hold, None of what has no order."""
        if self.kind is not TypeKind.DECIMAL:
            return self.kind.limits
        # From digits, since arithmetic would round to the context's 28 of 38.
        greatest = Decimal((0, (9,) * self.precision, -self.scale))
        return greatest.copy_negate(), greatest

    @property
    def exact_aggregate(self) -> str | None:
        """The type in which aggregates of its values are exact; None where a double is."""
        match self.kind:
            case TypeKind.BIGINT:  # else a sum would overflow, and a mean be a double
                return f"decimal({MAX_PRECISION},0)"
            case TypeKind.DECIMAL:
                return self
            case TypeKind.STRING | TypeKind.BOOLEAN | TypeKind.DATE | TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_NTZ:
                return None
            case (
                TypeKind.INT | TypeKind.SMALLINT | TypeKind.TINYINT | TypeKind.DOUBLE | TypeKind.FLOAT | TypeKind.BINARY
            ):
                return None
            case TypeKind.ARRAY | TypeKind.STRUCT:
                return None
            case _:
                assert_never(self.kind)

    def is_same_as(self, other: "ColumnType") -> bool:
        """Say whether two texts are one type: `decimal(10,02)` is `decimal(10,2)`."""
        if self.parts or other.parts:
            names, others = ([*nested.parts] for nested in (self, other))
            pairs = zip(self.parts.values(), other.parts.values(), strict=False)
            return self.kind is other.kind and names == others and all(part.is_same_as(twin) for part, twin in pairs)
        return (self.kind, self.precision, self.scale) == (other.kind, other.precision, other.scale)

    def widens_to(self, wider: "ColumnType") -> bool:
        """Say whether Iceberg reads values of this type as the other one (its specification, schema evolution)."""
        match self.kind:
            case TypeKind.INT:
                return wider.kind is TypeKind.BIGINT
            case TypeKind.DECIMAL:
                return wider.kind is self.kind and self.scale == wider.scale and self.precision < wider.precision
            case TypeKind.FLOAT:
                return wider.kind is TypeKind.DOUBLE
            case (
                TypeKind.STRING | TypeKind.BIGINT | TypeKind.BOOLEAN | TypeKind.DATE | TypeKind.DOUBLE | TypeKind.BINARY
            ):
                return False
            case TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_NTZ | TypeKind.SMALLINT | TypeKind.TINYINT:
                return False
            case TypeKind.ARRAY | TypeKind.STRUCT:
                return wider.kind is self.kind and self._parts_widen(wider)
            case _:
                assert_never(self.kind)

    def _parts_widen(self, wider: "ColumnType") -> bool:
        """Say whether a part widens, or fields stand behind those that there are, and nothing else differs."""
        names, others = [*self.parts], [*wider.parts]
        pairs = [*zip(self.parts.values(), wider.parts.values(), strict=False)]
        grows = len(others) > len(names) or any(part.widens_to(twin) for part, twin in pairs)
        is_kept = all(part.is_same_as(twin) or part.widens_to(twin) for part, twin in pairs)
        return grows and is_kept and others[: len(names)] == names


def family_of(declared: str) -> Family | None:
    """Return what values of a type are, as an unchecked suite has it; None where a contract may not declare it."""
    column_type = ColumnType.parse(declared)
    return column_type.family if column_type else None


def published_type(declared: ColumnType) -> ColumnType:
    """Return the type that a table has of a column that is declared with a type."""
    if declared.parts:
        parts = {name: published_type(part) for name, part in declared.parts.items()}
        return ColumnType(_nested_text(declared.kind, parts))
    return ColumnType(declared.kind.table_type or declared)


def is_floating(declared: str) -> bool:
    """Say whether a type, as an unchecked suite has it, is one of floating-point numbers."""
    column_type = ColumnType.parse(declared)
    return column_type is not None and column_type.kind.is_floating


def _parse_parts(declared: str) -> Mapping[str, ColumnType] | None:
    """Return the parts of a nested type's text; None where it is none, or a part is no type."""
    nested = NESTED.fullmatch(declared)
    if nested is None or declared.count("<") > MAX_NESTED:
        return None
    entries = [nested["inner"]] if nested["kind"] == TypeKind.ARRAY else _split_fields(nested["inner"])
    parts: dict[str, ColumnType] = {}
    for entry in entries:
        name, _, text = ("", "", entry) if nested["kind"] == TypeKind.ARRAY else entry.partition(":")
        part = ColumnType.parse(text.strip())
        is_named = nested["kind"] == TypeKind.ARRAY or FIELD_NAME.fullmatch(name.strip())
        if part is None or not is_named or name.strip().lower() in map(str.lower, parts):
            return None
        parts[name.strip()] = part
    return parts


def _split_fields(text: str) -> list[str]:
    """Return what stands between the commas of a struct's fields, but not within these."""
    fields, depth = [""], 0
    for character in text:
        depth += (character in "<(") - (character in ">)")
        if character == "," and not depth:
            fields.append("")
        else:
            fields[-1] += character
    return fields


def _nested_text(kind: TypeKind, parts: Mapping[str, ColumnType]) -> str:
    """Return a nested type as Spark shows it."""
    return f"{kind.value}<{','.join(f'{name}:{part}' if name else part for name, part in parts.items())}>"


def _parse_type(declared: str) -> tuple[TypeKind, int, int] | None:
    """Return kind, precision and scale of a type's text; None where a contract may not declare it."""
    if decimal := DECIMAL.fullmatch(declared):
        precision, scale = int(decimal["precision"]), int(decimal["scale"])
        return (TypeKind.DECIMAL, precision, scale) if scale <= precision <= MAX_PRECISION else None
    kind = next((kind for kind in TypeKind if kind.value == declared), None)
    return None if kind in (None, *PARAMETRISED) else (kind, 0, 0)


_DECLARATIONS = [kind.declaration for kind in TypeKind]
DECLARABLE_TYPES = f"{', '.join(_DECLARATIONS[:-1])} and {_DECLARATIONS[-1]}"
SPARK_CLASSES = tuple(kind.spark_class for kind in TypeKind)
COLUMN_TYPE_PATTERN = f"^({'|'.join(kind.pattern for kind in TypeKind)})$"
"""The regular expression of what a suite may declare, for JSON Schema."""
