"""Where Spark is to compile one part of a query apart from the next."""

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

MANY_COLUMNS = 20  # of the lines, a dozen of the contract among them: about 300 bytes of compiled code each
COLUMN_BYTES, MARK_BYTES, MOST_BYTES = 180, 110, 6500
"""Of compiled code, by days of Parquet with 12 columns and 26 marks, which take 4,979 bytes; a mark on a decimal takes more."""
ROWS = "rows"


def codegen_barrier(frame: DataFrame) -> DataFrame:
    """Return the same rows and columns; what is made of them is compiled apart from what they are made of.

    Spark compiles all between two tallies into one method. One of more than 8000 bytes HotSpot would never compile, so Spark
    runs its steps one by one instead (`spark.sql.codegen.hugeMethodLimit`), each with a copy of every row.

    Nor does Spark move a filter on them below this, to where what it names would be made anew as often as it is named.
    """
    return frame.observe(Observation(), F.count(F.lit(1)).alias(ROWS))


def may_compile_together(columns: int, marks: int) -> bool:
    """Say whether so many columns, read and written, and marks of a row are likely to be less code than is ever compiled."""
    return columns * COLUMN_BYTES + marks * MARK_BYTES <= MOST_BYTES
