"""A change of columns, key, partitions, format or promised times is told for those it concerns."""

from typing import Any

import pytest

from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS
from tests.lake.mutations import Change as Mutation
from tests.lake.mutations import Suite, column, kwargs, meta
from tests.unit.contracts.changed import changed

CUSTOMER = {"name": "known", "column": "customer_id", "dataset": "customers", "key": "customer_id"}
NOTE = {"name": "note", "type": "string", "description": "what the shop wrote"}


def insert(place: int, **one: Any) -> Mutation:
    return lambda suite: suite["meta"]["columns"].insert(place, {**NOTE, **one})


def swap(suite: Suite) -> None:
    columns = suite["meta"]["columns"]
    columns[1], columns[2] = columns[2], columns[1]


def typed(*types: str) -> Mutation:
    """Make the input Parquet, whose columns have types, all of them `types[0]` but the quantity."""

    def change(suite: Suite) -> None:
        suite["meta"]["format"] = "parquet"
        suite["meta"]["columns"][3]["type"] = types[-1]

    return change


OUTPUT: dict[str, tuple[Mutation, Mutation, str, str]] = {
    "a column more": (dict, insert(8), "column note: string, what the shop wrote, added", LOOSENED),
    "a column less": (insert(8), lambda s: s["meta"]["columns"].pop(), "column note: removed", CONSUMERS),
    "a column renamed": (insert(8), column(8, name="remark"), "column remark: was note, renamed", CONSUMERS),
    "a wider number": (dict, column(3, type="bigint"), "column quantity: int → bigint, widened", LOOSENED),
    "a wider decimal": (
        insert(8, type="decimal(8,2)"),
        column(8, type="decimal(10,2)"),
        "column note: decimal(8,2) → decimal(10,2), widened",
        LOOSENED,
    ),
    "a narrower decimal": (
        insert(8, type="decimal(10,2)"),
        column(8, type="decimal(8,2)"),
        "column note: decimal(10,2) → decimal(8,2), retyped",
        CONSUMERS,
    ),
    "another scale": (
        insert(8, type="decimal(8,2)"),
        column(8, type="decimal(10,3)"),
        "column note: decimal(8,2) → decimal(10,3), retyped",
        CONSUMERS,
    ),
    "a number as text": (
        insert(8, type="decimal(8,2)"),
        column(8, type="string"),
        "column note: decimal(8,2) → string, retyped",
        CONSUMERS,
    ),
    "another type": (insert(8), column(8, type="date"), "column note: string → date, retyped", CONSUMERS),
    "another order": (
        dict,
        swap,
        "columns: now transaction_id, product_id, customer_id, quantity, unit_price, transaction_date, region, "
        "total_amount, reordered",
        DOCUMENTATION,
    ),
    "another meaning": (
        dict,
        column(1, description="the buyer"),
        "column customer_id: who bought → the buyer, reworded",
        DOCUMENTATION,
    ),
    "a person hidden": (
        dict,
        column(1, pii=True),
        "column customer_id: about a person: its values are now masked, changed",
        DOCUMENTATION,
    ),
    "a person shown": (
        column(1, pii=True),
        column(1, pii=False),
        "column customer_id: no longer about a person: its values are now shown, loosened",
        LOOSENED,
    ),
    "partitions": (
        dict,
        meta(partition_by=["region"]),
        "partition_by: region, month(transaction_date) → region, changed",
        CONSUMERS,
    ),
    "no partitions": (
        meta(partition_by=["region"]),
        lambda suite: suite["meta"].pop("partition_by"),
        "partition_by: region → none, changed",
        CONSUMERS,
    ),
    "later data": (
        dict,
        meta(freshness_hours=48),
        "freshness_hours: at most 26 hours old → 48, loosened",
        CONSUMERS,
    ),
    "sooner data": (
        dict,
        meta(freshness_hours=13),
        "freshness_hours: at most 26 hours old → 13, tightened",
        PRODUCERS,
    ),
    "more set aside": (dict, meta(max_quarantined=0.75), "max_quarantined: 50 % → 75 %, loosened", LOOSENED),
    "a reference less": (
        meta(references=[CUSTOMER]),
        meta(references=[]),
        "references: customer_id to customers.customer_id as known → none, changed",
        DOCUMENTATION,
    ),
    "less set aside": (
        meta(max_quarantined=0.05),
        meta(max_quarantined=0.01),
        "max_quarantined: 5 % → 1 %, tightened",
        PRODUCERS,
    ),
    "another owner": (dict, meta(owner="shops"), "owner: sales-data → shops, reworded", DOCUMENTATION),
    "another text": (
        dict,
        meta(description="Sales."),
        "description: One row per sale, as published. → Sales., reworded",
        DOCUMENTATION,
    ),
    "a version alone": (dict, meta(version="2.0.0"), "", ""),
}
INPUT: dict[str, tuple[Mutation, Mutation, str, str]] = {
    "a column more": (dict, insert(7), "column note: string, what the shop wrote, added", PRODUCERS),
    "a column less": (insert(7), lambda s: s["meta"]["columns"].pop(), "column note: removed", PRODUCERS),
    "a column renamed": (insert(7), column(7, name="remark"), "column remark: was note, renamed", PRODUCERS),
    "another order of csv": (
        dict,
        swap,
        "columns: now transaction_id, product_id, customer_id, quantity, unit_price, transaction_date, region, reordered",
        PRODUCERS,
    ),
    "another order of json": (
        meta(format="jsonl"),
        swap,
        "columns: now transaction_id, product_id, customer_id, quantity, unit_price, transaction_date, region, reordered",
        DOCUMENTATION,
    ),
    "another format": (dict, meta(format="jsonl"), "format: csv → jsonl, changed", PRODUCERS),
    "another type": (typed("int"), typed("bigint"), "column quantity: int → bigint, retyped", PRODUCERS),
}
CASES = [("output", what, *case) for what, case in OUTPUT.items()] + [
    ("input", what, *case) for what, case in INPUT.items()
]


@pytest.mark.parametrize(
    ("stage", "before", "change", "words", "label"),
    [(stage, *case) for stage, _, *case in CASES],
    ids=[f"{stage}: {what}" for stage, what, *_ in CASES],
)
def test_it_is_told(stage: str, before: Mutation, change: Mutation, words: str, label: str) -> None:
    found = [(str(one), one.label) for one in changed(change, before, stage)]
    assert found == ([(words, label)] if words else [])


def test_another_key_breaks_readers() -> None:
    def rekeyed(suite: Suite) -> None:
        meta(key=["customer_id"])(suite)
        kwargs("sales.transaction_id.unique", column="customer_id")(suite)

    found = {one.subject: (one.words, one.label) for one in changed(rekeyed)}
    assert found["key"] == ("transaction_id → customer_id", CONSUMERS)
    assert found["sales.transaction_id.unique"][1] == CONSUMERS


def test_a_renamed_column_is_told_once_and_not_again_for_each_of_its_rules() -> None:
    def before(suite: Suite) -> None:
        condition = {"type": "nullity", "column": {"name": "transaction_date"}, "is_null": False}
        kwargs("sales.quantity.range", row_condition=condition)(suite)

    def rename(suite: Suite) -> None:
        text = {"column": "transaction_date"}
        column(5, name="sold_on")(suite)
        meta(partition_by=["region", "month(sold_on)"])(suite)
        for rule in suite["expectations"]:
            if rule["kwargs"].items() >= text.items():
                rule["kwargs"]["column"] = "sold_on"
        kwargs("sales.quantity.range")(suite)
        rule = next(one for one in suite["expectations"] if "row_condition" in one["kwargs"])
        rule["kwargs"]["row_condition"]["column"]["name"] = "sold_on"

    assert [str(one) for one in changed(rename, before)] == ["column sold_on: was transaction_date, renamed"]
