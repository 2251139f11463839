"""A published value as the sandbox's reports show it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from etl.contract.sample_values import MASK


def to_sample_value(value: Any, *, masked: bool) -> Any:
    """Return a value as a sample has it, as JSON does; of a column about a person, masked."""
    return MASK if masked and value is not None else to_json_value(value)


def to_json_value(value: Any) -> Any:
    """Return a value as JSON has it: numbers and dates as text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
