"""Forms of text for a day or a time: which texts have a form, what one means, and what a value looks like in it.

A reading is a regular expression with what makes the ISO form of its groups: the same to Java's compiler and to Python's.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
ISO = re.compile(r"(\d+)-(\d+)-(\d+)(?: (\d+):(\d+):(\d+)(?:\.(\d+))?(Z|[+-].*)?)?")
HALF_DAY_HOURS = 12
HALF_DAY = timedelta(hours=HALF_DAY_HOURS)
FIXED_WIDTHS = {"yyyy": 4, "y": 4, "Z": 1, **dict.fromkeys(("yy", "MM", "dd", "HH", "hh", "mm", "ss", "a"), 2)}
OFFSET_TEXTS = {"Z": "Z", "+HH": "+00", "+HHmm": "+0000", "+HH:mm": "+00:00"}


@dataclass(frozen=True)
class Reading:
    """A form of text.

    Attributes:
        form: the regular expression of the text, with anchors and a group for each part.
        iso: what makes `y-M-d` and, where the form has a time, ` H:m:s` of its groups, as Java's replacement; the month
            is its name's first three letters where `has_month_name`.
        parts: what it is made of in order, each as its letters, or as a literal text after a quote.
        has_offset: whether `iso` ends with an offset from UTC.
        has_time: whether the form has a time of day.
        is_afternoon: whether twelve hours are to be added.
    """

    form: str
    iso: str
    parts: tuple[str, ...]
    has_month_name: bool = False
    has_offset: bool = False
    has_time: bool = False
    is_afternoon: bool = False

    @property
    def group_places(self) -> tuple[tuple[int, int], ...]:
        """Where in the text each group stands, as its start from 1 and its length; empty where that depends on the text."""
        places: list[tuple[int, int]] = []
        start = 1
        for part in self.parts:
            is_literal = part.startswith("'")
            width = len(part) - 1 if is_literal else FIXED_WIDTHS.get(part)
            if width is None:
                return ()
            if not is_literal and part != "a":
                places.append((start, width))
            start += width
        return tuple(places)

    def read_text(self, text: str) -> datetime | None:
        """Return the day or time that a text means, None where the text has another form or is no day."""
        match = re.fullmatch(self.form[1:-1], text)
        if match is None:
            return None
        iso = re.sub(r"\$([0-9]+)", lambda group: match[int(group[1])] or "", self.iso)
        if self.has_month_name:
            iso = f"{iso[:5]}{_month_number(iso[5:8])}{iso[8:]}"
        try:
            value = datetime.fromisoformat(_pad_iso(iso))
        except ValueError:
            return None
        return value + HALF_DAY if self.is_afternoon else value

    def write_text(self, value: datetime, *, short: bool = False) -> str | None:
        """Return a day or time in this form, a time of UTC where the form has an offset; None where it does not fit.

        Args:
            value: the day or time.
            short: whether parts of one or two digits are written without a leading zero.
        """
        text = "".join(part[1:] if part.startswith("'") else _part_text(part, value, short) for part in self.parts)
        read = self.read_text(text)
        return text if read is not None and read.replace(tzinfo=None) == value.replace(tzinfo=None) else None


def _month_number(name: str) -> int:
    return [month[:3].lower() for month in MONTHS].index(name.lower()) + 1


def _pad_iso(iso: str) -> str:
    """Return the ISO form as Python takes it: two digits a part, six of a fraction."""
    match = ISO.fullmatch(iso)
    if match is None:
        raise ValueError(f"{iso!r} is no ISO form")
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    padded = f"{year}-{month:0>2}-{day:0>2}"
    if hour is None:
        return padded
    return f"{padded}T{hour:0>2}:{minute:0>2}:{second:0>2}.{(fraction or '0'):0<6}{offset or ''}"


def _part_text(part: str, value: datetime, short: bool) -> str:
    """Return a part of a form, by its letters in a pattern, of a value."""
    numbers = {"M": value.month, "d": value.day, "H": value.hour, "m": value.minute, "s": value.second}
    numbers["h"] = (value.hour - 1) % 12 + 1
    if part in ("MMM", "MMMM"):
        return MONTHS[value.month - 1][: 3 if part == "MMM" else None]
    if part[0] in numbers:
        return str(numbers[part[0]]) if short and len(part) == 1 else f"{numbers[part[0]]:02}"
    others = {"y": f"{value.year:04}"[-2 if part == "yy" else 0 :], "S": f"{value.microsecond:06}"[: len(part)]}
    return {**others, "a": "PM" if value.hour >= HALF_DAY_HOURS else "AM", **OFFSET_TEXTS}.get(part) or others[part[0]]


def differing_text(readings: Iterable[Reading]) -> str | None:
    """Return a text that two readings take and read differently; None where none is seen."""
    pairs = [*permutations(dict.fromkeys(readings), 2)]
    for probe in PROBES:
        for writer, reader in pairs:
            for text in _texts_of(writer, probe):
                written, read = writer.read_text(text), reader.read_text(text)
                if read is not None and read != written:
                    return text
    return None


def _texts_of(reading: Reading, value: datetime) -> Iterator[str]:
    texts = (reading.write_text(value, short=short) for short in (False, True))
    yield from (text for text in texts if text is not None)


PROBES = tuple(
    datetime(year, month, day, hour, tzinfo=UTC)
    for year, month, day in (
        *((2001, 2, 3), (2003, 2, 1), (2002, 1, 3), (2003, 1, 2), (2001, 3, 2), (2002, 3, 1)),
        *((2010, 11, 12), (2012, 11, 10), (2011, 10, 12), (2012, 10, 11), (2010, 12, 11), (2011, 12, 10)),
        *((2011, 1, 11), (2012, 11, 1), (2020, 10, 20), (2025, 12, 31)),
    )
    for hour in (0, 4, 12, 16)
)
"""Days whose numbers are years, months and days of others, so that a text that two forms read differently is among theirs."""
