"""Texts as days and times: by the forms of a column's patterns, in its time zone, or as numbers since 1970.

A local time that daylight saving skips or doubles in its zone is no moment. It is found by two conversions: the moment before
a change of offset, and the one that has the offset of a day later; both must have the local time, or be the same.
"""

import re
from collections.abc import Iterator

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.contract.input_column import InputColumn
from etl.contract.time_readings import MONTHS, Reading
from etl.contract.types import TypeKind
from etl.contract.value_forms import value_form
from etl.sources.casting import value_of_text
from etl.sources.provenance import PLAIN

Steps = Iterator[tuple[str, Column]]
"""Columns by name, each of which may use those before it."""
VALUE = "_value_"  # before a column's name: the typed value while its text is still there
ISO, CLOCK, MOMENT, LATER = "_iso_", "_clock_", "_moment_", "_later_"
MONTH_PLACE = 6  # of the month in an ISO text, from 1
MONTH_LETTERS = "".join(month[:3].lower() for month in MONTHS)
WITH_OFFSET = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})\z"  # behind a time of day
EPOCH_DIGITS = 24  # more than the year 9999 has in microseconds
UTC = "UTC"


def has_form(text: Column, form: str | None, is_proven: bool = False) -> Column:
    """Return where a whole text has a form; a plain line is known to have it where that is proven."""
    held = text.rlike(rf"{str(form).removesuffix('$')}\z")  # Java's `$` would leave a line end out
    return F.col(PLAIN) | held if is_proven else held


def epoch_steps(column: InputColumn, text: Column, is_proven: bool) -> Steps:
    """Yield the moment that a number counts to; a fraction below the microsecond is none."""
    decimals = column.epoch.decimals if column.epoch else 0
    micros = (text.try_cast(f"decimal({EPOCH_DIGITS},{decimals})") * F.lit(10**decimals)).try_cast("bigint")
    yield f"{VALUE}{column.name}", F.when(has_form(text, value_form(column), is_proven), F.timestamp_micros(micros))


def form_steps(column: InputColumn, text: Column, is_proven: bool) -> Steps:
    """Yield what leads from a text in one of the column's forms, or in the type's plain one, to its value."""
    name = f"{VALUE}{column.name}"
    if not column.readings and not column.zone:
        yield name, F.when(has_form(text, value_form(column), is_proven), value_of_text(text, column.type))
        return
    local_times, moments = list[Column](), list[Column]()
    for number, reading in enumerate(column.readings):
        step = f"{ISO}{number}_{column.name}"
        proven = is_proven and len(column.readings) == 1
        yield step, F.when(has_form(text, reading.form, proven), _iso_text(text, reading))
        (moments if reading.has_offset else local_times).append(_value_of_iso(F.col(f"`{step}`"), reading, column))
    if not column.readings:
        value = F.when(has_form(text, value_form(column), is_proven), value_of_text(text, column.type))
        local_times.append(F.when(~text.rlike(WITH_OFFSET), value))
        moments.append(F.when(text.rlike(WITH_OFFSET), value))
    if column.zone in ("", UTC) or not local_times:
        yield name, F.coalesce(*moments, *local_times)
        return
    yield from _zone_steps(column, F.coalesce(*local_times))
    clock, moment, later = (F.col(f"`{step}{column.name}`") for step in (CLOCK, MOMENT, LATER))
    is_there = F.from_utc_timestamp(moment, column.zone) == clock
    is_once = (later == moment) | (F.from_utc_timestamp(later, column.zone) != clock)
    yield name, F.coalesce(*moments, F.when(is_there & is_once, moment))


def _zone_steps(column: InputColumn, clock: Column) -> Steps:
    """Yield a local time as if it were UTC's, the first moment that has it in the zone, and one by a later offset."""
    day = F.expr("INTERVAL 1 DAY")
    clock_name = f"`{CLOCK}{column.name}`"
    yield f"{CLOCK}{column.name}", clock
    yield f"{MOMENT}{column.name}", F.to_utc_timestamp(F.col(clock_name), column.zone)
    yield f"{LATER}{column.name}", F.to_utc_timestamp(F.col(clock_name) + day, column.zone) - day


def _value_of_iso(iso: Column, reading: Reading, column: InputColumn) -> Column:
    """Return an ISO text as a value; a local time of a column of moments is read as UTC's."""
    numbered = _with_month_number(iso, reading)
    if column.type.kind is TypeKind.DATE:
        return numbered.try_cast(column.type)
    clock = numbered if reading.has_time else F.concat(numbered, F.lit(" 0:0:0"))
    is_local_moment = column.type.kind is TypeKind.TIMESTAMP and not reading.has_offset
    value = (F.concat(clock, F.lit("Z")) if is_local_moment else clock).try_cast(column.type)
    return value + F.expr("INTERVAL 12 HOURS") if reading.is_afternoon else value


def _iso_text(text: Column, reading: Reading) -> Column:
    """Return a text that has a reading's form as ISO 8601 writes it, its numbers as long as they come."""
    places = reading.group_places
    if not places:
        return F.regexp_replace(text, reading.form, reading.iso)
    # By their places, which takes half of a regular expression's time.
    pieces = re.split(r"\$([0-9]+)", reading.iso)
    literals = [F.lit(piece) for piece in pieces[::2]]
    groups = [F.substring(text, *places[int(number) - 1]) for number in pieces[1::2]]
    paired = zip(literals, [*groups, F.lit("")], strict=True)
    return F.concat(*(column for pair in paired for column in pair))


def _with_month_number(iso: Column, reading: Reading) -> Column:
    """Return an ISO text with the number of its month where that is three letters."""
    if not reading.has_month_name:
        return iso
    place = F.instr(F.lit(MONTH_LETTERS), F.lower(F.substring(iso, MONTH_PLACE, 3)))
    month = ((place + F.lit(2)) / F.lit(3)).cast("int").cast("string")
    return F.concat(F.substring(iso, 1, MONTH_PLACE - 1), month, F.substring(iso, MONTH_PLACE + 3, 50))
