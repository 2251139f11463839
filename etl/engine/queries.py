"""Queries for bad rows that look at each row by itself: what they look for, so that it can be told of passing rows."""

from typing import Any, cast
from uuid import uuid4

from pyspark.sql import Column, DataFrame


def condition(frame: DataFrame, query: str) -> Column | None:
    """Return where a row of a frame is one that a query finds; None where it is not `SELECT columns FROM {batch} WHERE`.

    Args:
        frame: the rows that the query is about.
        query: SQL with `{batch}` for their table, as `unexpected_rows_expectation` has it.

    Raises:
        Exception: whatever Spark says of a query that it cannot read.
    """
    session: Any = cast(Any, frame.sparkSession)
    batch = f"batch_{uuid4().hex}"
    text = query.format(batch=batch)
    asked = session._jsparkSession.sessionState().sqlParser().parsePlan(text)
    if not _is_of_rows(asked) or asked.child().child().nodeName() != "UnresolvedRelation":
        return None
    frame.createTempView(batch)
    try:
        understood = cast(Any, session.sql(text))._jdf.queryExecution().analyzed()
    finally:
        session.catalog.dropTempView(batch)
    if asked.child().child().tableName() != batch or not (_is_of_rows(understood) and _is_alone(understood)):
        return None
    found = Column(session._jvm.org.apache.spark.sql.classic.ExpressionUtils.column(asked.child().condition()))
    frame.where(found)  # raises where a name is not one of the frame's
    return found


def _is_of_rows(plan: Any) -> bool:
    """Say whether a plan takes some columns of some rows and nothing else; one that was analyzed, for each row by itself."""
    return plan.nodeName() == "Project" and plan.child().nodeName() == "Filter"


def _is_alone(plan: Any) -> bool:
    """Say whether such a plan, once it was analyzed, asks no other query, and says the same whenever it is asked."""
    rows = plan.child()
    return plan.subqueries().isEmpty() and rows.subqueries().isEmpty() and rows.condition().deterministic()
