"""What a spreadsheet makes of a text by itself when it opens and saves a CSV.

Only such changes are meant as keep the value in its eyes: 00123 becomes 123, 2026-03-01 becomes 01.03.2026. A change to a
date of ISO 8601 is a person's, since no contract's plain form is another.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

MOST_DIGITS = 15
"""Digits of a number that Excel keeps (Microsoft, Excel specifications and limits)."""
SHOWN_DIGITS = 9
"""Digits of a number that a column shows at least, and so a CSV has."""
FEWEST_SHOWN = 6
EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's serial numbers, from March 1900 on."""

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+")
ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
DATE = re.compile(r"(\d{1,4})[./-] ?(\d{1,2})[./-] ?(\d{1,4})")
SHORT_DATE = re.compile(r"\d{1,4}[./-]\d{1,4}|[^\W\d_]{3,9}[ .-]?\d{1,4}")
"""What passes for a day and a month, or a month and a year: 1-2, 2.5, MAR1."""
WORDED_DATE = re.compile(r"[\d .,/-]*[^\W\d_]{3,10}[\d .,/-]*")
CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::\d\d(?:[.,]\d+)?)?(?: ?([AaPp])[Mm])?")
CLOCK_BEHIND_DAY = re.compile(r"[ T](?=\d{1,2}:\d\d)")
ERROR = re.compile(r"#+|#¡?[^\W_]+(?:/[\w]+)?[!?]|#N/A|#NV")
LONGEST_MOMENT = 40
TRUTHS = {
    "true": {"true", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "sant", "prawda", "истина"},
    "false": {"false", "falsch", "faux", "falso", "onwaar", "falskt", "fałsz", "ложь"},
}
OTHER_ENCODINGS = ("cp1252", "mac-roman")
SUBSTITUTES = "?_\ufffd"


def is_error(text: str) -> bool:
    """Say whether a text is what a spreadsheet shows where it could not compute, or where a column is too narrow."""
    return bool(ERROR.fullmatch(text))


def is_rewritten(before: str, after: str) -> bool:
    """Say whether a text is what a spreadsheet makes of another by itself; the two differ."""
    before, after = before.strip(), after.strip()
    return (
        _is_same_number(before, after)
        or (max(len(before), len(after)) <= LONGEST_MOMENT and _is_same_time(before, after))
        or any(before.casefold() == truth and after.casefold() in words for truth, words in TRUTHS.items())
        or _has_lost_letters(before, after)
    )


def _is_same_number(before: str, after: str) -> bool:
    if GROUPED.fullmatch(before) and re.sub("[.,]", "", before) == after:
        return True
    if not NUMBER.fullmatch(before):
        return False
    number = Decimal(before)
    return any(number == other or _is_rounded(number, other, after) for other in _readings(after))


def _readings(text: str) -> Iterator[Decimal]:
    """Yield the numbers that a text is where a point or a comma is before decimals, and the other groups digits."""
    for decimal, groups in ((".", ",'’ \u00a0\u202f"), (",", ".'’ \u00a0\u202f")):
        form = rf"[+-]?(?:\d+|\d{{1,3}}(?:[{re.escape(groups)}]\d{{3}})+)(?:{re.escape(decimal)}\d+)?(?:[eE][+-]?\d{{1,3}})?"
        if re.fullmatch(form, text):
            yield Decimal(re.sub(f"[{re.escape(groups)}]", "", text).replace(decimal, "."))


def _is_rounded(number: Decimal, other: Decimal, text: str) -> bool:
    """Say whether a number is another one with the digits that a spreadsheet keeps, or shows."""
    shown, digits = len(other.as_tuple().digits), len(number.as_tuple().digits)
    if "e" in text.lower():
        return _round(number, shown) == other
    if digits > MOST_DIGITS and other in (_round(number, MOST_DIGITS), _round(number, MOST_DIGITS, ROUND_DOWN)):
        return True
    return digits > SHOWN_DIGITS and FEWEST_SHOWN <= shown < digits and _round(number, shown) == other


def _round(number: Decimal, digits: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    return Context(prec=digits, rounding=rounding).plus(number)


def _is_same_time(before: str, after: str) -> bool:
    return _is_same_moment(before, after) or _is_same_clock(before, after)


def _is_same_moment(before: str, after: str) -> bool:
    day, *clock = CLOCK_BEHIND_DAY.split(before, maxsplit=1)
    shown_day, *shown_clock = CLOCK_BEHIND_DAY.split(after, maxsplit=1)
    if clock and shown_clock and not _is_same_clock(clock[0].rstrip("Z"), shown_clock[0], may_be_equal=True):
        return False
    if not ISO_DATE.fullmatch(day):
        return not shown_clock and not ISO_DATE.fullmatch(shown_day) and _is_same_day(day, shown_day)
    try:
        moment = date.fromisoformat(day)
    except ValueError:
        return False
    if after.partition(".")[0].partition(",")[0] == str((moment - EPOCH).days):
        return True
    return (bool(clock) == bool(shown_clock) or not clock) and _names_day(moment, shown_day)


def _names_day(day: date, text: str) -> bool:
    """Say whether a text has a day's numbers in any order, in which a word may be the month."""
    numbers = sorted(map(int, re.findall(r"\d+", text)))
    years = (day.year, day.year % 100)
    if WORDED_DATE.fullmatch(text):
        return any(numbers == sorted((day.day, year)) for year in years)
    return bool(DATE.fullmatch(text)) and any(numbers == sorted((day.day, day.month, year)) for year in years)


def _is_same_day(before: str, after: str) -> bool:
    """Say whether two texts, neither of ISO 8601, may be one day: their numbers agree, or one has a word for the month."""
    first, second = DATE.fullmatch(before), DATE.fullmatch(after)
    if first and second:
        numbers, others = [int(part) for part in first.groups()], [int(part) for part in second.groups()]
        if len(first[1]) == 4:
            numbers, others = sorted(numbers), sorted(others)
        pairs = zip(numbers, others, strict=True)
        return all(number in (other, other % 100) or other == number % 100 for number, other in pairs)
    if not (first or SHORT_DATE.fullmatch(before)) or not WORDED_DATE.fullmatch(after):
        return False
    numbers = {int(part) for part in re.findall(r"\d+", before)}
    shown = {int(part) for part in re.findall(r"\d+", after)}
    return bool(shown) and shown <= {part for number in numbers for part in (number, number % 100)}


def _is_same_clock(before: str, after: str, *, may_be_equal: bool = False) -> bool:
    """Say whether two times of day are one to the minute; seconds may be left out."""
    first, second = CLOCK.fullmatch(before), CLOCK.fullmatch(after)
    if not first or not second or (before == after and not may_be_equal):
        return False
    return _hour_and_minute(first) == _hour_and_minute(second)


def _hour_and_minute(clock: re.Match[str]) -> tuple[int, int]:
    hour, minute, half = int(clock[1]), int(clock[2]), (clock[3] or "").lower()
    return (hour % 12 + 12 * (half == "p") if half else hour), minute


def _has_lost_letters(before: str, after: str) -> bool:
    """Say whether letters beyond ASCII were lost, or read in another encoding."""
    if before.isascii():
        return False
    if len(before) == len(after):
        pairs = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
        if pairs and all(not letter.isascii() and other in SUBSTITUTES for letter, other in pairs):
            return True
    return any(before.encode("utf-8", "replace").decode(name, "replace") == after for name in OTHER_ENCODINGS)
