"""Which declared type a column's values have, of those that a contract may declare; margins where values grow."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, assert_never

from etl.contract.types import ColumnType, TypeKind

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# A number would lose the zero: a code, a postcode, a telephone number.
PADDED = re.compile(r"-?0[0-9]")
PRECISIONS = (10, 18, 38)
SPARE_DIGITS = 2
SPARE_FACTOR = 4  # an int is one whose greatest value is four times the seen one


def type_from_texts(values: list[str]) -> ColumnType:
    """Return the type that all these texts are plain forms of; string where there are none or they have no one type."""
    text = ColumnType(TypeKind.STRING)
    if not values or any(PADDED.match(value) for value in values):
        return text
    return next(filter(None, (_guess_type(kind, values) for kind in TypeKind)), text)


def typed_values(values: list[Any], declared: ColumnType) -> list[Any]:
    """Return values that compare with each other; texts are plain forms of the declared type."""
    return [declared.family.comparable_value(value) for value in values]


def _guess_type(kind: TypeKind, values: list[str]) -> ColumnType | None:
    """Return the type of a kind that all these texts are plain forms of; None where there is none, and of text."""
    match kind:
        case TypeKind.INT | TypeKind.BIGINT:
            declared = ColumnType(kind)
            return declared if _has_plain_form(declared, values) and _leaves_room(declared, values) else None
        case TypeKind.BOOLEAN:
            declared = ColumnType(kind)
            return declared if _has_plain_form(declared, values) else None
        case TypeKind.DATE:
            declared = ColumnType(kind)
            return declared if _has_plain_form(declared, values) and all(map(_is_day, values)) else None
        case TypeKind.DECIMAL:
            return _decimal_type(values) if all(map(NUMBER.fullmatch, values)) else None
        case (
            TypeKind.STRING
            | TypeKind.TIMESTAMP
            | TypeKind.TIMESTAMP_NTZ
            | TypeKind.DOUBLE
            | TypeKind.FLOAT
            | TypeKind.SMALLINT
            | TypeKind.TINYINT
            | TypeKind.BINARY
        ):
            return None
        case _:
            assert_never(kind)


def _has_plain_form(declared: ColumnType, values: list[str]) -> bool:
    return all(map(re.compile(str(declared.plain_form)).fullmatch, values))


def _leaves_room(declared: ColumnType, values: list[str]) -> bool:
    """Say whether the greatest of whole numbers may grow and stay within a type."""
    _, greatest = declared.limits or (None, None)
    return isinstance(greatest, Decimal) and SPARE_FACTOR * max(abs(int(value)) for value in values) <= greatest


def _is_day(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _decimal_type(values: list[str]) -> ColumnType | None:
    parts = [value.removeprefix("-").partition(".") for value in values]
    whole_digits, decimals = max(len(digits) for digits, _, _ in parts), max(len(digits) for _, _, digits in parts)
    needed = min(whole_digits + SPARE_DIGITS, PRECISIONS[-1] - decimals) + decimals
    fits = next((digits for digits in PRECISIONS if needed <= digits), None)
    return ColumnType(f"decimal({fits},{decimals})") if fits and whole_digits + decimals <= fits else None
