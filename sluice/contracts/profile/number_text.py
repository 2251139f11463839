"""Numbers as people write them: decimal comma, groups of thousands, currency and percent signs, exponents."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from etl.contract.types import ColumnType, TypeKind
from etl.contract.value_forms import BLANK, PLUS
from sluice.contracts.profile.column_reading import ColumnReading, Options, ReadingHints
from sluice.contracts.profile.number_types import number_type

SYMBOLS = (
    "$",
    "€",
    "£",
    "¥",
    "₹",
    "₽",
    "₩",
    "₪",
    "₺",
    "₫",
    "₦",
    "฿",
    "%",
    "‰",
    "US$",
    "R$",
    "zł",
    "kr",
    "kr.",
    "Fr.",
    "Kč",
    "Ft",
    "lei",
)
CODES = (
    *("EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF"),
    *("RON", "BGN", "TRY", "RUB", "UAH", "BRL", "MXN", "ARS", "CLP", "COP", "ZAR", "KRW", "SGD", "HKD", "TWD", "THB"),
    *("IDR", "MYR", "PHP", "VND", "ILS", "AED", "SAR", "EGP", "NGN", "KES"),
)
AFFIX = "|".join(map(re.escape, sorted((*SYMBOLS, *CODES), key=len, reverse=True)))
BLANKS = " \u00a0\u202f"
BODY = rf"(?:[0-9](?:[0-9.,'’{BLANKS}]*[0-9])?[.,]?|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?"
NUMBER = re.compile(
    rf"(?P<sign>-?)(?P<before>(?:{AFFIX})[{BLANKS}]?)?(?P<inner>-?)(?P<body>{BODY})(?P<after>[{BLANKS}]?(?:{AFFIX}))?"
)
GROUPS = (",", ".", "'", "’", " ", "\u00a0", "\u202f")
UNDECIDED = "whether {0!r} is the decimal or groups thousands cannot be told from the sample; it stays text"
LISTED = "few of its numbers hold {0!r}, which is the delimiter too: it may stand between two numbers; it stays text"
SIGNED_TWICE = "its numbers stand with different signs ({0}), so that a sign is part of the value; it stays text"


@dataclass(frozen=True)
class _Notation:
    """The characters that a column's numbers are written with."""

    decimal: str = "."
    group: str = ""


def read_numbers(values: Sequence[str], hints: ReadingHints) -> ColumnReading | None:
    """Return how different texts are read as numbers; None where they are none.

    A reading of type string with a doubt is one that a person has to decide.
    """
    strips = _marks_around(values)
    parts = _match_numbers([_bare(value, strips) for value in values] if strips else values)
    if not parts or any(match["sign"] and match["inner"] for match in parts):
        return None
    signs = sorted({_sign_beside(match) for match in parts})
    if len(signs) > 1:
        return _text(SIGNED_TWICE.format(", ".join(sign or "none" for sign in signs)))
    bodies = [f"{'-' if match['sign'] or match['inner'] else ''}{match['body']}" for match in parts]
    notation = _notation(bodies, hints)
    if isinstance(notation, str):
        return _text(notation)
    return _typed(bodies, notation, [*strips, *filter(None, signs)]) if notation else None


def _marks_around(values: Sequence[str]) -> list[str]:
    """Return what a contract strips of numbers beside signs of currency: blanks around them, and a plus before them.

    A plus alone may be a telephone's: others of the column must have a minus or decimals.
    """
    bare = [value.strip(BLANK) for value in values]
    has_plus = any(value.startswith(PLUS) for value in bare)
    is_signed = any(value.startswith("-") or "." in value for value in bare)
    return [*([BLANK] if bare != [*values] else []), *([PLUS] if has_plus and is_signed else [])]


def _bare(value: str, strips: Sequence[str]) -> str:
    bare = value.strip(BLANK)
    return bare.removeprefix(PLUS) if PLUS in strips else bare


def _match_numbers(values: Sequence[str]) -> list[re.Match[str]]:
    """Return the matches of all values, none where one is no number or has signs on both sides."""
    parts: list[re.Match[str]] = []
    for value in values:
        match = NUMBER.fullmatch(value)
        if match is None or (match["before"] and match["after"]):
            return []
        parts.append(match)
    return parts


def plain_number(text: str, notation: tuple[str, str] = (".", "")) -> str:
    """Return a number's text with a point and without groups."""
    decimal, group = notation
    return (text.replace(group, "") if group else text).replace(decimal, ".") if decimal != "." or group else text


def _text(doubt: str) -> ColumnReading:
    return ColumnReading(ColumnType(TypeKind.STRING), doubts=(doubt,))


def _sign_beside(match: re.Match[str]) -> str:
    """Return the currency or percent sign that stands beside a number, "" for none."""
    return (match["before"] or match["after"] or "").strip(BLANKS)


def _notation(bodies: Sequence[str], hints: ReadingHints) -> _Notation | str | None:
    """Return how numbers are written, a doubt where two ways fit, None where none does."""
    marks = {character for body in bodies for character in body if character in GROUPS}
    grouping = [mark for mark in GROUPS if mark in marks and mark not in ".,"]
    if len(grouping) > 1 or len(marks) > 2:
        return None
    if grouping or marks >= {".", ","}:
        decimal = _last_mark(bodies) if marks >= {".", ","} else next(iter(marks & {".", ","}), ".")
        group = grouping[0] if grouping else ("," if decimal == "." else ".")
        return _if_fitting(_Notation(decimal, group), bodies)
    if not marks:
        return _Notation()
    (mark,) = marks
    as_decimal = _if_fitting(_Notation(mark), bodies)
    as_group = _if_fitting(_Notation("," if mark == "." else ".", mark), bodies)
    # No number below one is grouped.
    if as_group and any(re.match(rf"-?0{re.escape(mark)}", body) for body in bodies):
        as_group = None
    if as_decimal and as_group:
        return _decide(mark, bodies, hints)
    if as_decimal and mark == hints.delimiter and 2 * sum(mark in body for body in bodies) < len(bodies):
        return LISTED.format(mark)
    return as_decimal or as_group


def _last_mark(bodies: Sequence[str]) -> str:
    both = next((body for body in bodies if "." in body and "," in body), "")
    return ("." if both.rfind(".") > both.rfind(",") else ",") if both else "."


def _if_fitting(notation: _Notation, bodies: Sequence[str]) -> _Notation | None:
    return notation if all(map(_form(notation).fullmatch, bodies)) else None


def _decide(mark: str, bodies: Sequence[str], hints: ReadingHints) -> _Notation | str:
    """Return which of two ways is meant: `1.234` may be one and a bit, or more than a thousand."""
    as_decimal, as_group = _Notation(mark), _Notation("," if mark == "." else ".", mark)
    if hints.decimal:
        return as_decimal if hints.decimal == mark else as_group
    has_plain = any(mark not in body for body in bodies)
    if mark == ".":
        return as_decimal if hints.delimiter != ";" or not has_plain else UNDECIDED.format(mark)
    return as_group if hints.delimiter == "," and has_plain else UNDECIDED.format(mark)


def _form(notation: _Notation) -> re.Pattern[str]:
    decimal = re.escape(notation.decimal)
    whole = "[0-9]+"
    if notation.group:
        # Digits without the character are numbers too, as in the gate: some tools leave it out of single cells.
        whole = rf"(?:[0-9]{{1,3}}(?:{re.escape(notation.group)}[0-9]{{3}})+|[0-9]+)"
    return re.compile(rf"-?(?:{whole}(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][-+]?[0-9]+)?")


def _typed(bodies: Sequence[str], notation: _Notation, strips: list[str]) -> ColumnReading | None:
    pair = (notation.decimal, notation.group)
    texts = [plain_number(body, pair) for body in bodies]
    declared = number_type(texts)
    if declared is None:
        return None
    if notation.group == "." and declared.kind in (TypeKind.INT, TypeKind.BIGINT):
        declared = ColumnType("decimal(18,0)")  # the comma that the groups imply is a decimal's
    options: Options = {}
    if notation.decimal == ",":
        options["decimal"] = ","
    if notation.group:
        options["group"] = notation.group
    if strips:
        options["strip"] = strips

    def value_of(text: str) -> Decimal:
        for piece in strips:
            text = text.replace(piece, "").strip(BLANKS)
        text = text.strip(BLANKS)
        return Decimal(plain_number(text.replace("- ", "-"), pair))

    decides = {"decimal": notation.decimal} if _tells_decimal(bodies, notation) else {}
    return ColumnReading(declared, options, value_of=value_of, decides=decides)


def _tells_decimal(bodies: Sequence[str], notation: _Notation) -> bool:
    """Say whether the column shows its decimal character: by other than three digits after it, or by the groups beside it."""
    if notation.group in (",", "."):
        return True
    mark = notation.decimal
    return any(mark in body and len(body.partition(mark)[2]) != 3 for body in bodies)


def has_leading_zeros(values: Sequence[str]) -> bool:
    """Say whether a number would lose a zero of one of the texts: a code, a postcode, a telephone number."""
    return any(re.match(r" *[-+]?0[0-9]", value) for value in values)


def is_sequence(values: Sequence[str]) -> bool:
    """Say whether texts are whole numbers that follow each other, as years above columns do."""
    if len(values) < 2 or not all(value.isdigit() for value in values):
        return False
    return len({int(second) - int(first) for first, second in pairwise(values)}) == 1
