"""The column types a contract may declare, the plain text that a raw value of each must have, and what each can hold."""

import re
from datetime import date
from decimal import Decimal

PLAIN_FORMS = {
    "string": None,
    "int": r"^-?[0-9]+$",
    "bigint": r"^-?[0-9]+$",
    "boolean": r"^(true|false)$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}
DECIMAL = re.compile(r"decimal\(([1-9][0-9]?),([0-9]{1,2})\)")
DECLARABLE_TYPES = f"{', '.join(PLAIN_FORMS)} and decimal(precision,scale) with scale <= precision <= 38"
FAMILIES = {"string": "text", "int": "number", "bigint": "number", "boolean": "boolean", "date": "date"}
BITS = {"int": 31, "bigint": 63}


def is_known_type(declared: str) -> bool:
    """Say whether a contract may declare this Spark SQL type."""
    decimal = DECIMAL.fullmatch(declared)
    return declared in PLAIN_FORMS or (decimal is not None and int(decimal[2]) <= int(decimal[1]) <= 38)


def plain_form(declared: str) -> str | None:
    """Return the regular expression of a type's plain text, None for a string.

    A decimal's digits beyond its scale may only be zeros: so its cast rounds nothing.
    """
    decimal = DECIMAL.fullmatch(declared)
    if decimal is None:
        return PLAIN_FORMS[declared]
    scale = int(decimal[2])
    digits = rf"[0-9]{{1,{scale}}}0*" if scale else "0+"
    return rf"^-?[0-9]+(\.{digits})?$"


def type_family(declared: str) -> str:
    """Return what a declared type's values are: text, number, date or boolean."""
    return FAMILIES.get(declared, "number")


def type_limits(declared: str) -> tuple[Decimal, Decimal] | tuple[date, date] | None:
    """Return the least and the greatest value that a type can hold, None for text and booleans."""
    if declared == "date":
        return date.min, date.max
    if bits := BITS.get(declared):
        return Decimal(-(2**bits)), Decimal(2**bits - 1)
    decimal = DECIMAL.fullmatch(declared)
    if decimal is None:
        return None
    # From digits, since arithmetic would round to the context's 28 of 38.
    greatest = Decimal((0, (9,) * int(decimal[1]), -int(decimal[2])))
    return greatest.copy_negate(), greatest


def decimal_scale(declared: str) -> int:
    """Return how many decimals a number type keeps."""
    decimal = DECIMAL.fullmatch(declared)
    return int(decimal[2]) if decimal else 0
