"""Raw text to declared types, and where that would change a value.

Spark's casts are generous: `try_cast('29.995' as decimal(10,2))` is 30.00 and `' 2 '` is 2. A value counts as typed only
where its text is the type's plain form and the cast keeps it. In that form a cast reads a date as `to_date` does by its
pattern, and needs no formatter for it: it takes seconds less on millions of rows.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F


def typed(column: str, declared: str, given: str = "string") -> Column:
    """Return `column`, of type `given`, as `declared`; null where a text cannot be one."""
    return F.col(column) if declared == given else F.col(column).try_cast(declared)


def unformed(column: str, form: str) -> Column:
    """Return where a text is there and has not the form, a regular expression."""
    return F.col(column).isNotNull() & ~F.col(column).rlike(form)


def lost(column: str, value: Column) -> Column:
    """Return where a text is there and its typed value is not."""
    return F.col(column).isNotNull() & value.isNull()
