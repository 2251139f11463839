"""Rules that the library judges by a function in Python, to which Spark hands each row: a pattern tells of most values.

What a pattern matches, the function takes. Of what it does not match nothing is known: then the rule is judged by a pass of
its own, by the function.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import Column

from etl.gate.onepass.time_patterns import sufficient_pattern

LEVELS = 4  # of lists and objects within each other
SPACE = r"[ \t\n\r]*+"
NUMBER = r"-?(?:0|[1-9][0-9]{0,4000}+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?"  # Python reads no more than 4,300 digits
STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'


def _json_value(levels: int) -> str:
    """Return what a value of JSON is, with so many levels within it (RFC 8259)."""
    scalar = f"{NUMBER}|{STRING}|true|false|null"
    if not levels:
        return f"(?:{scalar})"
    inner = _json_value(levels - 1)
    member = rf'{STRING}{SPACE}:{SPACE}{inner}{SPACE}(?:,{SPACE}(?=")|(?=\}}))'
    element = rf"{inner}{SPACE}(?:,{SPACE}(?!\])|(?=\]))"
    return rf"(?:{scalar}|\{{{SPACE}(?:{member})*+\}}|\[{SPACE}(?:{element})*+\])"


JSON_TEXT = rf"\A{SPACE}{_json_value(LEVELS)}{SPACE}\z"


def _time_text(kwargs: Mapping[str, Any]) -> str | None:
    pattern = sufficient_pattern(kwargs["strftime_format"])
    return pattern and rf"\A{pattern[1:-1]}\z"


PATTERNS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    "column_values.json_parseable": lambda _: JSON_TEXT,
    "column_values.match_strftime_format": _time_text,
}
METRICS = {
    "expect_column_values_to_be_json_parseable": "column_values.json_parseable",
    "expect_column_values_to_match_strftime_format": "column_values.match_strftime_format",
}
"""By the type of a rule."""


def unproven_rows(metric: str, column: Column, kwargs: Mapping[str, Any]) -> Column | None:
    """Return where nothing proves that a text is as a metric expects, null where there is none; None for other metrics.

    Args:
        metric: the library's name of it, such as `column_values.json_parseable`.
        column: of text.
        kwargs: the metric's arguments.
    """
    pattern_of = PATTERNS.get(metric)
    pattern = pattern_of and pattern_of(kwargs)
    return ~column.rlike(pattern) if pattern else None
