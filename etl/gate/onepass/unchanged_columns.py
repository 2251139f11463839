"""Which columns of a frame are the very ones of the frame that it was made of."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

ROW_BY_ROW = ("Project", "SubqueryAlias")  # what Spark calls steps that keep each row, in their place


def unchanged_columns(before: DataFrame, after: DataFrame) -> frozenset[str]:
    """Return the columns that `after` has from `before`, with its rows as they are; none where that cannot be told.

    Spark gives each computed column an id of its own (Catalyst, `ExprId`), so one that has its old id is the old one.
    """
    origin, plan = _analyzed_plan(before), _analyzed_plan(after)
    after_ids = _column_ids(plan)
    while not plan.equals(origin):
        if plan.nodeName() not in ROW_BY_ROW:
            return frozenset()
        plan = plan.children().apply(0)
    return frozenset(name for name, column in _column_ids(origin).items() if after_ids.get(name) == column)


def passed_through_columns(transform: Callable[[DataFrame], DataFrame], types: Mapping[str, str]) -> frozenset[str]:
    """Return the columns that a transform hands on unchanged, tried on a frame of these columns and no rows.

    None where it fails on that: on the rows themselves it may see more than these columns.
    """
    columns = [F.lit(None).cast(type_).alias(name) for name, type_ in types.items()]
    frame = SparkSession.active().range(0).select(*columns)
    try:
        return unchanged_columns(frame, transform(frame))
    except Exception:  # a transform may raise anything, and the run is where it is told of
        return frozenset()


def _analyzed_plan(frame: DataFrame) -> Any:
    return cast(Any, frame)._jdf.queryExecution().analyzed()


def _column_ids(plan: Any) -> dict[str, int]:
    """Return each column's id by its name."""
    output = plan.output()
    attributes = [output.apply(number) for number in range(output.size())]
    return {attribute.name(): attribute.exprId().id() for attribute in attributes}
