"""What a value of a suite's JSON is: an object, a list, a number, a count, a share, a day."""

import math
import re
from datetime import UTC, date, datetime
from typing import Any, TypeGuard

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LOCAL_TIME = re.compile(rf"{DAY.pattern}[T ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}})?")
OFFSET = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})?")


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Say whether a JSON value is an object: its keys are texts."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Say whether a JSON value is a list, of whatever."""
    return isinstance(value, list)


def is_number(value: Any) -> bool:
    """Say whether a JSON value is a number that a column could hold: no boolean, no NaN, whole ones of at most 39 digits."""
    if isinstance(value, bool):
        return False
    return (isinstance(value, float) and math.isfinite(value)) or (isinstance(value, int) and abs(value) < 10**39)


def is_count(value: Any) -> bool:
    """Say whether a JSON value counts something: a whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_share(value: Any) -> bool:
    """Say whether a JSON value is a share, from 0 to 1."""
    return is_number(value) and 0 <= value <= 1


def is_day(value: Any) -> bool:
    """Say whether a JSON value is a calendar day as text, `yyyy-MM-dd`."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return False
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def is_local_time(value: Any) -> bool:
    """Say whether a JSON value is a day and a time of it as text, `yyyy-MM-ddTHH:mm:ss`, without an offset from UTC."""
    return isinstance(value, str) and bool(LOCAL_TIME.fullmatch(value)) and _is_iso_time(value)


def is_instant(value: Any) -> bool:
    """Say whether a JSON value is a moment as text: a local time with an offset such as Z or +01:00; UTC without one."""
    whole = re.compile(LOCAL_TIME.pattern + OFFSET.pattern)
    return isinstance(value, str) and bool(whole.fullmatch(value)) and _is_iso_time(value)


def _is_iso_time(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError):
        return False
