"""Raw text to declared types, and where that would change a value.

Spark's casts are generous: `try_cast('29.995' as decimal(10,2))` is 30.00 and `' 2 '` is 2. A value counts as typed only
where its text is the type's plain form and the cast keeps it. In that form a cast reads a date as `to_date` does by its
pattern, and needs no formatter for it: it takes seconds less on millions of rows.
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.types import ColumnType, TypeKind

TEXT = ColumnType(TypeKind.STRING)
YEARS = ("0001-01-01", "9999-12-31")  # as text: PySpark's own literals write the year 1 as `1`, which Java refuses
OUT_OF_RANGE = (
    "_beyond_"  # before a date column's name: the text of a value that is no date, null where the value is one
)


def cast_to_declared(column: str, declared: ColumnType, source_type: ColumnType = TEXT) -> Column:
    """Return `column`, of type `source_type`, as `declared`; null where a text cannot be one."""
    if declared == source_type:
        return F.col(column)
    value = F.col(column).try_cast(declared)
    if not source_type.is_text or not declared.kind.has_exponent:
        return value
    # `1e-2000000000` overflows Java's BigInteger, which fails the query; no plain form has an exponent.
    return F.when(~F.col(column).contains("e") & ~F.col(column).contains("E"), value)


def lacks_form(column: str, form: str) -> Column:
    """Return where a text is there and has not the form, a regular expression."""
    return F.col(column).isNotNull() & ~F.col(column).rlike(form)


def is_lost_in_cast(column: str, declared: ColumnType, value: Column) -> Column:
    """Return where a text is there and its typed value is not, or is a date that few others can read."""
    missing = F.col(column).isNotNull() & value.isNull()
    return missing | is_out_of_range_date(value) if declared.has_years else missing


def date_columns(contract: Contract) -> list[str]:
    """Return the columns that a file brings as dates already."""
    return [column.name for column in contract.columns if column.type.has_years] if contract.format.is_files else []


def null_out_of_range_dates(frame: DataFrame, names: Sequence[str]) -> DataFrame:
    """Return the frame with null for each date that `is_out_of_range_date`, and its text under BEYOND: Python
    cannot take the value.
    """
    texts = {
        f"{OUT_OF_RANGE}{name}": F.when(is_out_of_range_date(F.col(name)), F.col(name).cast("string")) for name in names
    }
    in_range = {name: F.when(F.col(f"{OUT_OF_RANGE}{name}").isNull(), F.col(name)) for name in names}
    return frame.withColumns(texts).withColumns(in_range) if names else frame


def is_out_of_range_date(value: Column) -> Column:
    """Return where a date is not of the years 1 to 9999: Spark's dates are, and Python's, SQL's and Trino's are not."""
    first, last = (F.lit(day).cast("date") for day in YEARS)
    return (value < first) | (value > last)
