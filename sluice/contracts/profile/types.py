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


def type_from_arrow(arrow_type: pa.DataType) -> str | None:
    """Return the type that Parquet's or ORC's own is declared as, None where a contract knows none for it."""
    if isinstance(arrow_type, pa.DictionaryType):
        arrow_type = arrow_type.value_type
    if pa.types.is_decimal(arrow_type):
        return f"decimal({arrow_type.precision},{arrow_type.scale})"
    declared_types = {pa.int32(): "int", pa.int64(): "bigint", pa.bool_(): "boolean", pa.date32(): "date"}
    return (
        "string"
        if pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type)
        else declared_types.get(arrow_type)
    )


def type_from_texts(values: list[str]) -> str:
    """Return the type that all these texts are plain forms of; string where there are none or they have no one type."""
    if not values or any(PADDED.match(value) for value in values):
        return "string"
    for declared in ("boolean", "date"):
        if all(map(re.compile(str(plain_form(declared))).fullmatch, values)):
            return declared if declared == "boolean" or all(map(_is_day, values)) else "string"
    return _number_type(values) if all(map(NUMBER.fullmatch, values)) else "string"


def typed_values(values: list[Any], declared: str) -> list[Any]:
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


def _number_type(values: list[str]) -> str:
    parts = [value.removeprefix("-").partition(".") for value in values]
    whole_digits, decimals = max(len(digits) for digits, _, _ in parts), max(len(digits) for _, _, digits in parts)
    greatest = max(int(digits) for digits, _, _ in parts)
    if not decimals:
        for declared, bits in BITS.items():
            if greatest < 2 ** (bits - SPARE_BITS):
                return declared
    needed = min(whole_digits + SPARE_DIGITS, PRECISIONS[-1] - decimals) + decimals
    fits = next((digits for digits in PRECISIONS if needed <= digits), None)
    return f"decimal({fits},{decimals})" if fits and whole_digits + decimals <= fits else "string"
