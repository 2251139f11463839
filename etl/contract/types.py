"""The column types a contract may declare: what each is called elsewhere, its plain text, and what it can hold.

A new type is a member of `TypeKind`; `tests/unit/job/test_closed_sets.py` names each consumer that lacks it.
"""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum, unique
from typing import Any, Self, assert_never

MAX_PRECISION = 38  # digits of Spark's and Iceberg's decimals
DECIMAL = re.compile(r"decimal\((?P<precision>[1-9][0-9]?),(?P<scale>[0-9]{1,2})\)")
WHOLE_NUMBER = r"^-?[0-9]+$"


class Family(StrEnum):
    """What values of a type are; those of one family compare with each other."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"

    @property
    def is_ordered(self) -> bool:
        """Whether rules may bound its values."""
        match self:
            case Family.NUMBER | Family.DATE:
                return True
            case Family.TEXT | Family.BOOLEAN:
                return False
            case _:
                assert_never(self)

    def comparable_value(self, entry: Any) -> Any:
        """Return a value of JSON or a plain text as one that compares with others of the family.

        Raises:
            ValueError, ArithmeticError: it is no value of the family.
        """
        match self:
            case Family.NUMBER:
                return Decimal(str(entry))
            case Family.DATE:
                return date.fromisoformat(str(entry))
            case Family.TEXT | Family.BOOLEAN:
                return entry
            case _:
                assert_never(self)


@unique
class TypeKind(StrEnum):
    """Every type that a contract may declare, by its name in Spark SQL; decimals of all parameters are one.

    Attributes:
        family: what its values are.
        spark_class: Spark's class, by which Great Expectations names the type (pyspark.sql.types).
        arrow: Arrow's alias, without parameters (pyarrow.type_for_alias).
        logical: the logical type of the Open Data Contract Standard 3.1.
        key_rank: how well it suits a primary key; 0 is best.
        literals: Python's types whose values Spark compares with a column's without a cast.
        has_exponent: whether Spark's cast reads a text with an exponent, which may be too large for Java.
    """

    _value_: str
    family: Family
    spark_class: str
    arrow: str
    logical: str
    key_rank: int
    literals: tuple[type, ...]
    has_exponent: bool

    # In the order of the attributes.
    STRING = "string", Family.TEXT, "StringType", "string", "string", 0, (str,), False
    INT = "int", Family.NUMBER, "IntegerType", "int32", "integer", 0, (int,), False
    BIGINT = "bigint", Family.NUMBER, "LongType", "int64", "integer", 0, (int,), False
    BOOLEAN = "boolean", Family.BOOLEAN, "BooleanType", "bool", "boolean", 2, (bool,), False
    DATE = "date", Family.DATE, "DateType", "date32", "date", 1, (), False
    DECIMAL = "decimal", Family.NUMBER, "DecimalType", "decimal128", "number", 2, (), True

    def __new__(cls, name: str, *facts: object) -> Self:
        """Make the member of Spark's name."""
        kind = str.__new__(cls, name)
        kind._value_ = name
        names = ("family", "spark_class", "arrow", "logical", "key_rank", "literals", "has_exponent")
        for attribute, fact in zip(names, facts, strict=True):
            setattr(kind, attribute, fact)
        return kind

    @property
    def pattern(self) -> str:
        """The regular expression of what a suite may write for it, without anchors: its name, and what parameters it has."""
        parameters = r"\(([1-9]|[12][0-9]|3[0-8]),([0-9]|[12][0-9]|3[0-8])\)" if self is TypeKind.DECIMAL else ""
        return f"{self.value}{parameters}"

    @property
    def declaration(self) -> str:
        """What a suite may write for it, in words."""
        parameters = f"(precision,scale) with scale <= precision <= {MAX_PRECISION}" if self is TypeKind.DECIMAL else ""
        return f"{self.value}{parameters}"


class ColumnType(str):
    """A declared type: its text, as Spark SQL and Iceberg take it and JSON has it, with what follows from that.

    Attributes:
        kind: which of the types it is.
        precision, scale: a decimal's digits, and those after the point; 0 of others.

    Raises:
        ValueError: a contract may not declare it.
    """

    kind: TypeKind
    precision: int
    scale: int

    def __new__(cls, declared: str) -> Self:
        """Read a type as a suite writes it."""
        decimal = DECIMAL.fullmatch(declared)
        precision, scale = (int(decimal["precision"]), int(decimal["scale"])) if decimal else (0, 0)
        kind = TypeKind.DECIMAL if decimal else _kind_of(declared)
        if kind is None or not scale <= precision <= MAX_PRECISION:
            raise ValueError(f"{declared!r} is no type that a contract may declare; declare one of {DECLARABLE_TYPES}")
        column_type = super().__new__(cls, declared)
        column_type.kind, column_type.precision, column_type.scale = kind, precision, scale
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
        """Whether Spark has values of it in years that no other reader of the table has."""
        return self.kind.family is Family.DATE

    @property
    def plain_form(self) -> str | None:
        """The regular expression of its values' plain text, None of text.

        A decimal's digits beyond its scale may only be zeros: so its cast rounds nothing.
        """
        match self.kind:
            case TypeKind.STRING:
                return None
            case TypeKind.INT | TypeKind.BIGINT:
                return WHOLE_NUMBER
            case TypeKind.BOOLEAN:
                return r"^(true|false)$"
            case TypeKind.DATE:
                return r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
            case TypeKind.DECIMAL:
                digits = rf"[0-9]{{1,{self.scale}}}0*" if self.scale else "0+"
                return rf"^-?[0-9]+(\.{digits})?$"
            case _:
                assert_never(self.kind)

    @property
    def limits(self) -> tuple[Decimal, Decimal] | tuple[date, date] | None:
        """The least and the greatest value that it can hold, None of text and booleans."""
        match self.kind:
            case TypeKind.STRING | TypeKind.BOOLEAN:
                return None
            case TypeKind.INT:
                return Decimal(-(2**31)), Decimal(2**31 - 1)
            case TypeKind.BIGINT:
                return Decimal(-(2**63)), Decimal(2**63 - 1)
            case TypeKind.DATE:
                return date.min, date.max
            case TypeKind.DECIMAL:
                # From digits, since arithmetic would round to the context's 28 of 38.
                greatest = Decimal((0, (9,) * self.precision, -self.scale))
                return greatest.copy_negate(), greatest
            case _:
                assert_never(self.kind)

    @property
    def exact_aggregate(self) -> str | None:
        """The type in which aggregates of its values are exact; None where a double is."""
        match self.kind:
            case TypeKind.BIGINT:  # else a sum would overflow, and a mean be a double
                return f"decimal({MAX_PRECISION},0)"
            case TypeKind.DECIMAL:
                return self
            case TypeKind.STRING | TypeKind.INT | TypeKind.BOOLEAN | TypeKind.DATE:
                return None
            case _:
                assert_never(self.kind)

    def is_same_as(self, other: "ColumnType") -> bool:
        """Say whether two texts are one type: `decimal(10,02)` is `decimal(10,2)`."""
        return (self.kind, self.precision, self.scale) == (other.kind, other.precision, other.scale)

    def widens_to(self, wider: "ColumnType") -> bool:
        """Say whether Iceberg reads values of this type as the other one (its specification, schema evolution)."""
        match self.kind:
            case TypeKind.INT:
                return wider.kind is TypeKind.BIGINT
            case TypeKind.DECIMAL:
                return wider.kind is self.kind and self.scale == wider.scale and self.precision < wider.precision
            case TypeKind.STRING | TypeKind.BIGINT | TypeKind.BOOLEAN | TypeKind.DATE:
                return False
            case _:
                assert_never(self.kind)


def family_of(declared: str) -> Family | None:
    """Return what values of a type are, as an unchecked suite has it; None where a contract may not declare it."""
    column_type = ColumnType.parse(declared)
    return column_type.family if column_type else None


def _kind_of(name: str) -> TypeKind | None:
    return next((kind for kind in TypeKind if kind.value == name and kind is not TypeKind.DECIMAL), None)


_DECLARATIONS = [kind.declaration for kind in TypeKind]
DECLARABLE_TYPES = f"{', '.join(_DECLARATIONS[:-1])} and {_DECLARATIONS[-1]}"
SPARK_CLASSES = tuple(kind.spark_class for kind in TypeKind)
COLUMN_TYPE_PATTERN = f"^({'|'.join(kind.pattern for kind in TypeKind)})$"
"""The regular expression of what a suite may declare, for JSON Schema."""
