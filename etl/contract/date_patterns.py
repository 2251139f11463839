"""Date patterns of an input column, in Spark's letters: each becomes the forms of text that it takes.

Source: https://spark.apache.org/docs/latest/sql-ref-datetime-pattern.html. Spark's own parser is not what reads a text: it
takes `+12025` for yyyy and `005` for d. Each letter here takes the digits that it says, and no others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from etl.contract.time_readings import MONTHS, Reading

MICROSECOND_DIGITS = 6
MAX_READINGS = 32  # of one pattern
TOKEN = re.compile(r"(?P<quoted>'(?:[^']|'')*')|(?P<letters>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<other>.)", re.DOTALL)
SPECIAL, RESERVED = frozenset("\\[](){}|*+?.^$"), frozenset("'#{}")
TIME_PARTS = ("hour", "minute", "second", "fraction")
TWO_DIGITS, ONE_OR_TWO = "[0-9]{2}", "[0-9]{1,2}"
NUMBERS = {
    **{"yyyy": ("year", "[0-9]{4}"), "y": ("year", "[0-9]{4}"), "yy": ("year", TWO_DIGITS)},
    **{"MM": ("month", TWO_DIGITS), "M": ("month", ONE_OR_TWO), "dd": ("day", TWO_DIGITS), "d": ("day", ONE_OR_TWO)},
    **{"HH": ("hour", TWO_DIGITS), "H": ("hour", ONE_OR_TWO), "mm": ("minute", TWO_DIGITS)},
    **{"m": ("minute", ONE_OR_TWO), "ss": ("second", TWO_DIGITS), "s": ("second", ONE_OR_TWO)},
    **{"S" * digits: ("fraction", f"[0-9]{{1,{digits}}}") for digits in range(1, MICROSECOND_DIGITS + 1)},
    **{"hh": ("hour", "0[1-9]|1[01]"), "h": ("hour", "0?[1-9]|1[01]")},
}
HALF_DAY_HOURS, MONTH_NAMES = ("hh", "h"), ("MMM", "MMMM")
OFFSET_FORMS = {
    **{"X": ("Z", "+HH", "+HHmm"), "XX": ("Z", "+HHmm"), "XXX": ("Z", "+HH:mm")},
    **{"x": ("+HH", "+HHmm"), "xx": ("+HHmm",), "xxx": ("+HH:mm",), "Z": ("+HHmm",), "ZZZZZ": ("Z", "+HH:mm")},
}
OFFSETS = {
    "Z": ("(Z)", "${}"),
    "+HH": ("([+-][0-9]{2})", "${}:00"),
    "+HHmm": ("([+-][0-9]{2})([0-9]{2})", "${}:${}"),
    "+HH:mm": ("([+-][0-9]{2}):([0-9]{2})", "${}:${}"),
}
HALVES = ((False, False), (False, True), (True, False), (True, True))
"""Halves of a day: whether it is the second one, and whether the hour is twelve."""


class PatternRefused(ValueError):
    """A pattern that is not read: what is wrong with it, and what to write."""

    def __init__(self, problem: str, remedy: str) -> None:
        """Keep both."""
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


@cache
def readings_of(pattern: str) -> tuple[Reading, ...]:
    """Return the forms of text that a pattern takes: several where it has [optional] parts, halves of a day or offsets.

    Raises:
        PatternRefused: it is not read, or could read a text in more than one way.
    """
    drafts = [draft for tokens in _expand_optional(pattern) for draft in _drafts_of(tokens)]
    if len(drafts) > MAX_READINGS:
        raise PatternRefused("it takes too many forms of text", "write fewer optional parts, or a list of patterns")
    return tuple(dict.fromkeys(draft.as_reading() for draft in drafts))


def _expand_optional(pattern: str) -> list[list[re.Match[str]]]:
    """Return the tokens of a pattern, once with and once without each of its parts in brackets."""
    variants: list[list[re.Match[str]]] = [[]]
    optional: list[re.Match[str]] | None = None
    for token in TOKEN.finditer(pattern):
        character = token["other"]
        if character == "[" and optional is None:
            optional = []
        elif character == "]" and optional is not None:
            variants, optional = [*variants, *([*variant, *optional] for variant in variants)], None
        elif character is not None and (character in "[]" or character in RESERVED):
            raise PatternRefused(f"it has a {character} that is not read", "write literal letters as in 'T', or a list")
        elif optional is not None:
            optional.append(token)
        else:
            variants = [[*variant, token] for variant in variants]
    if optional is not None:
        raise PatternRefused("it has a [ that does not close", "close it, or write a list of patterns")
    return variants


def _drafts_of(tokens: Sequence[re.Match[str]]) -> Iterator["_Draft"]:
    """Yield what tokens without optional parts take."""
    letters = [token["letters"] for token in tokens if token["letters"]]
    has_half_day_hour = bool({*letters} & {*HALF_DAY_HOURS})
    if has_half_day_hour is not ("a" in letters):
        raise PatternRefused("it has hours of half a day, or their half, alone", "write both, hh and a; or HH")
    for offsets in product(*(OFFSET_FORMS[letter] for letter in letters if letter in OFFSET_FORMS)):
        for half in HALVES if has_half_day_hour else HALVES[:1]:
            draft, remaining_offsets = _Draft(half), iter(offsets)
            for token in tokens:
                letter = next(remaining_offsets) if token["letters"] in OFFSET_FORMS else token["letters"]
                draft = draft.with_letters(letter) if letter else draft.with_literal(_literal_text(token))
            yield draft


def _literal_text(token: re.Match[str]) -> str:
    quoted = token["quoted"]
    return token["other"] if quoted is None else (quoted[1:-1].replace("''", "'") or "'")


@dataclass(frozen=True)
class _Draft:
    """A reading in the making.

    Attributes:
        half: which half of a day it is for.
        form: its regular expression so far, with `count` groups.
        values: what the ISO form has of each part.
        ends_open: whether a further digit could belong to its last part.
    """

    half: tuple[bool, bool]
    form: str = ""
    count: int = 0
    values: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()
    ends_open: bool = False

    def with_literal(self, text: str) -> "_Draft":
        """Add a literal text; a Z after a time is UTC's."""
        names = dict(self.values)
        if text == "Z" and "hour" in names and "offset" not in names:
            return self.with_letters("Z")
        if text[0].isdigit() and self.ends_open:
            raise PatternRefused(f"{text} follows a part without a fixed number of digits", "write dd and MM")
        escaped = "".join(f"\\{character}" if character in SPECIAL else character for character in text)
        return replace(self, form=f"{self.form}{escaped}", parts=(*self.parts, f"'{text}"), ends_open=False)

    def with_letters(self, letters: str) -> "_Draft":
        """Add a part by its letters in a pattern.

        Raises:
            PatternRefused: no part has these letters, the part is there, or its digits could be another's.
        """
        added = replace(self, parts=(*self.parts, letters), ends_open=False)
        if letters == "a":
            return replace(added, form=f"{self.form}{'[Pp]' if self.half[0] else '[Aa]'}[Mm]")
        if letters in OFFSETS:
            return added._with_groups("offset", *OFFSETS[letters])
        if letters in MONTH_NAMES:
            return added._with_month_name(whole=letters == "MMMM")
        if letters not in NUMBERS:
            raise _unknown_letters(letters)
        if self.ends_open:
            problem = f"{letters} follows a part without a fixed number of digits"
            raise PatternRefused(problem, "write a character between them, or dd and MM")
        part, digits = NUMBERS[letters]
        value = f"{'20' if letters == 'yy' else ''}${{}}"
        if letters in HALF_DAY_HOURS and self.half[1]:
            digits, value = "12", "12" if self.half[0] else "00"
        return replace(added._with_groups(part, f"({digits})", value), ends_open="," in digits or letters == "h")

    def _with_month_name(self, *, whole: bool) -> "_Draft":
        names = "|".join(
            "".join(f"[{letter.upper()}{letter.lower()}]" for letter in (month if whole else month[:3]))
            for month in MONTHS
        )
        before = replace(self, form=f"{self.form}(?=(?:{names})(?![A-Za-z]))")
        return before._with_groups("month", "([A-Za-z]{3})[A-Za-z]*", "${}")

    def _with_groups(self, part: str, regex: str, value: str) -> "_Draft":
        if part in dict(self.values):
            raise PatternRefused(f"it has the {part} twice", "write it once")
        last = self.count + regex.count("(")
        numbered = value.format(*range(self.count + 1, last + 1))
        return replace(self, form=f"{self.form}{regex}", count=last, values=(*self.values, (part, numbered)))

    def as_reading(self) -> Reading:
        """Return it as a whole.

        Raises:
            PatternRefused: it lacks a part of the day, or a greater part of the time.
        """
        values = dict(self.values)
        for part in ("year", "month", "day"):
            if part not in values:
                raise PatternRefused(f"it has no {part}", "write year, month and day, as in dd/MM/yyyy")
        times = [part for part in TIME_PARTS if part in values]
        if times != [*TIME_PARTS[: len(times)]] or ("offset" in values and not times):
            raise PatternRefused(
                "its time lacks a greater part", "write hours before minutes, seconds and their fraction"
            )
        iso = f"{values['year']}-{values['month']}-{values['day']}"
        if times:
            iso += f" {values['hour']}:{values.get('minute', '00')}:{values.get('second', '00')}"
            iso += f".{values['fraction']}" if "fraction" in values else ""
        return Reading(
            f"^{self.form}$",
            f"{iso}{values.get('offset', '')}",
            self.parts,
            has_month_name=bool({*self.parts} & {*MONTH_NAMES}),
            has_offset="offset" in values,
            has_time=bool(times),
            is_afternoon=self.half == (True, False),
        )


def _unknown_letters(letters: str) -> PatternRefused:
    if letters[0] == "S":
        problem = f"{letters} has more digits than a microsecond, which would be lost"
        return PatternRefused(problem, f"write at most {'S' * MICROSECOND_DIGITS}")
    read = ", ".join(dict.fromkeys(letter[0] for letter in (*NUMBERS, "a", *OFFSET_FORMS)))
    return PatternRefused(f"{letters} is not read", f"the letters that are read are {read}; quote others, as in 'T'")
