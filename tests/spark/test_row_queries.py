"""A query for bad rows is told of passing rows where it looks at each by itself, and of no others."""

from typing import Any

import pytest

from etl.contract.query_text import substitute_batch
from etl.gate.onepass.query_judge import QueryRefused
from etl.gate.onepass.row_queries import query_condition

FOUND = {
    "select * from {batch} where n > 1": 3,
    "SELECT id, n + 1 AS m FROM {batch} WHERE n = 1 OR text LIKE '%8'": 4,
    "select * from {batch} where text rlike '^[0-6]{1}$' and not (n = 0)": 4,
    "select * from {batch} where case when n = 1 then text in ('4', 'it''s') end": 1,
    "select * from {batch} where exists(array(1, 2), x -> x = n) and day > date'2025-01-01' - interval 3 days": 6,
    "select * from {batch} where boolean(null)": 0,
}
OTHERS = [
    "select * from {batch}",
    "select count(*) from {batch} where n > 1",
    "select n from {batch} where n > 1 group by n",
    "select distinct n from {batch} where n > 1",
    "select * from {batch} where n > 1 limit 1",
    "select *, row_number() over (order by n) from {batch} where n > 1",
    "select (select max(n) from {batch}) from {batch} where n > 1",
    "select * from {batch} where n = (select max(n) from {batch})",
    "select * from {batch} b where n > 1",
    "with some as (select * from {batch}) select * from some where n > 1",
    "select * from {batch} where n > 1 union all select * from {batch} where n > 1",
]
UNREADABLE = [
    "selec {batch}",
    "select * from {batch} where rand() > 0.5",
    "select nothing from {batch} where n > 1",
    "select * from {batch} where nothing > 1",
]


@pytest.fixture(scope="module")
def rows(spark: Any) -> Any:
    return spark.range(10).selectExpr("id", "id % 3 as n", "cast(id as string) as text", "date'2025-01-01' as day")


@pytest.mark.parametrize("query", FOUND)
def test_a_query_that_looks_at_each_row_is_a_condition(rows: Any, query: str) -> None:
    predicate = query_condition(rows, query)
    assert predicate is not None
    rows.createOrReplaceTempView("rows_by_name")
    assert (
        rows.where(predicate).count()
        == rows.sparkSession.sql(substitute_batch(query, "rows_by_name")).count()
        == FOUND[query]
    )


@pytest.mark.parametrize("query", OTHERS)
def test_any_other_query_is_none(rows: Any, query: str) -> None:
    assert query_condition(rows, query) is None


def test_a_column_of_the_table_by_name_is_left_to_the_table(rows: Any) -> None:
    with pytest.raises(Exception, match="UNRESOLVED_COLUMN"):
        query_condition(rows, "select * from {batch} where {batch}.n > 1")


@pytest.mark.parametrize("query", UNREADABLE)
def test_what_may_not_run_raises_and_leaves_no_view(rows: Any, query: str) -> None:
    with pytest.raises(QueryRefused, match=r"SYNTAX_ERROR|UNRESOLVED_COLUMN|calls rand"):
        query_condition(rows, query)
    assert rows.sparkSession._jsparkSession.sessionState().catalog().listLocalTempViews("batch_*").isEmpty()
