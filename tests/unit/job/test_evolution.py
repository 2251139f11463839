"""What a table's schema may become by itself and what takes a migration, as plain data."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.contract.model import ColumnSpec
from etl.iceberg.migration import refusals
from etl.iceberg.schema import Part, Schema, literal
from etl.iceberg.schema_evolution import steps

T = "lake.db.sales"
COLUMNS = {"id": "string", "quantity": "int", "price": "decimal(10,2)", "sold on": "date"}


def schema(*partition_by: str, comments: dict[str, str] | None = None, **columns: Any) -> Schema:
    """Return a schema of these columns beside, or with None without, `COLUMNS`; `_` in a name stands for a space."""
    changed = {**COLUMNS, **{name.replace("_", " "): kind for name, kind in columns.items()}}
    texts = comments or {}
    return Schema.declared(
        [ColumnSpec(name, kind, texts.get(name, "")) for name, kind in changed.items() if kind], partition_by
    )


def found(*parts: Part, sources: tuple[str, ...] = (), **columns: Any) -> Schema:
    return Schema(schema(**columns).columns, parts, sources=frozenset(sources))


def test_what_is_as_declared_takes_no_step_and_no_migration() -> None:
    declared = schema("id", "month(sold on)", comments={"id": "the sale"})
    there = Schema(declared.columns, (Part("month", "sold on"), Part("identity", "id")))
    assert (steps(T, declared, there), refusals(T, declared, there)) == ([], [])


def test_names_are_one_whatever_their_case_and_columns_whatever_their_order() -> None:
    declared = Schema.declared([ColumnSpec("ID", "string", ""), ColumnSpec("Sold On", "date", "")], ["month(Sold On)"])
    there = Schema((ColumnSpec("sold on", "date", ""), ColumnSpec("id", "string", "")), (Part("month", "sold on"),))
    assert (steps(T, declared, there), refusals(T, declared, there)) == ([], [])


def test_a_type_is_one_however_its_digits_are_written() -> None:
    declared, there = schema(price="decimal(10,02)"), schema()
    assert (steps(T, declared, there), refusals(T, declared, there)) == ([], [])


def test_all_added_columns_take_one_statement() -> None:
    declared = schema(note="string", shop_id="bigint", comments={"note": "what was said"})
    assert refusals(T, declared, schema()) == []
    [step] = steps(T, declared, schema())
    assert step == f"ALTER TABLE {T} ADD COLUMNS (`note` string COMMENT {literal('what was said')}, `shop id` bigint)"


def test_wider_types_and_other_comments_take_one_statement_and_a_second_for_columns_of_both() -> None:
    declared = schema(quantity="bigint", price="decimal(12,2)", comments={"id": "x", "price": "y"})
    assert refusals(T, declared, schema()) == []
    assert steps(T, declared, schema()) == [
        f"ALTER TABLE {T} ALTER COLUMN `id` COMMENT 'x', `price` TYPE decimal(12,2), `quantity` TYPE bigint",
        f"ALTER TABLE {T} ALTER COLUMN `price` COMMENT 'y'",
    ]


def test_a_comment_is_left_where_none_is_declared() -> None:
    assert steps(T, schema(), schema(comments={"id": "somebody's"})) == []


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
    [refusal] = refusals(T, schema(price=now), schema(price=was))
    said = str(refusal)
    assert said.startswith(f"- column `price` is {was}, declared is {now}: {remedy}")
    assert "publish it under a new name, as a new column, or as a new dataset; no statement changes this type" in said
    assert "ALTER" not in said


def test_a_column_that_is_not_declared_may_be_declared_renamed_or_dropped() -> None:
    [refusal] = refusals(T, schema(quantity=None, pieces="int", shop="string"), schema())
    assert str(refusal).splitlines() == [
        "- column `quantity` (int) is in the table, but not declared: declare it",
        "  or rename it, if it is now `pieces`",
        f"    ALTER TABLE {T} RENAME COLUMN `quantity` TO `pieces`;",
        "  or drop it, which only older snapshots then hold",
        f"    ALTER TABLE {T} DROP COLUMN `quantity`;",
    ]


def test_a_dropped_column_takes_its_partition_field_along_and_warns_of_older_readers() -> None:
    there = found(Part("identity", "id"), Part("month", "sold on"), sources=("id", "sold on"))
    [refusal] = refusals(T, schema("id", sold_on=None), there)
    drop = refusal.ways[-1]
    assert "try first that your readers bear that" in drop.words
    assert drop.statements == (
        f"ALTER TABLE {T} DROP PARTITION FIELD months(`sold on`)",
        f"ALTER TABLE {T} DROP COLUMN `sold on`",
    )


def test_a_renamed_column_takes_its_partition_field_along() -> None:
    there = found(Part("identity", "id"), sources=("id",))
    [refusal] = refusals(T, schema("key", id=None, key="string"), there)
    assert refusal.ways[1].statements == (f"ALTER TABLE {T} RENAME COLUMN `id` TO `key`",)


def test_a_new_partition_column_is_no_renamed_one_while_its_like_stays_declared() -> None:
    [refusal] = refusals(T, schema("id", "shop", shop="string"), found(Part("identity", "id")))
    added = ("ADD COLUMNS (`shop` string)", "ADD PARTITION FIELD `shop`")
    assert refusal.ways[1].statements == tuple(f"ALTER TABLE {T} {one}" for one in added)


PARTITIONED = found(Part("month", "sold on"), Part("bucket[16]", "id"))


@pytest.mark.parametrize(
    ("declared", "words", "statements"),
    [
        (
            schema("day(sold on)", "id"),
            "day(sold on), id",
            ["REPLACE {month} WITH days(`sold on`)", "REPLACE {id} WITH `id`"],
        ),
        (schema("month(sold on)"), "month(sold on)", ["DROP {id}"]),
        (schema(), "nothing", ["DROP {month}", "DROP {id}"]),
        (
            schema("month(sold on)", "year(Due)", "Due", Due="date"),
            "month(sold on), year(Due), Due",
            ["ADD COLUMNS (`Due` date)", "DROP {id}", "ADD PARTITION FIELD years(`Due`)", "ADD PARTITION FIELD `Due`"],
        ),
    ],
)
def test_another_partitioning_is_refused_with_the_statements(
    declared: Schema, words: str, statements: list[str]
) -> None:
    [refusal] = refusals(T, declared, PARTITIONED)
    assert refusal.what == f"partitioned by month(sold on), bucket[16](id), declared is {words}"
    fields = {"month": "PARTITION FIELD months(`sold on`)", "id": "PARTITION FIELD bucket(16, `id`)"}
    assert refusal.ways[0].words == "declare month(sold on), bucket[16](id)"
    assert list(refusal.ways[1].statements) == [f"ALTER TABLE {T} {one.format(**fields)}" for one in statements]


def test_iceberg_is_told_a_partition_column_in_the_case_that_the_table_has() -> None:
    there = Schema((ColumnSpec("Day", "date", ""),), (Part("month", "Day"),))
    [refusal] = refusals(T, Schema.declared([ColumnSpec("day", "date", "")], ["year(day)"]), there)
    assert refusal.ways[1].statements == (f"ALTER TABLE {T} REPLACE PARTITION FIELD months(`Day`) WITH years(`Day`)",)


def test_a_column_that_takes_no_null_and_a_table_without_branches_are_refused() -> None:
    there = Schema(schema().columns, required=frozenset({"id"}), branches=False)
    branches, required = refusals(T, schema(), there)
    assert branches.ways[0].statements == (f"ALTER TABLE {T} SET TBLPROPERTIES ('write.wap.enabled'='true')",)
    assert required.ways[0].statements == (f"ALTER TABLE {T} ALTER COLUMN `id` DROP NOT NULL",)


def test_every_difference_is_told() -> None:
    told = [one.what for one in refusals(T, schema("id", id="int", quantity=None, price="decimal(10,3)"), schema())]
    assert [re.findall("`.*?`", what) for what in told] == [[], ["`id`"], ["`price`"], ["`quantity`"]]


@given(st.text())
def test_no_part_of_a_text_is_syntax(text: str) -> None:
    said = literal(text)
    assert re.fullmatch(r"'(\w|\\U[0-9a-f]{8})*'", said)
    assert re.sub(r"\\U([0-9a-f]{8})", lambda one: chr(int(one[1], 16)), said[1:-1]) == text
