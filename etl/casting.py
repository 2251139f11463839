"""Raw text to declared types, and where that would change a value.

Spark's casts are generous: `try_cast('29.995' as decimal(10,2))` is 30.00 and `' 2 '` is 2. A value counts as typed only
where its text is the type's plain form and the cast keeps it.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.columns import plain_form


def typed(column: str, declared: str, given: str = "string") -> Column:
    """Return `column`, of type `given`, as `declared`; null where a text cannot be one."""
    if declared == given:
        return F.col(column)
    if declared == "date":
        return F.try_to_date(column, "yyyy-MM-dd")
    return F.col(column).try_cast(declared)


def miscast(column: str, declared: str) -> Column | None:
    """Return where typing `column` would null, round, truncate or wrap its text; None for a type that keeps any text."""
    form = plain_form(declared)
    if form is None:
        return None
    kept = F.col(column).rlike(form) & typed(column, declared).isNotNull()
    return F.col(column).isNotNull() & ~kept
