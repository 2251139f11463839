"""Tables that live through several versions of what is declared: evolved by themselves, or refused until migrated."""

import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from etl.contract.model import ColumnSpec
from etl.errors import MigrationNeeded
from etl.iceberg.table import Table
from tests.spark.lake import GOOD, HEADER, Lake, day

NASTY = "it's a \\ `tick`, ${env:HOME} -- drop tag\n/* create branch */ 😀"


def columns(**types: str) -> list[ColumnSpec]:
    """Return columns by name, with a comment each; two underscores stand for a space."""
    return [ColumnSpec(name.replace("__", " "), kind, f"what {name} says") for name, kind in types.items()]


FIRST = columns(id="string", quantity="int", price="decimal(10,2)", sold__on="date", region="string")
PARTS = ("region", "month(sold on)")
ROW = "('a', 1, 1.50, date'2025-01-31', 'EU')"


@pytest.fixture
def table(lake: Lake) -> Table:
    """A table of the first version with one row."""
    made = Table(lake.spark, f"lake.{lake.database}.t", f"s3://{lake.bucket}/t")
    made.ensure(FIRST, PARTS)
    lake.spark.sql(f"INSERT INTO {made.name} VALUES {ROW}")
    return made


def commits(lake: Lake, prefix: str = "t") -> int:
    """Return how often the table's metadata was written."""
    listed = lake.aws.s3.list_objects_v2(Bucket=lake.bucket, Prefix=f"{prefix}/metadata/")["Contents"]
    return sum(one["Key"].endswith(".metadata.json") for one in listed)


def rows(table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in table.spark.table(table.name).collect()]


def refused(table: Table, wanted: Iterable[ColumnSpec], partition_by: Iterable[str] = PARTS) -> str:
    with pytest.raises(MigrationNeeded) as error:
        table.ensure(wanted, partition_by)
    return str(error.value)


def printed(message: str, *without: str) -> list[str]:
    """Return the statements that a message gives, but for those of another way."""
    found = re.findall(r"^    (ALTER TABLE .*);$", message, re.MULTILINE)
    return [one for one in found if not any(word in one for word in without)]


def test_added_columns_wider_types_and_other_comments_take_three_commits_at_most(lake: Lake, table: Table) -> None:
    wanted = columns(id="string", quantity="bigint", price="decimal(20,2)", sold__on="date", region="string")
    wanted[1] = ColumnSpec("quantity", "bigint", NASTY)
    added = [ColumnSpec("note", "string", NASTY), *columns(shop="int")]
    before = commits(lake)
    table.ensure([*added, *wanted], PARTS)
    assert commits(lake) - before == 3
    there = table.schema().by_name
    assert (there["quantity"].type, there["price"].type, there["shop"].type) == ("bigint", "decimal(20,2)", "int")
    assert {there["quantity"].description, there["note"].description} == {NASTY}
    assert rows(table) == [("a", 1, Decimal("1.50"), rows(table)[0][3], "EU", None, None)]
    lake.spark.sql(f"INSERT INTO {table.name} (quantity, price) VALUES (5000000000, 123456789012.5)")
    assert {row[1] for row in rows(table)} == {1, 5_000_000_000}


def test_what_is_unchanged_takes_no_commit_and_no_spark_job(lake: Lake, table: Table) -> None:
    table.ensure([*FIRST, ColumnSpec("note", "string", NASTY)], PARTS)
    before = commits(lake)
    context = lake.spark.sparkContext
    try:
        context.setJobGroup("unchanged", "")
        table.ensure([*FIRST, ColumnSpec("note", "string", NASTY)], PARTS)
        assert list(context.statusTracker().getJobIdsForGroup("unchanged")) == []
        lake.spark.range(2).count()
        assert list(context.statusTracker().getJobIdsForGroup("unchanged")) != []
    finally:
        context.setLocalProperty("spark.jobGroup.id", "")
    assert commits(lake) == before


def test_a_new_table_has_the_comments_and_is_as_declared(lake: Lake) -> None:
    made = Table(lake.spark, f"lake.{lake.database}.t", f"s3://{lake.bucket}/t")
    made.ensure([*FIRST, ColumnSpec("note", "string", NASTY)], PARTS)
    assert commits(lake) == 2  # the table, and whose it is
    assert list(made.schema().columns) == [*FIRST, ColumnSpec("note", "string", NASTY)]
    assert [part.declared for part in made.schema().parts] == list(PARTS)


DROPPED = [one for one in FIRST if one.name != "quantity"]
RENAMED = [ColumnSpec("pieces", "int", "x") if one.name == "quantity" else one for one in FIRST]
AREA = [ColumnSpec("area", "string", "x") if one.name == "region" else one for one in FIRST]


@pytest.mark.parametrize(
    ("wanted", "parts", "without", "left"),
    [
        (DROPPED, PARTS, (), {"id": "a", "price": Decimal("1.50")}),
        (RENAMED, PARTS, ("DROP",), {"pieces": 1}),
        (RENAMED, PARTS, ("RENAME",), {"pieces": None}),
        (AREA, ("area", "month(sold on)"), ("DROP",), {"area": "EU"}),
        ([one for one in FIRST if one.name != "region"], PARTS[1:], (), {"id": "a"}),
        (FIRST, ("region", "day(sold on)"), (), {"region": "EU"}),
        (FIRST, (), (), {"region": "EU"}),
        (FIRST, (*PARTS, "id"), (), {"id": "a"}),
        ([*FIRST, *columns(due__on="date")], ("region", "year(due on)"), (), {"due on": None}),
    ],
    ids=["drop", "rename", "drop not rename", "rename part", "drop part", "replace", "none", "add", "added"],
)
def test_what_is_refused_changes_nothing_and_goes_through_after_the_printed_statements(
    lake: Lake,
    table: Table,
    wanted: list[ColumnSpec],
    parts: tuple[str, ...],
    without: tuple[str, ...],
    left: dict[str, Any],
) -> None:
    before, had = table.schema(), commits(lake)
    statements = printed(refused(table, wanted, parts), *without)
    assert (table.schema(), commits(lake)) == (before, had)
    assert statements
    for statement in statements:
        lake.spark.sql(statement)
    table.ensure(wanted, parts)
    [row] = lake.spark.table(table.name).collect()
    assert {name: row[name] for name in left} == left
    assert set(table.schema().by_name) == {one.name for one in wanted}
    lake.spark.table(table.name).writeTo(table.name).append()
    assert len(rows(table)) == 2


def test_a_refused_difference_holds_back_those_that_were_welcome(lake: Lake, table: Table) -> None:
    before = commits(lake)
    message = refused(table, [*DROPPED, *columns(shop="string")])
    assert "column `quantity` (int) is in the table, but not declared" in message
    assert commits(lake) == before


def test_a_declaration_that_is_rolled_back_is_refused_with_what_to_do(table: Table) -> None:
    later = columns(id="string", quantity="bigint", price="decimal(10,2)", sold__on="date", region="string", shop="int")
    table.ensure(later, PARTS)
    message = refused(table, FIRST)
    assert "column `quantity` is bigint, declared is int: declare bigint, which holds both" in message
    assert printed(message) == [f"ALTER TABLE {table.name} DROP COLUMN `shop`"]


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
    statements = printed(refused(table, FIRST))
    assert statements == [f"ALTER TABLE {table.name} {statement}"]
    lake.spark.sql(statements[0])
    table.ensure(FIRST, PARTS)


def test_a_column_that_takes_no_null_is_refused_and_mended_as_printed(lake: Lake) -> None:
    made = Table(lake.spark, f"lake.{lake.database}.t", f"s3://{lake.bucket}/t")
    made.create(["`id` string NOT NULL"])
    statements = printed(refused(made, columns(id="string"), ()))
    lake.spark.sql(statements[0])
    made.ensure(columns(id="string"))
    assert made.schema().required == frozenset()


def test_an_older_quarantine_gets_its_new_column(lake: Lake) -> None:
    made = Table(lake.spark, f"lake.{lake.database}.q", f"s3://{lake.bucket}/t")
    made.create(["source string COMMENT 'the row'", "rules array<string>", "ordinal bigint", "at timestamp"])
    kept = {"source": "string", "rules": "array<string>", "ordinal": "bigint", "at": "timestamp"}
    wanted = [ColumnSpec("row", "string", "its id"), *(ColumnSpec(name, kind, "") for name, kind in kept.items())]
    before = commits(lake)
    for _ in range(2):
        made.ensure(wanted)
        assert commits(lake) - before == 2  # the column, and whose table it is
    assert {name: one.type for name, one in made.schema().by_name.items()} == {"row": "string", **kept}


def change(lake: Lake, stage: str, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change a contract of the lake, as a pull request would."""
    key = f"contracts/{stage}.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    edit(suite["meta"])
    lake.put_key(key, json.dumps(suite).encode())


def second(lake: Lake) -> None:
    """Bring the second version: a channel is read and published, and a sale may be of more pieces."""
    channel = {"name": "channel", "type": "string", "description": "where it was sold"}
    for stage in ("input", "output"):
        change(lake, stage, lambda meta: meta["columns"].insert(7, channel))
    change(lake, "output", lambda meta: meta["columns"][3].update(type="bigint"))


@pytest.mark.long
def test_a_new_version_shows_null_until_its_rows_are_published_and_a_failed_run_changes_no_row(lake: Lake) -> None:
    lake.put(a__csv=day(GOOD))
    first = lake.run()
    [old] = lake.rows()
    second(lake)
    lake.put(b__csv=day(f"{GOOD.replace('TXN001', 'TXN002')},web", header=f"{HEADER},channel"))
    lake.put(c__csv=day(f"{GOOD},shop", header=f"{HEADER},channel"))  # a key that is published already
    failed = lake.run()
    assert [one.rule for one in failed.broken] == ["sales.transaction_id.unique"], failed.message
    assert lake.rows() == [{**old, "channel": None}]
    assert failed.snapshot_after == first.snapshot_after
    lake.aws.s3.delete_object(Bucket=lake.bucket, Key="sales/c.csv")
    verdict = lake.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    assert [(row["transaction_id"], row["channel"]) for row in lake.rows()] == [("TXN001", None), ("TXN002", "web")]
    assert lake.spark.table(f"lake.{lake.database}.sales").schema["quantity"].dataType.simpleString() == "bigint"


def test_a_run_is_refused_before_it_stages_and_goes_through_after_the_migration(lake: Lake) -> None:
    lake.put(a__csv=day(GOOD))
    lake.run()
    change(lake, "output", lambda meta: meta.update(partition_by=["day(transaction_date)"]))
    lake.put(b__csv=day(GOOD.replace("TXN001", "TXN002")))
    before = commits(lake, "parquet/sales")
    verdict = lake.run()
    assert verdict.state != "SUCCEEDED"
    assert "partitioned by region, month(transaction_date), declared is day(transaction_date)" in verdict.message
    assert commits(lake, "parquet/sales") == before
    statements = printed(verdict.message)
    assert len(statements) == 2
    for statement in statements:
        lake.spark.sql(statement)
    assert lake.run().state == "SUCCEEDED"
    assert [row["transaction_id"] for row in lake.rows()] == ["TXN001", "TXN002"]
