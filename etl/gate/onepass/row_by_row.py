"""Whether rows are made of others one by one: then what was seen of the others can be told of beside them."""

from typing import Any, cast

from pyspark.sql import DataFrame

ROW_BY_ROW = {"Project", "SubqueryAlias"}
"""Steps of Spark's plans that make a row of each row. Windows, aggregates, joins and filters are steps of their own."""


def is_row_by_row(frame: DataFrame, source: DataFrame) -> bool:
    """Say whether a frame has a row for each row of `source`, which it is made of: False where the plan does not show it."""
    plan, source_plan = (cast(Any, rows)._jdf.queryExecution().analyzed() for rows in (frame, source))
    while not plan.fastEquals(source_plan):
        if plan.nodeName() not in ROW_BY_ROW:
            return False
        plan = plan.children().head()
    return True
