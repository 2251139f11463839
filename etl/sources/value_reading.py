"""Columns of text as values of the types that an input declares: nothing is rounded, cut or guessed.

A text is a value where it has the form that the column's options say (`etl/contract/value_forms.py`) and its cast keeps it.
The form is held by one regular expression, which a line that is known to be plain needs no more; Spark's own parsers of
numbers and times see nothing but plain forms (docs/decisions/0058).
"""

from collections.abc import Container, Iterator
from functools import reduce
from typing import assert_never

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.input_column import InputColumn
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.types import TypeKind
from etl.contract.value_forms import SPACES, plain_text_form, value_form
from etl.sources import time_reading
from etl.sources.casting import OUT_OF_RANGE, is_out_of_range, value_of_text
from etl.sources.line_regex import LineRegex
from etl.sources.provenance import PLAIN, with_steps
from etl.sources.time_reading import VALUE, Steps, has_form

# As Spark prints a decimal that is small, in a row that was set aside: decimals after the point, and the exponent.
SCIENTIFIC = r"^-?[0-9](?:\.([0-9]+))?E(-[0-9]{1,2})$"


def read_values(frame: DataFrame, contract: Contract, plain: LineRegex | None = None) -> DataFrame:
    """Return a frame of texts with each column as its declared type, and `_beyond_<name>` of those that are no text.

    `_beyond_<name>` is the text that is no value of the type, null elsewhere. An empty text of a type but text and binary,
    and a text among the column's null values are null.

    Args:
        frame: the contract's columns as text, and others beside.
        contract: an input of a text format.
        plain: what the column `_plain` proves of a line, where there is one.
    """
    typed = [column for column in contract.input_columns if not (column.type.is_text or column.type.is_nested)]
    marked = [column for column in contract.input_columns if column.type.is_text and column.null_values]
    texts = {column.name: F.when(~_stands_for_null(column), _text_of(column)) for column in marked}
    if not typed:
        return frame.withColumns(texts) if texts else frame
    proven = plain.patterns if plain and PLAIN in frame.columns else frozenset[tuple[str, str]]()
    steps = [step for column in typed for step in _steps_of(column, proven, contract.format)]
    read = with_steps(frame, dict(steps))
    in_range = {column.name: _value_in_range(column) for column in typed}
    values = {name: F.when(holds, F.col(f"`{VALUE}{name}`")) for name, holds in in_range.items() if holds is not None}
    values |= {column.name: F.col(f"`{VALUE}{column.name}`") for column in typed if column.name not in values}
    return read.select(
        *(values.get(name, texts.get(name, F.col(f"`{name}`"))).alias(name) for name in frame.columns),
        *(_text_beyond(column, in_range[column.name]).alias(f"{OUT_OF_RANGE}{column.name}") for column in typed),
    )


def _value_in_range(column: InputColumn) -> Column | None:
    """Return where a value is one that Python has too; None of types that have no others."""
    return ~is_out_of_range(F.col(f"`{VALUE}{column.name}`"), column.type) if column.type.has_years else None


def _text_of(column: InputColumn) -> Column:
    return F.col(f"`{column.name}`")


def _stands_for_null(column: InputColumn) -> Column:
    """Return where a text stands for no value; null where there is no text."""
    # An empty text is a value of two types: a text, and no bytes.
    is_value = column.type.is_text or column.type.kind is TypeKind.BINARY
    nulls = column.null_values if is_value else tuple(dict.fromkeys(("", *column.null_values)))
    return _text_of(column).isin(*nulls)


def _text_beyond(column: InputColumn, in_range: Column | None) -> Column:
    """Return the text where it is no value of the type and stands for something."""
    is_missing = F.col(f"`{VALUE}{column.name}`").isNull()
    is_beyond = is_missing if in_range is None else is_missing | ~in_range
    return F.when(is_beyond & ~_stands_for_null(column), _text_of(column))


def _steps_of(
    column: InputColumn, proven: Container[tuple[str, str | None]], source_format: SourceFormat
) -> Iterator[tuple[str, Column]]:
    """Yield columns that lead to a column's typed value, null where its text is none; each may use those before it."""
    is_proven = (column.name, plain_text_form(column)) in proven
    text = F.when(~_stands_for_null(column), _text_of(column)) if column.null_values else _text_of(column)
    match column.type.kind:
        case TypeKind.STRING | TypeKind.ARRAY | TypeKind.STRUCT:  # what holds others is read as a whole
            return
        case TypeKind.BOOLEAN:
            truths, falsehoods = column.truths
            yield f"{VALUE}{column.name}", F.when(text.isin(*truths), True).when(text.isin(*falsehoods), False)
        case TypeKind.INT | TypeKind.BIGINT | TypeKind.SMALLINT | TypeKind.TINYINT | TypeKind.DOUBLE | TypeKind.FLOAT:
            yield f"{VALUE}{column.name}", _number(column, text, is_proven)
        case TypeKind.DECIMAL:
            value = _number(column, text, is_proven)
            is_stored = source_format is SourceFormat.JSONL and not column.reading_options
            yield f"{VALUE}{column.name}", _stored_decimal(column, value) if is_stored else value
        case TypeKind.DATE | TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_NTZ:
            yield from _time_steps(column, text, is_proven)
        case TypeKind.BINARY:
            value = value_of_text(text, column.type)
            yield f"{VALUE}{column.name}", F.when(has_form(text, value_form(column), is_proven), value)
        case _:
            assert_never(column.type.kind)


def _time_steps(column: InputColumn, text: Column, is_proven: bool) -> Steps:
    if column.epoch:
        return time_reading.epoch_steps(column, text, is_proven)
    return time_reading.form_steps(column, text, is_proven)


def _number(column: InputColumn, text: Column, is_proven: bool) -> Column:
    """Return a text that has the column's form as the number that it is."""
    return F.when(
        has_form(text, value_form(column), is_proven), value_of_text(_plain_number(column, text), column.type)
    )


def _plain_number(column: InputColumn, text: Column) -> Column:
    """Return a text that has the column's form as Spark's casts take numbers: without signs and groups, with a point."""
    signs = sorted(column.strip, key=len, reverse=True)
    text = reduce(lambda shortened, sign: F.replace(shortened, F.lit(sign), F.lit("")), signs, text)
    dropped = "".join(dict.fromkeys(f"{column.group}{SPACES if column.strip else ''}"))
    if column.decimal_point != ".":
        return F.translate(text, f"{column.decimal_point}{dropped}", ".")
    return F.translate(text, dropped, "") if dropped else text


def _stored_decimal(column: InputColumn, value: Column) -> Column:
    """Return a decimal, read too where Spark wrote a small one with an exponent, with no digit beyond the type's scale."""
    text = _text_of(column)
    exponent = F.regexp_extract(text, SCIENTIFIC, 2).try_cast("int")
    decimals = F.length(F.regexp_extract(text, SCIENTIFIC, 1)) - exponent
    is_scientific = text.contains("E-") & F.coalesce(decimals <= F.lit(column.type.scale), F.lit(False))
    return F.when(is_scientific, text.try_cast(column.type)).otherwise(value)
