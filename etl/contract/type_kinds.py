"""The kinds of column types: what each is called elsewhere, and which values compare with each other.

A new type is a member of `TypeKind`; `tests/unit/job/test_closed_sets.py` names each consumer that lacks it.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum, unique
from typing import Any, Self, assert_never

MAX_PRECISION = 38  # digits of Spark's and Iceberg's decimals
TRUTH = r"^(true|false)$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
WHOLE_NUMBER = r"^-?[0-9]+$"
FLOATING_NUMBER = r"^(-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN|-?Infinity)$"
# Digits beyond microseconds may only be zeros.
CLOCK_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}0*)?)?"
OFFSET = r"(Z| ?[+-][0-9]{2}:?[0-9]{2})?"
BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
GREATEST_DOUBLE, GREATEST_FLOAT = Decimal("1.7976931348623157e308"), Decimal("3.4028234663852886e38")
Limits = tuple[Decimal, Decimal] | tuple[date, date]


def _signed(bits: int) -> Limits:
    """Return the least and the greatest whole number of so many bits."""
    return Decimal(-(2 ** (bits - 1))), Decimal(2 ** (bits - 1) - 1)


class Family(StrEnum):
    """What values of a type are; those of one family compare with each other."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    INSTANT = "instant"  # a moment, the same everywhere
    LOCAL_TIME = "local time"  # what a clock shows, of no time zone that the data tell
    BINARY = "binary"
    NESTED = "nested"  # lists and objects: no value of them is compared with another

    @property
    def is_ordered(self) -> bool:
        """Whether rules may bound its values."""
        match self:
            case Family.NUMBER | Family.DATE | Family.INSTANT | Family.LOCAL_TIME:
                return True
            case Family.TEXT | Family.BOOLEAN | Family.BINARY | Family.NESTED:
                return False
            case _:
                assert_never(self)

    @property
    def is_time(self) -> bool:
        """Whether its values have a day and a time of it."""
        match self:
            case Family.INSTANT | Family.LOCAL_TIME:
                return True
            case Family.TEXT | Family.NUMBER | Family.DATE | Family.BOOLEAN | Family.BINARY | Family.NESTED:
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
            case Family.INSTANT:
                instant = entry if isinstance(entry, datetime) else datetime.fromisoformat(str(entry))
                return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
            case Family.LOCAL_TIME:
                time = entry if isinstance(entry, datetime) else datetime.fromisoformat(str(entry))
                if time.tzinfo:
                    raise ValueError(f"{entry!r} has an offset from UTC, which no local time has")
                return time
            case Family.TEXT | Family.BOOLEAN | Family.BINARY | Family.NESTED:
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
        form: the regular expression of its values' plain text, None of text and of decimals, whose scale says.
        limits: the least and the greatest value that it can hold, None of decimals and of what has no order.
    """

    _value_: str
    family: Family
    spark_class: str
    arrow: str
    logical: str
    key_rank: int
    literals: tuple[type, ...]
    has_exponent: bool
    form: str | None
    limits: Limits | None

    # In the order of the attributes.
    STRING = "string", Family.TEXT, "StringType", "string", "string", 0, (str,), False, None, None
    INT = "int", Family.NUMBER, "IntegerType", "int32", "integer", 0, (int,), False, WHOLE_NUMBER, _signed(32)
    BIGINT = "bigint", Family.NUMBER, "LongType", "int64", "integer", 0, (int,), False, WHOLE_NUMBER, _signed(64)
    BOOLEAN = "boolean", Family.BOOLEAN, "BooleanType", "bool", "boolean", 2, (bool,), False, TRUTH, None
    DATE = "date", Family.DATE, "DateType", "date32", "date", 1, (), False, DAY, (date.min, date.max)
    DECIMAL = "decimal", Family.NUMBER, "DecimalType", "decimal128", "number", 2, (), True, None, None
    TIMESTAMP = (
        *("timestamp", Family.INSTANT, "TimestampType", "timestamp[us]", "timestamp", 2, (), False),
        *(f"^{CLOCK_TIME}{OFFSET}$", (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))),
    )
    TIMESTAMP_NTZ = (
        *("timestamp_ntz", Family.LOCAL_TIME, "TimestampNTZType", "timestamp[us]", "timestamp", 2, (), False),
        *(f"^{CLOCK_TIME}$", (datetime.min, datetime.max)),
    )
    DOUBLE = (
        *("double", Family.NUMBER, "DoubleType", "float64", "number", 3, (float,), True),
        *(FLOATING_NUMBER, (GREATEST_DOUBLE.copy_negate(), GREATEST_DOUBLE)),
    )
    FLOAT = (
        *("float", Family.NUMBER, "FloatType", "float32", "number", 3, (), True),
        *(FLOATING_NUMBER, (GREATEST_FLOAT.copy_negate(), GREATEST_FLOAT)),
    )
    SMALLINT = "smallint", Family.NUMBER, "ShortType", "int16", "integer", 1, (), False, WHOLE_NUMBER, _signed(16)
    TINYINT = "tinyint", Family.NUMBER, "ByteType", "int8", "integer", 1, (), False, WHOLE_NUMBER, _signed(8)
    BINARY = "binary", Family.BINARY, "BinaryType", "binary", "string", 3, (), False, BASE64, None
    ARRAY = "array", Family.NESTED, "ArrayType", "list", "array", 4, (), False, None, None
    STRUCT = "struct", Family.NESTED, "StructType", "struct", "object", 4, (), False, None, None

    def __new__(cls, name: str, *facts: object) -> Self:
        """Make the member of Spark's name."""
        kind = str.__new__(cls, name)
        kind._value_ = name
        names = ("family", "spark_class", "arrow", "logical", "key_rank", "literals", "has_exponent", "form", "limits")
        for attribute, fact in zip(names, facts, strict=True):
            setattr(kind, attribute, fact)
        return kind

    @property
    def is_floating(self) -> bool:
        """Whether its values are floating-point numbers: rounded, with NaN and infinities, equal ones of two forms."""
        return self in (TypeKind.DOUBLE, TypeKind.FLOAT)

    @property
    def table_type(self) -> "TypeKind | None":
        """The type that a table has in its place, where Iceberg has none of its width; else None."""
        return TypeKind.INT if self in (TypeKind.SMALLINT, TypeKind.TINYINT) else None

    @property
    def pattern(self) -> str:
        """The regular expression of what a suite may write for it, without anchors: its name, and what parameters it has."""
        return f"{self.value}{PARAMETERS.get(self, NO_PARAMETERS)[0]}"

    @property
    def declaration(self) -> str:
        """What a suite may write for it, in words."""
        return f"{self.value}{PARAMETERS.get(self, NO_PARAMETERS)[1]}"


NO_PARAMETERS = "", ""
FIELD_NAMES = "names are letters of ASCII, digits and _, and differ in more than capitals"
PARAMETERS = {
    TypeKind.DECIMAL: (
        r"\(([1-9]|[12][0-9]|3[0-8]),([0-9]|[12][0-9]|3[0-8])\)",
        f"(precision,scale) with scale <= precision <= {MAX_PRECISION}",
    ),
    TypeKind.ARRAY: ("<.+>", "<type>"),
    TypeKind.STRUCT: ("<.+:.+>", f"<name:type,...>, where {FIELD_NAMES}"),
}
"""What stands behind a kind in a suite: as a regular expression, and in words."""
