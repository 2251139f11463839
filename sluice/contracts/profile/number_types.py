"""The type of a column of numbers in plain form: whole, of a fixed number of decimals, or floating."""

import re
from collections.abc import Sequence
from decimal import Decimal

from etl.contract.types import MAX_PRECISION, ColumnType, TypeKind

DOUBLE = ColumnType(TypeKind.DOUBLE)
EXACT_DIGITS = 15  # significant digits that each double has
PRECISIONS = (18, 38)
SPARE_DIGITS = 4
FIXED_SCALE = 2  # decimals that every amount of money has
INT_ROOM = 100  # an int is one whose greatest value is a hundred times the seen one
LONGEST_NUMBER = 18  # digits of a bigint that always fit


def number_type(texts: Sequence[str]) -> ColumnType | None:
    """Return the type of numbers in plain form; None where a number would not be the text that it is."""
    if all(text.lstrip("-").isdigit() for text in texts):
        return _whole_type(texts)
    if any("e" in text.lower() for text in texts):
        return DOUBLE
    scales = {len(text.partition(".")[2]) for text in texts}
    if scales == {FIXED_SCALE} and not any(text.lstrip("-").startswith(".") for text in texts):
        return _decimal_type(texts, FIXED_SCALE)
    if not all(map(_is_exact_double, texts)):
        return _decimal_type(texts, max(scales))
    return DOUBLE


def _is_exact_double(text: str) -> bool:
    """Say whether a double is the number: the text has no digit that a double would lose, or is one that prints so."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return len(digits) <= EXACT_DIGITS or Decimal(text) in _printed_forms(float(text))


def _printed_forms(value: float) -> set[Decimal]:
    """Return a double as programs print it: by the fewest digits that tell it from others, or by 16 or 17."""
    return {Decimal(form) for form in (repr(value), f"{value:.16g}", f"{value:.17g}")}


def _whole_type(texts: Sequence[str]) -> ColumnType | None:
    greatest = max(abs(int(text)) for text in texts)
    if any(re.match(r"-?0[0-9]", text) for text in texts) or any(re.match("-0+$", text) for text in texts):
        return None
    if INT_ROOM * greatest < 2**31:
        return ColumnType(TypeKind.INT)
    return ColumnType(TypeKind.BIGINT) if len(str(greatest)) <= LONGEST_NUMBER else None


def _decimal_type(texts: Sequence[str], scale: int) -> ColumnType | None:
    whole = max(len(text.lstrip("-").partition(".")[0]) for text in texts)
    needed = whole + scale
    if needed > MAX_PRECISION:
        return DOUBLE
    precision = next((digits for digits in PRECISIONS if needed + SPARE_DIGITS <= digits), MAX_PRECISION)
    return ColumnType(f"decimal({precision},{scale})")
