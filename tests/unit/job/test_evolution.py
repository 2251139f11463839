"""What a table's schema may become by itself and what takes a migration, as plain data."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.iceberg.migration import migration_refusals
from etl.iceberg.schema import PartitionField, TableColumn, TableSchema, quote_literal
from etl.iceberg.schema_evolution import evolution_statements

T = "lake.db.trades"
COLUMNS = {"id": "string", "quantity": "int", "price": "decimal(10,2)", "sold on": "date"}


def make_schema(*partition_by: str, comments: dict[str, str] | None = None, **columns: Any) -> TableSchema:
    """Return a schema of these columns beside, or with None without, `COLUMNS`; `_` in a name stands for a space."""
    changed = {**COLUMNS, **{name.replace("_", " "): kind for name, kind in columns.items()}}
    texts = comments or {}
    return TableSchema.from_declared(
        [TableColumn(name, kind, texts.get(name, "")) for name, kind in changed.items() if kind], partition_by
    )


def table_schema(*parts: PartitionField, sources: tuple[str, ...] = (), **columns: Any) -> TableSchema:
    return TableSchema(make_schema(**columns).columns, parts, sources=frozenset(sources))


def test_what_is_as_declared_takes_no_step_and_no_migration() -> None:
    declared = make_schema("id", "month(sold on)", comments={"id": "the sale"})
    current = TableSchema(declared.columns, (PartitionField("month", "sold on"), PartitionField("identity", "id")))
    assert (evolution_statements(T, declared, current), migration_refusals(T, declared, current)) == ([], [])


def test_names_are_one_whatever_their_case_and_columns_whatever_their_order() -> None:
    declared = TableSchema.from_declared(
        [TableColumn("ID", "string", ""), TableColumn("Sold On", "date", "")], ["month(Sold On)"]
    )
    current = TableSchema(
        (TableColumn("sold on", "date", ""), TableColumn("id", "string", "")), (PartitionField("month", "sold on"),)
    )
    assert (evolution_statements(T, declared, current), migration_refusals(T, declared, current)) == ([], [])


def test_a_type_is_one_however_its_digits_are_written() -> None:
    declared, current = make_schema(price="decimal(10,02)"), make_schema()
    assert (evolution_statements(T, declared, current), migration_refusals(T, declared, current)) == ([], [])


def test_all_added_columns_take_one_statement() -> None:
    declared = make_schema(note="string", shop_id="bigint", comments={"note": "what was said"})
    assert migration_refusals(T, declared, make_schema()) == []
    [step] = evolution_statements(T, declared, make_schema())
    assert (
        step
        == f"ALTER TABLE {T} ADD COLUMNS (`note` string COMMENT {quote_literal('what was said')}, `shop id` bigint)"
    )


def test_wider_types_and_other_comments_take_one_statement_and_a_second_for_columns_of_both() -> None:
    declared = make_schema(quantity="bigint", price="decimal(12,2)", comments={"id": "x", "price": "y"})
    assert migration_refusals(T, declared, make_schema()) == []
    assert evolution_statements(T, declared, make_schema()) == [
        f"ALTER TABLE {T} ALTER COLUMN `id` COMMENT 'x', `quantity` TYPE bigint, `price` TYPE decimal(12,2)",
        f"ALTER TABLE {T} ALTER COLUMN `price` COMMENT 'y'",
    ]


def test_what_widens_within_lists_and_objects_is_named_by_its_path_and_new_fields_are_added() -> None:
    was = make_schema(customer="struct<id:int,at:struct<x:float>>", lines="array<struct<n:int,sku:string>>")
    now = make_schema(
        customer="struct<id:bigint,at:struct<x:double,y:date>>",
        lines="array<struct<n:bigint,sku:string,tags:array<string>>>",
        comments={"customer": "who", "id": "x"},
    )
    assert migration_refusals(T, now, was) == []
    assert evolution_statements(T, now, was) == [
        f"ALTER TABLE {T} ADD COLUMNS (`customer`.`at`.`y` date, `lines`.element.`tags` array<string>)",
        f"ALTER TABLE {T} ALTER COLUMN `id` COMMENT 'x', `customer`.`id` TYPE bigint, `customer`.`at`.`x` TYPE double, "
        "`lines`.element.`n` TYPE bigint",
        f"ALTER TABLE {T} ALTER COLUMN `customer` COMMENT 'who'",
    ]
    [refusal] = migration_refusals(T, make_schema(customer="struct<id:string,at:struct<x:float>>"), was)[:1]
    assert "column `customer` is struct<id:int,at:struct<x:float>>, declared is struct<id:string" in str(refusal)


def test_a_comment_is_left_where_none_is_declared() -> None:
    assert evolution_statements(T, make_schema(), make_schema(comments={"id": "somebody's"})) == []


@pytest.mark.parametrize(
    ("was", "now", "remedy"),
    [
        ("bigint", "int", "declare bigint, which holds both"),
        ("decimal(10,2)", "decimal(8,2)", "declare decimal(10,2), which holds both"),
        ("decimal(10,2)", "decimal(12,3)", "declare decimal(10,2)\n"),
        ("decimal(10,2)", "decimal(10,1)", "declare decimal(10,2)\n"),
        ("int", "decimal(10,0)", "declare int\n"),
        ("int", "string", "declare int\n"),
        ("string", "int", "declare string\n"),
        ("float", "decimal(10,2)", "declare float\n"),
        ("date", "string", "declare date\n"),
    ],
)
def test_any_type_but_a_wider_one_is_refused_with_what_is_left_to_do(was: str, now: str, remedy: str) -> None:
    [refusal] = migration_refusals(T, make_schema(price=now), make_schema(price=was))
    message = str(refusal)
    assert message.startswith(f"- column `price` is {was}, declared is {now}: {remedy}")
    assert (
        "publish it under a new name, as a new column, or as a new dataset; no statement changes this type" in message
    )
    assert "ALTER" not in message


def test_a_column_that_is_not_declared_may_be_declared_renamed_or_dropped() -> None:
    [refusal] = migration_refusals(T, make_schema(quantity=None, pieces="int", shop="string"), make_schema())
    assert str(refusal).splitlines() == [
        "- column `quantity` (int) is in the table, but not declared: declare it",
        "  or rename it, if it is now `pieces`",
        f"    ALTER TABLE {T} RENAME COLUMN `quantity` TO `pieces`;",
        "  or drop it, which only older snapshots then hold",
        f"    ALTER TABLE {T} DROP COLUMN `quantity`;",
    ]


def test_a_dropped_column_takes_its_partition_field_along_and_warns_of_older_readers() -> None:
    current = table_schema(
        PartitionField("identity", "id"), PartitionField("month", "sold on"), sources=("id", "sold on")
    )
    [refusal] = migration_refusals(T, make_schema("id", sold_on=None), current)
    drop = refusal.ways[-1]
    assert "try first that your readers bear that" in drop.words
    assert drop.statements == (
        f"ALTER TABLE {T} DROP PARTITION FIELD months(`sold on`)",
        f"ALTER TABLE {T} DROP COLUMN `sold on`",
    )


def test_a_renamed_column_takes_its_partition_field_along() -> None:
    current = table_schema(PartitionField("identity", "id"), sources=("id",))
    [refusal] = migration_refusals(T, make_schema("key", id=None, key="string"), current)
    assert refusal.ways[1].statements == (f"ALTER TABLE {T} RENAME COLUMN `id` TO `key`",)


def test_a_new_partition_column_is_no_renamed_one_while_its_like_stays_declared() -> None:
    [refusal] = migration_refusals(
        T, make_schema("id", "shop", shop="string"), table_schema(PartitionField("identity", "id"))
    )
    added = ("ADD COLUMNS (`shop` string)", "ADD PARTITION FIELD `shop`")
    assert refusal.ways[1].statements == tuple(f"ALTER TABLE {T} {clause}" for clause in added)


PARTITIONED = table_schema(PartitionField("month", "sold on"), PartitionField("bucket[16]", "id"))


@pytest.mark.parametrize(
    ("declared", "declared_words", "statements"),
    [
        (
            make_schema("day(sold on)", "id"),
            "day(sold on), id",
            ["REPLACE {month} WITH days(`sold on`)", "REPLACE {id} WITH `id`"],
        ),
        (make_schema("month(sold on)"), "month(sold on)", ["DROP {id}"]),
        (make_schema(), "nothing", ["DROP {month}", "DROP {id}"]),
        (
            make_schema("month(sold on)", "year(Due)", "Due", Due="date"),
            "month(sold on), year(Due), Due",
            ["ADD COLUMNS (`Due` date)", "DROP {id}", "ADD PARTITION FIELD years(`Due`)", "ADD PARTITION FIELD `Due`"],
        ),
    ],
)
def test_another_partitioning_is_refused_with_the_statements(
    declared: TableSchema, declared_words: str, statements: list[str]
) -> None:
    [refusal] = migration_refusals(T, declared, PARTITIONED)
    assert refusal.what == f"partitioned by month(sold on), bucket[16](id), declared is {declared_words}"
    fields = {"month": "PARTITION FIELD months(`sold on`)", "id": "PARTITION FIELD bucket(16, `id`)"}
    assert refusal.ways[0].words == "declare month(sold on), bucket[16](id)"
    assert list(refusal.ways[1].statements) == [
        f"ALTER TABLE {T} {template.format(**fields)}" for template in statements
    ]


def test_iceberg_is_told_a_partition_column_in_the_case_that_the_table_has() -> None:
    current = TableSchema((TableColumn("Day", "date", ""),), (PartitionField("month", "Day"),))
    [refusal] = migration_refusals(
        T, TableSchema.from_declared([TableColumn("day", "date", "")], ["year(day)"]), current
    )
    assert refusal.ways[1].statements == (f"ALTER TABLE {T} REPLACE PARTITION FIELD months(`Day`) WITH years(`Day`)",)


def test_a_column_that_takes_no_null_and_a_table_without_branches_are_refused() -> None:
    current = TableSchema(make_schema().columns, required=frozenset({"id"}), branches=False)
    branches, required = migration_refusals(T, make_schema(), current)
    assert branches.ways[0].statements == (f"ALTER TABLE {T} SET TBLPROPERTIES ('write.wap.enabled'='true')",)
    assert required.ways[0].statements == (f"ALTER TABLE {T} ALTER COLUMN `id` DROP NOT NULL",)


def test_every_difference_is_told() -> None:
    differences = [
        refusal.what
        for refusal in migration_refusals(
            T, make_schema("id", id="int", quantity=None, price="decimal(10,3)"), make_schema()
        )
    ]
    assert [re.findall("`.*?`", difference) for difference in differences] == [
        [],
        ["`id`"],
        ["`price`"],
        ["`quantity`"],
    ]


@given(st.text())
def test_no_part_of_a_text_is_syntax(text: str) -> None:
    quoted = quote_literal(text)
    assert re.fullmatch(r"'(\w|\\U[0-9a-f]{8})*'", quoted)
    assert re.sub(r"\\U([0-9a-f]{8})", lambda match: chr(int(match[1], 16)), quoted[1:-1]) == text
