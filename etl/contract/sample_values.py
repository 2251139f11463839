"""Values as the text that a verdict shows of them."""

import base64
import math
from decimal import Decimal
from typing import Any

from etl.wording import shorten_text

MAX_SAMPLES = 5  # values shown a rule
MAX_SAMPLE_LENGTH = 200  # characters of one
MASK = "***"


def format_samples(values: list[Any], masked: bool = False, longest: int = MAX_SAMPLE_LENGTH) -> tuple[str | None, ...]:
    """Return at most SAMPLES distinct values as short text, of at most `longest` characters, masked where of a person."""
    texts = (_format_value(value, longest) for value in values)
    distinct = dict.fromkeys(MASK if masked and text is not None else text for text in texts)
    return tuple(distinct)[:MAX_SAMPLES]


def _format_value(value: Any, longest: int) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes | bytearray):
        value = base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    # `str` writes a small decimal with an exponent, which no file has.
    return shorten_text(format(value, "f") if isinstance(value, Decimal) else str(value), longest)
