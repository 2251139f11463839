"""The column types a contract may declare, and the plain text that a raw value of each must have."""

import re

PLAIN = {
    "string": None,
    "int": r"^-?[0-9]+$",
    "bigint": r"^-?[0-9]+$",
    "boolean": r"^(true|false)$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}
DECIMAL = re.compile(r"decimal\(([1-9][0-9]?),([0-9]{1,2})\)")
KNOWN = f"{', '.join(PLAIN)} and decimal(precision,scale) with scale <= precision <= 38"


def is_known(declared: str) -> bool:
    """Say whether a contract may declare this Spark SQL type."""
    decimal = DECIMAL.fullmatch(declared)
    return declared in PLAIN or (decimal is not None and int(decimal[2]) <= int(decimal[1]) <= 38)


def plain_form(declared: str) -> str | None:
    """Return the regular expression of a type's plain text, None for a string.

    A decimal's digits beyond its scale may only be zeros: so its cast rounds nothing.
    """
    decimal = DECIMAL.fullmatch(declared)
    if decimal is None:
        return PLAIN[declared]
    scale = int(decimal[2])
    digits = rf"[0-9]{{1,{scale}}}0*" if scale else "0+"
    return rf"^-?[0-9]+(\.{digits})?$"
