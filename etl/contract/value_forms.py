"""The regular expression of the texts that a column's values may be written as, from its type and its reading options."""

from typing import assert_never

from etl.contract.input_column import InputColumn
from etl.contract.types import TypeKind

SPACES = " \u00a0\u202f"
"""What may stand once between a number and its sign: spaces that break a line, and that do not."""
BLANK, PLUS = " ", "+"
"""What may be stripped beside signs of currency: any number of blanks around a number, and a plus before it."""
NUMBER_OPTIONS = frozenset(("decimal", "group", "strip"))
SPECIAL = frozenset("\\[](){}|*+?.^$-&")


def escape_text(text: str) -> str:
    """Return a text as a regular expression of Java's and Python's."""
    return "".join(f"\\{character}" if character in SPECIAL else character for character in text)


def value_form(column: InputColumn) -> str | None:
    """Return the form of a column's texts, with anchors; None of text, and where a closed list of texts says it.

    Options and the type alone decide it: that a number fits the type, or a day is in the calendar, is the cast's to say.
    """
    match column.type.kind:
        case TypeKind.STRING | TypeKind.BOOLEAN | TypeKind.ARRAY | TypeKind.STRUCT:
            return None
        case TypeKind.INT | TypeKind.BIGINT | TypeKind.SMALLINT | TypeKind.TINYINT:
            return _signed_form(column, _whole_number(column))
        case TypeKind.DECIMAL | TypeKind.DOUBLE | TypeKind.FLOAT:
            return _fraction_form(column)
        case TypeKind.DATE | TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_NTZ:
            return _time_form(column)
        case TypeKind.BINARY:
            return column.type.plain_form
        case _:
            assert_never(column.type.kind)


def plain_text_form(column: InputColumn) -> str | None:
    """Return the form of all texts of a column that are a value or stand for none, with anchors; None of text."""
    if column.type.is_text:
        return None
    form = value_form(column)
    texts = [escape_text(text) for text in (*column.null_values, *(() if form else (*sum(column.truths, ()),)))]
    alternatives = [*texts, *([form[1:-1]] if form else [])]
    return f"^(?:{'|'.join(alternatives)})$" if len(alternatives) > 1 else form


def _time_form(column: InputColumn) -> str | None:
    if column.epoch:
        return rf"^-?[0-9]+(?:\.[0-9]{{1,{column.epoch.decimals}}}0*)?$"
    forms = [reading.form[1:-1] for reading in column.readings]
    return f"^(?:{'|'.join(forms)})$" if forms else column.type.plain_form


def _fraction_form(column: InputColumn) -> str | None:
    whole, point = _whole_number(column), escape_text(column.decimal_point)
    if not column.type.kind.is_floating:
        digits = rf"[0-9]{{1,{column.type.scale}}}0*" if column.type.scale else "0+"
        return _signed_form(column, f"{whole}(?:{point}{digits})?")
    if not column.reading_options.keys() & NUMBER_OPTIONS:
        return column.type.plain_form
    number = f"(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    return _signed_form(column, f"(?:{number}|NaN|Infinity)")


def _whole_number(column: InputColumn) -> str:
    if not column.group:
        return "[0-9]+"
    # Digits without the character are numbers too: exporters leave it out of four digits.
    return f"(?:[0-9]{{1,3}}(?:{escape_text(column.group)}[0-9]{{3}})+|[0-9]+)"


def _signed_form(column: InputColumn, number: str) -> str:
    """Return the form of a number with its sign, and with the texts that are dropped beside it."""
    minus = "[-+]" if PLUS in column.strip else "-"
    padding = f"{BLANK}*" if BLANK in column.strip else ""
    beside = sorted({*column.strip} - {BLANK, PLUS}, key=len, reverse=True)
    if not beside:
        return f"^{padding}{minus}?{number}{padding}$"
    signs = f"(?:{'|'.join(map(escape_text, beside))})"
    before = f"(?:{minus}?(?:{signs}[{SPACES}]?)?|{signs}[{SPACES}]?{minus})"
    return f"^{padding}{before}{number}(?:[{SPACES}]?{signs})?{padding}$"
