"""What a contract's query may do, decided by Spark's own parser and analyzer before anything runs.

The plan as parsed is judged first: an analyzer that looks names up already opens catalogs and paths. Then the same plan is
analyzed over an empty table of the rows' columns, which shows what each name stands for. Both times every node's class must be
on a list: what a later Spark adds is refused until somebody has looked at it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from pyspark.sql import DataFrame

from etl.contract.query_text import BATCH, fault_of_text, substitute_batch
from etl.gate.onepass.query_plan import analyzed_plan_fault, parsed_plan_fault


class QueryRefused(Exception):
    """A query is more than one SELECT over its batch, or Spark cannot read it; the text says what is in the way."""


@dataclass(frozen=True)
class Query:
    """A query that may run, as Spark reads it over an empty table of the rows' columns.

    Attributes:
        batch: the name of that table in the plans; the table itself is gone.
        parsed: the logical plan as written.
        analyzed: the logical plan with its names looked up.
    """

    batch: str
    parsed: Any
    analyzed: Any


def judge_query(frame: DataFrame, query: str) -> Query:
    """Return a query that may run on a frame.

    Args:
        frame: the rows that the query is about; only their columns are looked at.
        query: SQL with `{batch}` for their table, as the contract has it.

    Raises:
        QueryRefused: it may not run.
    """
    if fault := fault_of_text(query):
        raise QueryRefused(fault)
    session, batch = cast(Any, frame.sparkSession), f"batch_{uuid4().hex}"
    state = session._jsparkSession.sessionState()
    parsed = _read_plan(state.sqlParser().parsePlan, substitute_batch(query, batch), batch)
    _raise_if_refused(parsed_plan_fault(parsed, batch), batch)
    empty = session._jsparkSession.createDataFrame(session._jvm.java.util.ArrayList(), cast(Any, frame)._jdf.schema())
    empty.createTempView(batch)
    try:
        analyzed = _read_plan(lambda plan: _analyze_plan(state, plan), parsed, batch)
    finally:
        session.catalog.dropTempView(batch)
    _raise_if_refused(analyzed_plan_fault(analyzed), batch)
    return Query(batch, parsed, analyzed)


def refusal_reason(frame: DataFrame, query: str) -> str | None:
    """Say why a query may not run on a frame; None where it may. The arguments are those of `judge_query`."""
    try:
        judge_query(frame, query)
    except QueryRefused as refused:
        return str(refused)
    return None


def _raise_if_refused(fault: str | None, batch: str) -> None:
    if fault:
        raise QueryRefused(fault.replace(batch, BATCH))


def _read_plan(reader: Callable[[Any], Any], text: Any, batch: str) -> Any:
    try:
        return reader(text)
    except Exception as error:  # of the parser or the analyzer: nothing has run
        [first, *_] = str(error).strip().splitlines() or [repr(error)]
        raise QueryRefused(f"Spark cannot read it: {first}".replace(batch, BATCH)) from error


def _analyze_plan(state: Any, plan: Any) -> Any:
    mode = getattr(state, "executePlan$default$2")()  # is about commands, and a judged plan has none
    return state.executePlan(plan, mode).analyzed()
