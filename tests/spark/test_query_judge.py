"""Spark judges a contract's query before anything of it runs; what may not run is an error and never a broken rule's sample."""

from typing import Any

import pytest

from etl.contract.model import Contract, Rule
from etl.contract.query_functions import FUNCTIONS
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.gate import checks
from etl.gate.onepass.query_judge import judge_query, refusal_reason
from etl.gate.onepass.query_plan import _function_classes
from tests.lake.query_corpus import ALLOWED, COLUMNS, REFUSED

RAISING = "select raise_error(java_method('java.lang.System', 'getenv', 'PATH')) from {batch}"


@pytest.fixture(scope="module")
def empty(spark: Any) -> Any:
    return spark.createDataFrame([], ", ".join(f"`{name}` {kind}" for name, kind in COLUMNS.items()))


def make_contract(*queries: str, severity: str = "critical") -> Contract:
    rules = tuple(
        Rule(
            f"made.rule{number}",
            "unexpected_rows_expectation",
            {"unexpected_rows_query": query},
            Severity(severity),
            "why",
        )
        for number, query in enumerate(queries)
    )
    expectations = [
        {"type": rule.type, "kwargs": rule.kwargs, "severity": rule.severity, "meta": {"rule": rule.rule}}
        for rule in rules
    ]
    suite = {"name": "made.output", "expectations": expectations}
    return Contract(
        dataset="made",
        stage=Stage.OUTPUT,
        version="1.0.0",
        owner="me",
        description="made up",
        columns=(),
        rules=rules,
        suite=suite,
    )


def test_what_contracts_ask_may_run(empty: Any) -> None:
    assert {query: fault for query in ALLOWED if (fault := refusal_reason(empty, query))} == {}


def test_whatever_does_more_than_select_rows_of_its_batch_may_not(empty: Any) -> None:
    assert [query for query in REFUSED if not refusal_reason(empty, query)] == []
    assert empty.sparkSession._jsparkSession.sessionState().catalog().listLocalTempViews("batch_*").isEmpty()


def test_what_is_refused_by_the_plan_as_written_is_never_analyzed(empty: Any) -> None:
    """An analyzer would look the path up: the emulator's answer would be in the message, or the time it takes."""
    assert refusal_reason(empty, "select * from parquet.`s3://none/there` union all select * from {batch}") == (
        "it reads parquet.s3://none/there, which is neither {batch} nor a WITH of the query"
    )


def test_a_column_may_have_the_name_of_a_function_without_parentheses(spark: Any) -> None:
    frame = spark.createDataFrame([], "user string, current_date date")
    assert refusal_reason(frame, "select * from {batch} where user = 'x' and current_date is null") is None


def test_a_variable_of_the_session_is_refused_by_what_it_comes_to(empty: Any) -> None:
    empty.sparkSession.sql("declare variable secret string default 'hush'")
    try:
        assert refusal_reason(empty, "select secret from {batch}") == "it uses VariableReference"
    finally:
        empty.sparkSession.sql("drop temporary variable secret")


def test_every_function_on_the_list_is_sparks_and_says_the_same_each_time(spark: Any) -> None:
    syntax = {"cast", "extract"}
    names = {row.function for row in spark.sql("show system functions").collect()}
    assert FUNCTIONS.keys() - names - syntax == set()
    assert (
        not {"Rand", "Uuid", "RaiseError", "CallMethodViaReflection", "CurrentTimestamp", "InputFileName"}
        & _function_classes()
    )


def test_a_query_that_was_refused_is_an_error_whatever_its_severity(spark: Any) -> None:
    spark.sql("create temporary view published as select 1 as id")
    frame = spark.range(3).selectExpr("id", "cast(id as string) as text")
    queries = (
        "DELETE FROM published WHERE true -- {batch}",
        RAISING,
        "select * from {batch} where text rlike '^[0-9]{2}$'",
    )
    declared = make_contract(*queries, severity="info")
    results = checks.check_frame(frame, declared, list(declared.rules), {})
    assert [(result.state, result.severity) for result in results] == [
        ("error", "info"),
        ("error", "info"),
        ("held", "info"),
    ]
    deleting, raising = ((result.samples[0] or "") for result in results[:2])
    assert deleting.startswith("the query was not run: it uses DeleteFromTable; write one SELECT over {batch}")
    assert raising.startswith("the query was not run: it calls raise_error; ")
    spark.catalog.dropTempView("published")


def test_a_row_condition_is_text_whatever_it_holds(spark: Any) -> None:
    """The library writes SQL of it: quotes must not end the text, and Spark must not replace variables in it."""
    texts = ["it's", 'a"b', "'\"", "x' OR '1'='1", "\\", "${env:PATH}", "a`b", "--", "/*"]
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    kind, rule = "expect_table_row_count_to_equal", "made.rule{}"
    rules = tuple(
        Rule(
            rule.format(number),
            kind,
            {
                "value": 1,
                "row_condition": {
                    "type": "comparison",
                    "column": {"name": "text"},
                    "operator": "==",
                    "parameter": text,
                },
            },
            Severity.CRITICAL,
            "why",
        )
        for number, text in enumerate(texts)
    )
    expectations = [{"type": kind, "kwargs": entry.kwargs, "meta": {"rule": entry.rule}} for entry in rules]
    declared = Contract(
        dataset="made",
        stage=Stage.OUTPUT,
        version="1.0.0",
        owner="me",
        description="made up",
        columns=(),
        rules=rules,
        suite={"name": "made.output", "expectations": expectations},
    )
    results = checks.check_frame(frame, declared, list(rules), {})
    assert {text: result.samples for text, result in zip(texts, results, strict=True) if result.state != "held"} == {}


@pytest.mark.long
def test_braces_of_a_query_stand_for_themselves(spark: Any) -> None:
    frame = spark.createDataFrame([("aa",), ("{0}",), ("{{x}}",), ("{batch.__class__}",)], "text string")
    queries = {
        "select * from {batch} where text rlike '^a{2}$'": 1,
        "select * from {batch} where text = '{0}'": 1,
        "select * from {batch} where text in ('{{x}}', '{batch.__class__}')": 2,
        "with x as (select * from {batch}) select * from x where text = '}' or text = '{'": 0,
        "select count(*) from {batch} where text like '{%}' having count(*) = 3": 1,
    }
    declared = make_contract(*queries)
    results = checks.check_frame(frame, declared, list(declared.rules), {})
    assert [result.samples for result in results] == [(str(count),) if count else () for count in queries.values()]
    assert checks.request_metrics(frame, declared, list(declared.rules), {}).marks.keys()
    assert judge_query(frame, next(iter(queries))).parsed is not None


def test_a_query_of_hundreds_of_conditions_may_run(spark: Any) -> None:
    terms = " or ".join(f"id = {number}" for number in range(300))
    assert refusal_reason(spark.range(1), f"select * from {{batch}} where {terms}") is None
