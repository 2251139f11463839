"""Which declared type a column's values have, of those that a contract may declare; margins where values grow."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from etl.contract.types import BITS, plain_form

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# A number would lose the zero: a code, a postcode, a telephone number.
PADDED = re.compile(r"-?0[0-9]")
PRECISIONS = (10, 18, 38)
SPARE_DIGITS = 2
SPARE_BITS = 2  # an int whose greatest value is four times the seen one is still an int


def of_arrow(given: pa.DataType) -> str | None:
    """Return the type that Parquet's or ORC's own is declared as, None where a contract knows none for it."""
    if isinstance(given, pa.DictionaryType):
        given = given.value_type
    if pa.types.is_decimal(given):
        return f"decimal({given.precision},{given.scale})"
    known = {pa.int32(): "int", pa.int64(): "bigint", pa.bool_(): "boolean", pa.date32(): "date"}
    return "string" if pa.types.is_string(given) or pa.types.is_large_string(given) else known.get(given)


def of_texts(values: list[str]) -> str:
    """Return the type that all these texts are plain forms of; string where there are none or they have no one type."""
    if not values or any(PADDED.match(value) for value in values):
        return "string"
    for declared in ("boolean", "date"):
        if all(map(re.compile(str(plain_form(declared))).fullmatch, values)):
            return declared if declared == "boolean" or all(map(_is_day, values)) else "string"
    return _number(values) if all(map(NUMBER.fullmatch, values)) else "string"


def typed(values: list[Any], declared: str) -> list[Any]:
    """Return texts as values of a declared type that they are plain forms of; others are left as they are."""
    if declared == "date":
        return [date.fromisoformat(value) if isinstance(value, str) else value for value in values]
    if declared in ("string", "boolean"):
        return values
    return [Decimal(value) for value in values]


def _is_day(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _number(values: list[str]) -> str:
    parts = [value.removeprefix("-").partition(".") for value in values]
    whole, decimals = max(len(one) for one, _, _ in parts), max(len(one) for _, _, one in parts)
    greatest = max(int(one) for one, _, _ in parts)
    if not decimals:
        for declared, bits in BITS.items():
            if greatest < 2 ** (bits - SPARE_BITS):
                return declared
    needed = min(whole + SPARE_DIGITS, PRECISIONS[-1] - decimals) + decimals
    fits = next((one for one in PRECISIONS if needed <= one), None)
    return f"decimal({fits},{decimals})" if fits and whole + decimals <= fits else "string"
