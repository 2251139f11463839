"""Values as the text that a verdict shows of them."""

from decimal import Decimal
from typing import Any

from etl.wording import shortened

SAMPLES = 5  # values shown a rule
LONGEST_SAMPLE = 200  # characters of one
MASK = "***"


def shown(values: list[Any], masked: bool = False) -> tuple[str | None, ...]:
    """Return at most SAMPLES distinct values as short text, masked where they are about a person."""
    texts = (_text(value) for value in values)
    distinct = dict.fromkeys(MASK if masked and text is not None else text for text in texts)
    return tuple(distinct)[:SAMPLES]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    # `str` writes a small decimal with an exponent, which no file has.
    return shortened(format(value, "f") if isinstance(value, Decimal) else str(value), LONGEST_SAMPLE)
