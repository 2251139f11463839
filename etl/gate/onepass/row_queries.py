"""Queries for bad rows that look at each row by itself: what they look for, so that it can be told of passing rows."""

from typing import Any, cast

from pyspark.sql import Column, DataFrame

from etl.gate.onepass.query_judge import judge_query


def query_condition(frame: DataFrame, query: str) -> Column | None:
    """Return where a row of a frame is one that a query finds; None where it is not `SELECT columns FROM {batch} WHERE`.

    Args:
        frame: the rows that the query is about.
        query: SQL with `{batch}` for their table, as the contract has it.

    Raises:
        QueryRefused: the query may not run.
        Exception: it names what only its table has, such as `{batch}.column`.
    """
    judged_query = judge_query(frame, query)
    parsed, analyzed = judged_query.parsed, judged_query.analyzed
    if not _is_row_query(parsed) or parsed.child().child().nodeName() != "UnresolvedRelation":
        return None
    if not (_is_row_query(analyzed) and _is_alone(analyzed)):
        return None
    utils = cast(Any, frame.sparkSession)._jvm.org.apache.spark.sql.classic.ExpressionUtils
    column = Column(utils.column(parsed.child().condition()))
    frame.where(column)  # raises where a name is not one of the frame's
    return column


def _is_row_query(plan: Any) -> bool:
    """Say whether a plan takes some columns of some rows and nothing else; one that was analyzed, for each row by itself."""
    return plan.nodeName() == "Project" and plan.child().nodeName() == "Filter"


def _is_alone(plan: Any) -> bool:
    """Say whether such a plan, once it was analyzed, asks no other query, and says the same whenever it is asked."""
    rows = plan.child()
    return plan.subqueries().isEmpty() and rows.subqueries().isEmpty() and rows.condition().deterministic()
