"""Columns of numbers as text: with zeros before, groups, signs, exponents, and a comma before the decimals."""

import math
import struct
from decimal import Decimal

from hypothesis import strategies as st

from tests.made_files.text_columns import Pair, TextColumn

INTEGERS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
NO_NUMBER = ("1x", "0x1F", "1_000", "--5", "+5", "٣", "１", "5-", "1e", ".", "-", "1 2")


def grouped(digits: str, group: str) -> str:
    """Return digits in groups of three."""
    return f"{int(digits):,}".replace(",", group)


@st.composite
def whole_numbers(draw: st.DrawFn) -> TextColumn:
    """Make columns of whole numbers: with zeros before, with groups, with signs around."""
    name = draw(st.sampled_from([*INTEGERS]))
    bits = INTEGERS[name]
    values = st.one_of(
        st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1),
        st.sampled_from([0, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1]),
    )
    too_large = (str(2 ** (bits - 1)), str(-(2 ** (bits - 1)) - 1), "9" * 30)
    wrong = (*NO_NUMBER, "1.5", "1e3", "1,5", *too_large, "NaN")
    style = draw(st.sampled_from(["plain", "zeros", "groups", "signs"]))
    if style == "groups":
        group = draw(st.sampled_from([",", ".", "'", " ", "\u00a0"]))
        column = st.tuples(values, st.booleans()).map(
            lambda drawn: (
                f"{'-' if drawn[0] < 0 else ''}{grouped(str(abs(drawn[0])), group if drawn[1] else '')}",
                drawn[0],
            )
        )
        bad = (f"12{group}34", f"{group}123", f"1{group}{group}234", f"1{group}2345")
        return TextColumn(name, column, {"group": group}, (*NO_NUMBER[:6], *too_large, *bad))
    if style == "signs":
        templates = st.sampled_from(["{} EUR", "€{}", "{}%", "{}"])
        column = st.tuples(values, templates).map(lambda drawn: (drawn[1].format(drawn[0]), drawn[0]))
        return TextColumn(name, column, {"strip": ["€", "%", "EUR"]}, ("€€5", "5 $", "EUR", "5 E", *too_large))
    if style == "zeros":
        column = st.tuples(values, st.integers(1, 5)).map(
            lambda drawn: (f"{'-' if drawn[0] < 0 else ''}{'0' * drawn[1]}{abs(drawn[0])}", drawn[0])
        )
        return TextColumn(name, column, {}, wrong)
    return TextColumn(name, values.map(lambda value: (str(value), value)), {}, wrong)


@st.composite
def decimals(draw: st.DrawFn) -> TextColumn:
    """Make columns of decimals of all precisions, with a comma or a point and with groups."""
    precision = draw(st.sampled_from([1, 5, 9, 10, 18, 19, 37, 38]))
    scale = draw(st.integers(0, min(precision, 12)))
    digits = st.integers(-(10**precision) + 1, 10**precision - 1)
    point, group = draw(st.sampled_from([("", ""), (",", ""), (",", "."), (".", ","), (",", "\u202f"), (";", "")]))

    def written(drawn: tuple[int, int, bool]) -> Pair:
        number, zeros, in_groups = drawn
        value = Decimal((number < 0, tuple(map(int, str(abs(number)))), -scale))
        whole, fraction = str(abs(number))[:-scale] if scale else str(abs(number)), ""
        if scale:
            fraction = str(abs(number)).rjust(scale, "0")[-scale:]
        fraction += "0" * zeros
        text = grouped(whole or "0", group) if in_groups and group else whole or "0"
        return f"{'-' if number < 0 else ''}{text}{(point or '.') + fraction if fraction else ''}", value

    options = {name: text for name, text in (("decimal", point), ("group", group)) if text}
    sign = point or "."
    wrong = (
        f"1{sign}{'0' * scale}1",
        "1" * (precision - scale + 1),
        f"1{sign}2{sign}3",
        "1e2",
        "NaN",
        "1/2",
        "--1",
        f"{sign}5",
    )
    column = st.tuples(digits, st.integers(0, 3), st.booleans()).map(written)
    return TextColumn(f"decimal({precision},{scale})", column, options, (*wrong, *NO_NUMBER[:6]))


def as_float(value: float) -> float:
    """Return the number of 32 bits that is nearest."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


@st.composite
def floating_numbers(draw: st.DrawFn) -> TextColumn:
    """Make columns of double and float: with exponents, without a digit before or behind the point, not finite."""
    name, comma = draw(st.sampled_from(["double", "float"])), draw(st.booleans())
    width = 64 if name == "double" else 32
    finite = st.floats(allow_nan=False, allow_infinity=False, width=width)
    non_finite = draw(st.booleans())

    def written(drawn: tuple[float, str]) -> Pair:
        value, style = drawn
        text = style.format(value)
        if float(text) != value:
            text = repr(value)
        text = text.replace(".", ",") if comma else text
        return text, value

    styles = st.sampled_from(["{!r}", "{:.17g}", "{:.20e}", "{:E}", "{:f}"])
    pairs = st.tuples(finite, styles).map(written)
    special = [("NaN", math.nan), ("Infinity", math.inf), ("-Infinity", -math.inf)]
    odd = [("1.", 1.0), (".5", 0.5), ("-.25", -0.25), ("5e-1", 0.5), ("1E+2", 100.0), ("-0", -0.0), ("007.50", 7.5)]
    odd = [(text.replace(".", ",") if comma else text, value) for text, value in odd]
    pairs = st.one_of(pairs, st.sampled_from([*odd, *(special if non_finite else ())]))
    wrong = ("1e400", "-1e400", "1e", "nan", "inf", "1,2,3", "1d", "1f", "0x1p3", "1e5.5", "++1", "e5", *NO_NUMBER[:4])
    wrong = (*wrong, "3.5e38".replace(".", "," if comma else ".")) if name == "float" else wrong
    wrong = (*wrong, "1.5" if comma else "1,5")
    options = {"decimal": ","} if comma else {}
    return TextColumn(name, pairs, options, wrong, non_finite)
