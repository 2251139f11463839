"""Tables that live through several versions of what is declared: evolved by themselves, or refused until migrated."""

import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from etl.errors import MigrationNeeded
from etl.iceberg.schema import TableColumn
from etl.iceberg.table import Table
from tests.spark.lake import GOOD, HEADER, Lake, csv_bytes

NASTY = "it's a \\ `tick`, ${env:HOME} -- drop tag\n/* create branch */ 😀"


def make_columns(**types: str) -> list[TableColumn]:
    """Return columns by name, with a comment each; two underscores stand for a space."""
    return [TableColumn(name.replace("__", " "), kind, f"what {name} says") for name, kind in types.items()]


FIRST = make_columns(id="string", quantity="int", price="decimal(10,2)", sold__on="date", region="string")
PARTS = ("region", "month(sold on)")
ROW = "('a', 1, 1.50, date'2025-01-31', 'EU')"


@pytest.fixture
def table(lake: Lake) -> Table:
    """A table of the first version with one row."""
    new_table = Table(lake.spark, f"lake.{lake.database}.t", f"s3://{lake.bucket}/t")
    new_table.ensure_schema(FIRST, PARTS)
    lake.spark.sql(f"INSERT INTO {new_table.name} VALUES {ROW}")
    return new_table


def count_commits(lake: Lake, prefix: str = "t") -> int:
    """Return how often the table's metadata was written."""
    listed = lake.aws.s3.list_objects_v2(Bucket=lake.bucket, Prefix=f"{prefix}/metadata/")["Contents"]
    return sum(entry["Key"].endswith(".metadata.json") for entry in listed)


def table_rows(table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in table.spark.table(table.name).collect()]


def refusal_message(table: Table, declared: Iterable[TableColumn], partition_by: Iterable[str] = PARTS) -> str:
    with pytest.raises(MigrationNeeded) as error:
        table.ensure_schema(declared, partition_by)
    return str(error.value)


def printed_statements(message: str, *without: str) -> list[str]:
    """Return the statements that a message gives, but for those of another way."""
    statements = re.findall(r"^    (ALTER TABLE .*);$", message, re.MULTILINE)
    return [statement for statement in statements if not any(part in statement for part in without)]


def test_added_columns_wider_types_and_other_comments_take_three_commits_at_most(lake: Lake, table: Table) -> None:
    declared = make_columns(id="string", quantity="bigint", price="decimal(20,2)", sold__on="date", region="string")
    declared[1] = TableColumn("quantity", "bigint", NASTY)
    added = [TableColumn("note", "string", NASTY), *make_columns(shop="int")]
    before = count_commits(lake)
    table.ensure_schema([*added, *declared], PARTS)
    assert count_commits(lake) - before == 3
    columns_by_name = table.read_schema().by_name
    assert (columns_by_name["quantity"].type, columns_by_name["price"].type, columns_by_name["shop"].type) == (
        "bigint",
        "decimal(20,2)",
        "int",
    )
    assert {columns_by_name["quantity"].description, columns_by_name["note"].description} == {NASTY}
    assert table_rows(table) == [("a", 1, Decimal("1.50"), table_rows(table)[0][3], "EU", None, None)]
    lake.spark.sql(f"INSERT INTO {table.name} (quantity, price) VALUES (5000000000, 123456789012.5)")
    assert {row[1] for row in table_rows(table)} == {1, 5_000_000_000}


def test_values_within_lists_and_objects_widen_and_objects_get_fields(lake: Lake) -> None:
    nested = Table(lake.spark, f"lake.{lake.database}.nested", f"s3://{lake.bucket}/nested")
    nested.ensure_schema(make_columns(customer="struct<id:int,x:float>", lines="array<struct<n:int>>"))
    lake.spark.sql(f"INSERT INTO {nested.name} SELECT named_struct('id', 1, 'x', 0.5F), array(named_struct('n', 7))")
    wider = make_columns(
        customer="struct<id:bigint,x:double,zip:string>", lines="array<struct<n:bigint,tags:array<string>>>"
    )
    wider[0] = TableColumn("customer", wider[0].type, "another comment")
    nested.ensure_schema(wider)
    assert [(column.type, column.description) for column in nested.read_schema().columns] == [
        (column.type, column.description) for column in wider
    ]
    values = "named_struct('zip', 'z', 'x', 1e300D, 'id', 5000000000), array(named_struct('n', 6000000000, 'tags', array('t')))"
    lake.spark.sql(f"SELECT {values}").toDF("customer", "lines").writeTo(nested.name).append()
    buyers, lines = zip(*sorted(table_rows(nested)), strict=True)
    assert [tuple(customer) for customer in buyers] == [(1, 0.5, None), (5_000_000_000, 1e300, "z")]
    assert [[tuple(line) for line in each] for each in lines] == [[(7, None)], [(6_000_000_000, ["t"])]]
    before = count_commits(lake, "nested")
    nested.ensure_schema(wider)
    assert count_commits(lake, "nested") == before


def test_what_is_unchanged_takes_no_commit_and_no_spark_job(lake: Lake, table: Table) -> None:
    table.ensure_schema([*FIRST, TableColumn("note", "string", NASTY)], PARTS)
    before = count_commits(lake)
    context = lake.spark.sparkContext
    try:
        context.setJobGroup("unchanged", "")
        table.ensure_schema([*FIRST, TableColumn("note", "string", NASTY)], PARTS)
        assert list(context.statusTracker().getJobIdsForGroup("unchanged")) == []
        lake.spark.range(2).count()
        assert list(context.statusTracker().getJobIdsForGroup("unchanged")) != []
    finally:
        context.setLocalProperty("spark.jobGroup.id", "")
    assert count_commits(lake) == before


def test_a_new_table_has_the_comments_and_is_as_declared(lake: Lake) -> None:
    new_table = Table(lake.spark, f"lake.{lake.database}.t", f"s3://{lake.bucket}/t")
    new_table.ensure_schema([*FIRST, TableColumn("note", "string", NASTY)], PARTS)
    assert count_commits(lake) == 2  # the table, and whose it is
    assert list(new_table.read_schema().columns) == [*FIRST, TableColumn("note", "string", NASTY)]
    assert [part.declared for part in new_table.read_schema().parts] == list(PARTS)


DROPPED = [column for column in FIRST if column.name != "quantity"]
RENAMED = [TableColumn("pieces", "int", "x") if column.name == "quantity" else column for column in FIRST]
AREA = [TableColumn("area", "string", "x") if column.name == "region" else column for column in FIRST]


@pytest.mark.parametrize(
    ("declared", "parts", "without", "expected"),
    [
        (DROPPED, PARTS, (), {"id": "a", "price": Decimal("1.50")}),
        (RENAMED, PARTS, ("DROP",), {"pieces": 1}),
        pytest.param(RENAMED, PARTS, ("RENAME",), {"pieces": None}, marks=pytest.mark.long),
        pytest.param(AREA, ("area", "month(sold on)"), ("DROP",), {"area": "EU"}, marks=pytest.mark.long),
        pytest.param(
            [column for column in FIRST if column.name != "region"], PARTS[1:], (), {"id": "a"}, marks=pytest.mark.long
        ),
        (FIRST, ("region", "day(sold on)"), (), {"region": "EU"}),
        pytest.param(FIRST, (), (), {"region": "EU"}, marks=pytest.mark.long),
        pytest.param(FIRST, (*PARTS, "id"), (), {"id": "a"}, marks=pytest.mark.long),
        ([*FIRST, *make_columns(due__on="date")], ("region", "year(due on)"), (), {"due on": None}),
    ],
    ids=["drop", "rename", "drop not rename", "rename part", "drop part", "replace", "none", "add", "added"],
)
def test_what_is_refused_changes_nothing_and_goes_through_after_the_printed_statements(
    lake: Lake,
    table: Table,
    declared: list[TableColumn],
    parts: tuple[str, ...],
    without: tuple[str, ...],
    expected: dict[str, Any],
) -> None:
    before, had = table.read_schema(), count_commits(lake)
    statements = printed_statements(refusal_message(table, declared, parts), *without)
    assert (table.read_schema(), count_commits(lake)) == (before, had)
    assert statements
    for statement in statements:
        lake.spark.sql(statement)
    table.ensure_schema(declared, parts)
    [row] = lake.spark.table(table.name).collect()
    assert {name: row[name] for name in expected} == expected
    assert set(table.read_schema().by_name) == {column.name for column in declared}
    lake.spark.table(table.name).writeTo(table.name).append()
    assert len(table_rows(table)) == 2


def test_a_refused_difference_holds_back_those_that_were_welcome(lake: Lake, table: Table) -> None:
    before = count_commits(lake)
    message = refusal_message(table, [*DROPPED, *make_columns(shop="string")])
    assert "column `quantity` (int) is in the table, but not declared" in message
    assert count_commits(lake) == before


def test_a_declaration_that_is_rolled_back_is_refused_with_what_to_do(table: Table) -> None:
    later = make_columns(
        id="string", quantity="bigint", price="decimal(10,2)", sold__on="date", region="string", shop="int"
    )
    table.ensure_schema(later, PARTS)
    message = refusal_message(table, FIRST)
    assert "column `quantity` is bigint, declared is int: declare bigint, which holds both" in message
    assert printed_statements(message) == [f"ALTER TABLE {table.name} DROP COLUMN `shop`"]


@pytest.mark.parametrize(
    ("foreign", "statement"),
    [
        ("SET TBLPROPERTIES ('write.wap.enabled'='false')", "SET TBLPROPERTIES ('write.wap.enabled'='true')"),
        ("UNSET TBLPROPERTIES ('write.wap.enabled')", "SET TBLPROPERTIES ('write.wap.enabled'='true')"),
        ("ADD PARTITION FIELD truncate(2, id)", "DROP PARTITION FIELD truncate(2, `id`)"),
        ("ADD PARTITION FIELD bucket(4, id)", "DROP PARTITION FIELD bucket(4, `id`)"),
        ("ADD COLUMN `a``b` struct<x: int>", "DROP COLUMN `a``b`"),
    ],
)
def test_what_somebody_else_did_to_a_table_is_refused_and_undone_as_printed(
    lake: Lake, table: Table, foreign: str, statement: str
) -> None:
    lake.spark.sql(f"ALTER TABLE {table.name} {foreign}")
    statements = printed_statements(refusal_message(table, FIRST))
    assert statements == [f"ALTER TABLE {table.name} {statement}"]
    lake.spark.sql(statements[0])
    table.ensure_schema(FIRST, PARTS)


def test_a_column_that_takes_no_null_is_refused_and_mended_as_printed(lake: Lake) -> None:
    new_table = Table(lake.spark, f"lake.{lake.database}.t", f"s3://{lake.bucket}/t")
    new_table.create_if_missing(["`id` string NOT NULL"])
    statements = printed_statements(refusal_message(new_table, make_columns(id="string"), ()))
    lake.spark.sql(statements[0])
    new_table.ensure_schema(make_columns(id="string"))
    assert new_table.read_schema().required == frozenset()


def test_an_older_quarantine_gets_its_new_column(lake: Lake) -> None:
    new_table = Table(lake.spark, f"lake.{lake.database}.q", f"s3://{lake.bucket}/t")
    new_table.create_if_missing(
        ["source string COMMENT 'the row'", "rules array<string>", "ordinal bigint", "at timestamp"]
    )
    old_columns = {"source": "string", "rules": "array<string>", "ordinal": "bigint", "at": "timestamp"}
    declared = [
        TableColumn("row", "string", "its id"),
        *(TableColumn(name, kind, "") for name, kind in old_columns.items()),
    ]
    before = count_commits(lake)
    for _ in range(2):
        new_table.ensure_schema(declared)
        assert count_commits(lake) - before == 2  # the column, and whose table it is
    assert {name: column.type for name, column in new_table.read_schema().by_name.items()} == {
        "row": "string",
        **old_columns,
    }


def change_contract(lake: Lake, stage: str, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change a contract of the lake, as a pull request would."""
    key = f"contracts/{stage}.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    edit(suite["meta"])
    lake.put_key(key, json.dumps(suite).encode())


def declare_second_version(lake: Lake) -> None:
    """Bring the second version: a channel is read and published, and a sale may be of more pieces."""
    channel = {"name": "channel", "type": "string", "description": "where it was sold"}
    for stage in ("input", "output"):
        change_contract(lake, stage, lambda meta: meta["columns"].insert(7, channel))
    change_contract(lake, "output", lambda meta: meta["columns"][3].update(type="bigint"))


@pytest.mark.long
def test_a_new_version_shows_null_until_its_rows_are_published_and_a_failed_run_changes_no_row(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    first = lake.run()
    [old] = lake.rows()
    declare_second_version(lake)
    lake.put_files(b__csv=csv_bytes(f"{GOOD.replace('TXN001', 'TXN002')},web", header=f"{HEADER},channel"))
    lake.put_files(c__csv=csv_bytes(f"{GOOD},shop", header=f"{HEADER},channel"))  # a key that is published already
    failed = lake.run()
    assert [result.rule for result in failed.broken] == ["trades.transaction_id.unique"], failed.message
    assert lake.rows() == [{**old, "channel": None}]
    assert failed.snapshot_after == first.snapshot_after
    lake.aws.s3.delete_object(Bucket=lake.bucket, Key="trades/c.csv")
    verdict = lake.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    assert [(row["transaction_id"], row["channel"]) for row in lake.rows()] == [("TXN001", None), ("TXN002", "web")]
    assert lake.spark.table(f"lake.{lake.database}.trades").schema["quantity"].dataType.simpleString() == "bigint"


def test_a_run_is_refused_before_it_stages_and_goes_through_after_the_migration(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD))
    lake.run()
    change_contract(lake, "output", lambda meta: meta.update(partition_by=["day(transaction_date)"]))
    lake.put_files(b__csv=csv_bytes(GOOD.replace("TXN001", "TXN002")))
    before = count_commits(lake, "parquet/trades")
    verdict = lake.run()
    assert verdict.state != "SUCCEEDED"
    assert "partitioned by region, month(transaction_date), declared is day(transaction_date)" in verdict.message
    assert count_commits(lake, "parquet/trades") == before
    statements = printed_statements(verdict.message)
    assert len(statements) == 2
    for statement in statements:
        lake.spark.sql(statement)
    assert lake.run().state == "SUCCEEDED"
    assert [row["transaction_id"] for row in lake.rows()] == ["TXN001", "TXN002"]
