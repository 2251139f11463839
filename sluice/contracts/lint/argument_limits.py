"""Arguments that load, and that the library cannot judge by: each was tried with Great Expectations on Spark."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import assert_never

from etl.contract.model import Contract, Rule
from etl.contract.types import Family
from sluice.contracts.lint.findings import Finding

FIRST_DAY = "1000-01-01"
"""The library writes a bound by `strftime`, which pads no year with zeros, and reads that back as a year of four digits."""
LEAP_DAY = datetime(2024, 2, 29, 13, 14, 15, tzinfo=UTC)


def find_unjudgeable(contract: Contract) -> Iterator[Finding]:
    """Yield the rules of a contract that the library would end in an error for, or never hold."""
    types = contract.judged_types
    for rule in contract.rules:
        column_type = types.get(str(rule.kwargs.get("column")))
        if column_type is not None:
            yield from _check_family(rule, column_type.family)
        if rule.type == "expect_column_values_to_match_strftime_format":
            yield from _check_format(rule)


def _check_family(rule: Rule, family: Family) -> Iterator[Finding]:
    """Yield what the library cannot judge of a column's values."""
    match family:
        case Family.DATE | Family.INSTANT | Family.LOCAL_TIME:
            if rule.type == "expect_column_values_to_be_between":
                yield from _check_bounds(rule)
            elif rule.type == "expect_column_most_common_value_to_be_in_set":
                noun = "time" if family.is_time else "date"
                message = f"the library compares the most common {noun} with texts, so it can never hold"
                yield Finding("engine", message, "drop it, or judge it by unexpected_rows_expectation", rule.rule)
        case Family.TEXT | Family.NUMBER | Family.BOOLEAN | Family.BINARY | Family.NESTED:
            pass
        case _:
            assert_never(family)


def _check_bounds(rule: Rule) -> Iterator[Finding]:
    for name in ("min_value", "max_value"):
        day = rule.kwargs.get(name)
        if isinstance(day, str) and day < FIRST_DAY:
            message = (
                f"{name} {day} is before {FIRST_DAY}, which the library cannot hold: each run would end in an error"
            )
            remedy = (
                f"write a day from {FIRST_DAY}; for earlier ones there are expect_column_min_to_be_between and _max_"
            )
            yield Finding("engine", message, remedy, rule.rule)


def _check_format(rule: Rule) -> Iterator[Finding]:
    """Yield a format by which the library could not read what it wrote, which it demands of each."""
    time_format = rule.kwargs["strftime_format"]
    try:
        datetime.strptime(LEAP_DAY.strftime(time_format), time_format)
    except (ValueError, re.error) as error:
        message = f"strftime_format {time_format!r} is none that Python reads: {error}"
        yield Finding("engine", message, "write directives such as %Y-%m-%d, each once", rule.rule)
