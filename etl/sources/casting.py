"""Raw text to declared types, and where that would change a value.

Spark's casts are generous: `try_cast('29.995' as decimal(10,2))` is 30.00 and `' 2 '` is 2. A value counts as typed only
where its text is the type's plain form and the cast keeps it. In that form a cast reads a date as `to_date` does by its
pattern, and needs no formatter for it: it takes seconds less on millions of rows.
"""

from collections.abc import Callable
from functools import partial, reduce
from operator import or_
from typing import assert_never

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.types import ColumnType, TypeKind

TEXT = ColumnType(TypeKind.STRING)
# As text: PySpark's own literals write the year 1 as `1`, which Java refuses.
FIRST_TIME, LAST_TIME, DAY = "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "yyyy-MM-dd"
OUT_OF_RANGE = "_beyond_"  # before a column's name: the text of what is no value of its type, null where it is one
INFINITE = "Infinity"
MINUTE = r"^(.{16})((?:Z| ?[+-]).*)$"  # a time without seconds and with an offset, which Spark's cast does not read


def cast_to_declared(column: str, declared: ColumnType, source_type: ColumnType = TEXT) -> Column:
    """Return `column`, of type `source_type`, as `declared`; null where a text cannot be one."""
    if declared == source_type:
        return F.col(column)
    return value_of_text(F.col(column), declared) if source_type.is_text else F.col(column).try_cast(declared)


def value_of_text(text: Column, declared: ColumnType) -> Column:  # noqa: PLR0911  one for each way of casting
    """Return a text in the plain form of a type as a value of it; null where the type has none for it.

    Other texts are read as Spark's cast reads them, or null: `lacks_form` tells them.
    """
    value = text.try_cast(declared)
    match declared.kind:
        case TypeKind.DECIMAL:
            # `1e-2000000000` overflows Java's BigInteger, which fails the query; no plain form has an exponent.
            return F.when(~text.contains("e") & ~text.contains("E"), value)
        case TypeKind.DOUBLE | TypeKind.FLOAT:  # the cast makes infinite what is too large
            return F.when((F.abs(value) != float("inf")) | text.endswith(INFINITE), value)
        case TypeKind.TIMESTAMP:
            return F.coalesce(value, F.regexp_replace(text, MINUTE, "$1:00$2").try_cast(declared))
        case TypeKind.BINARY:
            return F.try_to_binary(text, F.lit("base64"))
        case TypeKind.STRING | TypeKind.BOOLEAN | TypeKind.DATE | TypeKind.TIMESTAMP_NTZ:
            return value
        case TypeKind.INT | TypeKind.BIGINT | TypeKind.SMALLINT | TypeKind.TINYINT:
            return value
        case TypeKind.ARRAY | TypeKind.STRUCT:
            return F.raise_error(F.lit(f"no text is cast to {declared}")).cast(declared)  # contracts refuse it
        case _:
            assert_never(declared.kind)


def lacks_form(column: str, form: str) -> Column:
    """Return where a text is there, not empty, and has not the form, a regular expression."""
    return F.col(column).isNotNull() & (F.col(column) != "") & ~F.col(column).rlike(form)


def is_lost_in_cast(column: str, declared: ColumnType, value: Column) -> Column:
    """Return where a text is there, not empty, and its typed value is not, or is of a year that few others can read."""
    missing = value.isNull() & F.col(column).isNotNull() & (F.col(column) != "")
    return missing | is_out_of_range(value, declared) if declared.has_years else missing


def is_not_finite(value: Column) -> Column:
    """Return where a floating-point number is NaN, which Spark orders above all others, or infinite."""
    return value.isNotNull() & (F.abs(value) >= float("inf"))


def finite_columns(contract: Contract, output: Contract) -> dict[str, ColumnType]:
    """Return the input's columns that are, or are published as, floating-point numbers and must be finite: their types."""
    published = {column.name: column for column in output.columns}
    finite: dict[str, ColumnType] = {}
    for column in contract.columns:
        target = published.get(column.name, column)
        declared = target.type if column.type.is_text else column.type
        if declared.kind.is_floating and not (column.non_finite or target.non_finite):
            finite[column.name] = declared
    return finite


def dated_columns(contract: Contract) -> dict[str, ColumnType]:
    """Return the columns, with their types, that a file brings as dates or times already."""
    return {
        column.name: column.type for column in contract.columns if column.type.has_years and contract.format.is_files
    }


def columns_beside_texts(contract: Contract) -> list[str]:
    """Return the columns beside which a reader has the text of what is no value: dates and times, and all typed texts."""
    if contract.format.is_text:
        return [column.name for column in contract.columns if not column.type.takes_any_text]
    in_keys = [column.name for column in contract.folder_columns if not column.type.is_text]
    return [*dict.fromkeys((*dated_columns(contract), *in_keys))]


def _is_unfit(value: Column, declared: ColumnType, first_time: str) -> Column:
    """Return where a value within another is none that every reader takes."""
    if declared.kind.is_floating:
        return is_not_finite(value)
    return is_out_of_range(value, declared, first_time) if declared.has_years else F.lit(False)


def holds_within(value: Column, declared: ColumnType, mark: Callable[[Column, ColumnType], Column]) -> Column:
    """Return where a mark is true of one of the values within a list or an object; never null."""
    marks = [_holds_in_part(value, name, part, mark) for name, part in declared.parts.items()]
    return reduce(or_, marks, F.lit(False))


def _holds_in_part(value: Column, name: str, part: ColumnType, mark: Callable[[Column, ColumnType], Column]) -> Column:
    def holds(inner: Column) -> Column:
        marked = holds_within(inner, part, mark) if part.is_nested else mark(inner, part)
        return F.coalesce(marked, F.lit(False))

    return holds(value.getField(name)) if name else F.coalesce(F.exists(value, holds), F.lit(False))


def null_out_of_range(frame: DataFrame, dated: dict[str, ColumnType], first_time: str = FIRST_TIME) -> DataFrame:
    """Return the frame with null for each date and time that `is_out_of_range`, and its text under OUT_OF_RANGE: Python
    cannot take the value.
    """
    texts = {
        f"{OUT_OF_RANGE}{name}": F.when(is_out_of_range(F.col(name), declared, first_time), F.col(name).cast("string"))
        for name, declared in dated.items()
    }
    in_range = {name: F.when(F.col(f"{OUT_OF_RANGE}{name}").isNull(), F.col(name)) for name in dated}
    return frame.withColumns(texts).withColumns(in_range) if dated else frame


def is_out_of_range(value: Column, declared: ColumnType, first_time: str = FIRST_TIME) -> Column:
    """Return where a date or time is not of the years 1 to 9999: Spark's are, and Python's, SQL's and Trino's are not.

    Of a list or an object, where one within it is, or a number within it is not finite. `first_time` is the first that is
    in range.
    """
    if declared.is_nested:
        return holds_within(value, declared, partial(_is_unfit, first_time=first_time))
    digits = len(DAY) if declared.kind is TypeKind.DATE else None
    first, last = (F.lit(end[:digits]).cast(declared) for end in (first_time, LAST_TIME))
    return (value < first) | (value > last)
