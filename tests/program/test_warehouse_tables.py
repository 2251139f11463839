"""A dataset's table in the warehouse, its load and its procedure follow from its output contract."""

import json
from typing import Any

import duckdb
import pytest
from sqlglot import exp, parse, parse_one
from sqlglot.generators.redshift import RedshiftGenerator

from components.readers.redshift import setup_statements
from components.readers.redshift_words import RESERVED_WORDS
from components.readers.warehouse_tables import load_sql, procedure_sql, quote_name, table_sql
from components.settings.stack_settings import Dataset
from etl.contract.loading import contract_of
from etl.contract.model import Contract

STOPS = ["night", "tram"]


def rule(kind: str, severity: str = "critical", **kwargs: Any) -> dict[str, Any]:
    return {"type": kind, "kwargs": kwargs, "severity": severity, "meta": {"rule": f"trips.{kind}", "why": "It is so."}}


COUNTED = rule("expect_table_row_count_to_be_between", min_value=1)
"""A suite has a rule at least; this one says nothing of a column."""


def trips(
    columns: dict[str, str], *rules: dict[str, Any], key: tuple[str, ...] = ("trip",), parts: tuple[str, ...] = ()
) -> Contract:
    listed = [{"name": name, "type": kind, "description": "as it is"} for name, kind in columns.items()]
    meta = {"version": "1.0.0", "owner": "us", "description": "trips", "columns": listed, "key": [*key]}
    return contract_of(
        {"name": "trips.output", "meta": {**meta, "partition_by": [*parts]}, "expectations": [COUNTED, *rules]}
    )


TYPED = trips(
    {"trip": "bigint", "line": "int", "late": "boolean", "day": "date", "fare": "decimal(10,2)", "stop": "string"},
    rule("expect_column_values_to_not_be_null", column="fare"),
    rule("expect_column_values_to_not_be_null", severity="info", column="late"),
    key=("trip", "day"),
    parts=("line", "month(day)"),
)


def test_the_table_has_the_contracts_columns_types_and_key() -> None:
    assert table_sql(TYPED) == (
        "-- Gold as Redshift keeps it: the columns of expectations/trips/output.json.\n"
        "CREATE TABLE IF NOT EXISTS trips (\n"
        "  trip bigint NOT NULL,\n"
        "  line int,\n"
        "  late boolean,\n"
        "  day date NOT NULL,\n"
        "  fare decimal(10, 2) NOT NULL,\n"
        "  stop varchar(256),\n"
        "  PRIMARY KEY (trip, day)\n"
        ") SORTKEY (line, day)\n"
    )


def test_a_table_without_parts_is_sorted_by_nothing() -> None:
    assert "SORTKEY" not in table_sql(trips({"trip": "bigint"}))


LENGTHS = "expect_column_value_lengths_to_be_between"
WIDTHS = [
    ((), 256),
    ((rule("expect_column_values_to_be_in_set", column="stop", value_set=STOPS),), 64),
    ((rule("expect_column_values_to_be_in_set", column="stop", value_set=["é" * 40]),), 128),
    ((rule(LENGTHS, column="stop", max_value=300),), 2048),
    ((rule(LENGTHS, column="stop", max_value=5),), 64),
    ((rule(LENGTHS, column="stop", max_value=10**6),), 65535),
    ((rule(LENGTHS, column="stop", min_value=3),), 256),
    ((rule(LENGTHS, column="line", max_value=300),), 256),
    ((rule("expect_column_value_lengths_to_equal", "warning", column="stop", value=20),), 128),
    ((rule(LENGTHS, "info", column="stop", max_value=300),), 256),
]


@pytest.mark.parametrize(("rules", "width"), WIDTHS)
def test_a_text_is_as_wide_as_its_rules_let_it_be(rules: tuple[dict[str, Any], ...], width: int) -> None:
    contract = trips({"trip": "bigint", "stop": "string", "line": "string"}, *rules)
    assert f"  stop varchar({width})" in table_sql(contract)


@pytest.mark.parametrize(
    ("name", "written"),
    [("day", "day"), ("order", '"order"'), ("Day", '"Day"'), ("arrival day", '"arrival day"'), ("größe", '"größe"')],
)
def test_a_name_that_is_no_plain_one_stands_in_quotes(name: str, written: str) -> None:
    assert quote_name(name) == written
    contract = trips({"trip": "bigint", name: "date"}, key=(name,))
    for sql in (table_sql(contract), load_sql(contract)):
        names = {
            identifier.name
            for tree in parse(sql, dialect="redshift")
            if tree
            for identifier in tree.find_all(exp.Identifier)
        }
        assert name in names


def test_every_word_that_redshift_reserves_is_known() -> None:
    assert {word.strip() for word in RedshiftGenerator.RESERVED_KEYWORDS} <= RESERVED_WORDS


@pytest.mark.parametrize("key", [("trip",), ("trip", "user"), ("trip", "user", "arrival day")])
def test_a_load_brings_changes_and_removes_rows_by_the_key(key: tuple[str, ...]) -> None:
    """The last one is the key whole: no column is left to update."""
    contract = trips({"trip": "bigint", "user": "string", "arrival day": "date"}, key=key)
    first, changed, kept = (1, "ann", "2026-01-01"), (1, "ann", "2026-01-02"), (2, "bob", "2026-01-01")
    with duckdb.connect() as db:
        db.execute(parse_one(table_sql(contract), dialect="redshift").sql(dialect="duckdb"))
        db.execute("CREATE SCHEMA lake")
        db.execute("CREATE TABLE lake.trips AS FROM trips")
        for published in ([first, kept], [changed, kept], [kept], []):
            db.execute("DELETE FROM lake.trips")
            for row in published:
                db.execute("INSERT INTO lake.trips VALUES (?, ?, ?)", row)
            for statement in parse(load_sql(contract), dialect="redshift"):
                assert statement is not None
                db.execute(statement.sql(dialect="duckdb"))
            loaded = [(trip, user, str(day)) for trip, user, day in db.execute("FROM trips ORDER BY ALL").fetchall()]
            assert loaded == published


def dataset(name: str) -> Dataset:
    """A dataset of which only name and contract are read."""
    terms = type("Terms", (), {"output": json.dumps(suite(name))})
    return Dataset.model_construct(None, name=name, terms=terms)


def suite(name: str) -> dict[str, Any]:
    rules = [
        rule("expect_table_row_count_to_be_between", min_value=1),
        rule("expect_column_values_to_not_be_null", column="trip"),
        rule("expect_column_values_to_be_unique", column="trip"),
    ]
    for each in rules:
        each["meta"]["rule"] = f"{name}.{each['type']}"
    columns = [{"name": "trip", "type": "bigint", "description": "its number"}]
    meta = {"version": "1.0.0", "owner": "us", "description": "trips", "columns": columns, "key": ["trip"]}
    return {"name": f"{name}.output", "meta": {**meta, "freshness_hours": 26}, "expectations": rules}


def test_the_first_dataset_keeps_the_names_that_its_statements_have_had() -> None:
    made = setup_statements("lake", [dataset("trips"), dataset("stops")])
    assert list(made) == ["schema", "table", "procedure", "stops-table", "stops-procedure"]
    assert "load_stops()" in made["stops-procedure"]
    assert "LOCK stops;" in made["stops-procedure"]


def test_the_procedure_is_the_load_behind_a_lock() -> None:
    *_, body, language = procedure_sql(TYPED).split("$$")
    assert body.split() == ["BEGIN", "LOCK", "trips;", *load_sql(TYPED).split(), "END;"]
    assert language.split() == ["LANGUAGE", "plpgsql"]
