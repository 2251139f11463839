"""A change of columns, key, partitions, format or promised times is told for those it concerns."""

from typing import Any

import pytest

from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS
from tests.lake.mutations import Change as Mutation
from tests.lake.mutations import Suite, change_column, change_kwargs, change_meta
from tests.unit.contracts.changed import changes_after

CUSTOMER = {"name": "known", "column": "customer_id", "dataset": "buyers", "key": "customer_id"}
NOTE = {"name": "note", "type": "string", "description": "what the shop wrote"}


def insert_column(place: int, **column: Any) -> Mutation:
    return lambda suite: suite["meta"]["columns"].insert(place, {**NOTE, **column})


def swap_columns(suite: Suite) -> None:
    columns = suite["meta"]["columns"]
    columns[1], columns[2] = columns[2], columns[1]


def with_types(*types: str) -> Mutation:
    """Make the input Parquet, whose columns have types, all of them `types[0]` but the quantity."""

    def set_types(suite: Suite) -> None:
        suite["meta"]["format"] = "parquet"
        suite["meta"]["columns"][3]["type"] = types[-1]

    return set_types


OUTPUT: dict[str, tuple[Mutation, Mutation, str, str]] = {
    "a column more": (dict, insert_column(8), "column note: string, what the shop wrote, added", LOOSENED),
    "a column less": (insert_column(8), lambda s: s["meta"]["columns"].pop(), "column note: removed", CONSUMERS),
    "a column renamed": (
        insert_column(8),
        change_column(8, name="remark"),
        "column remark: was note, renamed",
        CONSUMERS,
    ),
    "a wider number": (dict, change_column(3, type="bigint"), "column quantity: int → bigint, widened", LOOSENED),
    "a wider decimal": (
        insert_column(8, type="decimal(8,2)"),
        change_column(8, type="decimal(10,2)"),
        "column note: decimal(8,2) → decimal(10,2), widened",
        LOOSENED,
    ),
    "a narrower decimal": (
        insert_column(8, type="decimal(10,2)"),
        change_column(8, type="decimal(8,2)"),
        "column note: decimal(10,2) → decimal(8,2), retyped",
        CONSUMERS,
    ),
    "another scale": (
        insert_column(8, type="decimal(8,2)"),
        change_column(8, type="decimal(10,3)"),
        "column note: decimal(8,2) → decimal(10,3), retyped",
        CONSUMERS,
    ),
    "a number as text": (
        insert_column(8, type="decimal(8,2)"),
        change_column(8, type="string"),
        "column note: decimal(8,2) → string, retyped",
        CONSUMERS,
    ),
    "another type": (insert_column(8), change_column(8, type="date"), "column note: string → date, retyped", CONSUMERS),
    "another order": (
        dict,
        swap_columns,
        "columns: now transaction_id, product_id, customer_id, quantity, unit_price, transaction_date, region, "
        "total_amount, reordered",
        DOCUMENTATION,
    ),
    "another meaning": (
        dict,
        change_column(1, description="the buyer"),
        "column customer_id: who bought → the buyer, reworded",
        DOCUMENTATION,
    ),
    "a person hidden": (
        dict,
        change_column(1, pii=True),
        "column customer_id: about a person: its values are now masked, changed",
        DOCUMENTATION,
    ),
    "a person shown": (
        change_column(1, pii=True),
        change_column(1, pii=False),
        "column customer_id: no longer about a person: its values are now shown, loosened",
        LOOSENED,
    ),
    "partitions": (
        dict,
        change_meta(partition_by=["region"]),
        "partition_by: region, month(transaction_date) → region, changed",
        CONSUMERS,
    ),
    "no partitions": (
        change_meta(partition_by=["region"]),
        lambda suite: suite["meta"].pop("partition_by"),
        "partition_by: region → none, changed",
        CONSUMERS,
    ),
    "NaN for readers": (
        insert_column(8, type="double"),
        change_column(8, non_finite=True),
        "column note: it may be NaN or infinite, loosened",
        CONSUMERS,
    ),
    "no NaN for readers": (
        insert_column(8, type="double", non_finite=True),
        change_column(8, non_finite=False),
        "column note: it may no longer be NaN or infinite, tightened",
        PRODUCERS,
    ),
    "a wider float": (
        insert_column(8, type="float"),
        change_column(8, type="double"),
        "column note: float → double, widened",
        LOOSENED,
    ),
    "a moment for a local time": (
        insert_column(8, type="timestamp_ntz"),
        change_column(8, type="timestamp"),
        "column note: timestamp_ntz → timestamp, retyped",
        CONSUMERS,
    ),
    "later data": (
        dict,
        change_meta(freshness_hours=48),
        "freshness_hours: at most 26 hours old → 48, loosened",
        CONSUMERS,
    ),
    "sooner data": (
        dict,
        change_meta(freshness_hours=13),
        "freshness_hours: at most 26 hours old → 13, tightened",
        PRODUCERS,
    ),
    "more set aside": (dict, change_meta(max_quarantined=0.75), "max_quarantined: 50 % → 75 %, loosened", LOOSENED),
    "a reference less": (
        change_meta(references=[CUSTOMER]),
        change_meta(references=[]),
        "references: customer_id to buyers.customer_id as known → none, changed",
        DOCUMENTATION,
    ),
    "less set aside": (
        change_meta(max_quarantined=0.05),
        change_meta(max_quarantined=0.01),
        "max_quarantined: 5 % → 1 %, tightened",
        PRODUCERS,
    ),
    "another's transform": (
        change_meta(transform="totals"),
        change_meta(transform="amounts"),
        "transform: totals → amounts, changed",
        DOCUMENTATION,
    ),
    "another owner": (dict, change_meta(owner="shops"), "owner: trades-data → shops, reworded", DOCUMENTATION),
    "another text": (
        dict,
        change_meta(description="Trades."),
        "description: One row per sale, as published. → Trades., reworded",
        DOCUMENTATION,
    ),
    "a version alone": (dict, change_meta(version="2.0.0"), "", ""),
}
INPUT: dict[str, tuple[Mutation, Mutation, str, str]] = {
    "a column more": (dict, insert_column(7), "column note: string, what the shop wrote, added", PRODUCERS),
    "a column less": (insert_column(7), lambda s: s["meta"]["columns"].pop(), "column note: removed", PRODUCERS),
    "a column renamed": (
        insert_column(7),
        change_column(7, name="remark"),
        "column remark: was note, renamed",
        PRODUCERS,
    ),
    "another order of csv": (
        dict,
        swap_columns,
        "columns: now transaction_id, product_id, customer_id, quantity, unit_price, transaction_date, region, reordered",
        PRODUCERS,
    ),
    "another order of json": (
        change_meta(format="jsonl"),
        swap_columns,
        "columns: now transaction_id, product_id, customer_id, quantity, unit_price, transaction_date, region, reordered",
        DOCUMENTATION,
    ),
    "other records": (
        change_meta(format="jsonl"),
        change_meta(records="data.items"),
        "records: lines → data.items, changed",
        PRODUCERS,
    ),
    "other files": (dict, change_meta(files="*.csv"), "files: all → *.csv, changed", PRODUCERS),
    "copies": (dict, change_meta(copies="allow"), "copies: refuse → allow, changed", LOOSENED),
    "names in any order": (
        dict,
        change_meta(header_match="by_name"),
        "header_match: exact → by_name, loosened",
        LOOSENED,
    ),
    "names in one order": (
        change_meta(header_match="by_name"),
        lambda suite: suite["meta"].pop("header_match"),
        "header_match: by_name → exact, changed",
        PRODUCERS,
    ),
    "columns beside": (dict, change_meta(extra_columns="ignore"), "extra_columns: refuse → ignore, loosened", LOOSENED),
    "no columns beside": (
        change_meta(extra_columns="ignore"),
        change_meta(extra_columns="refuse"),
        "extra_columns: ignore → refuse, changed",
        PRODUCERS,
    ),
    "another delimiter": (
        dict,
        change_meta(dialect={"delimiter": ";"}),
        'dialect delimiter: "," → ";", changed',
        PRODUCERS,
    ),
    "line ends in values": (
        dict,
        change_meta(dialect={"multi_line": True}),
        "dialect multi_line: false → true, loosened",
        LOOSENED,
    ),
    "no line ends in values": (
        change_meta(dialect={"multi_line": True}),
        change_meta(dialect={}),
        "dialect multi_line: true → false, changed",
        PRODUCERS,
    ),
    "more texts that are null": (
        change_meta(dialect={"null_values": ["NA"]}),
        change_meta(dialect={"null_values": ["NA", "-"]}),
        'dialect null_values: ["NA"] → ["NA", "-"], loosened',
        LOOSENED,
    ),
    "fewer texts that are null": (
        change_meta(dialect={"null_values": ["NA", "-"]}),
        change_meta(dialect={"null_values": ["-"]}),
        'dialect null_values: ["NA", "-"] → ["-"], changed',
        PRODUCERS,
    ),
    "a time zone": (
        insert_column(7, type="timestamp"),
        change_column(7, zone="Europe/Berlin"),
        "column note: zone: none → 'Europe/Berlin', changed",
        PRODUCERS,
    ),
    "a wider number as text": (
        insert_column(7, type="decimal(8,2)"),
        change_column(7, type="decimal(10,2)"),
        "column note: decimal(8,2) → decimal(10,2), widened",
        LOOSENED,
    ),
    "a narrower number as text": (
        insert_column(7, type="bigint"),
        change_column(7, type="int"),
        "column note: bigint → int, retyped",
        PRODUCERS,
    ),
    "a moment for a local time": (
        insert_column(7, type="timestamp_ntz"),
        change_column(7, type="timestamp"),
        "column note: timestamp_ntz → timestamp, retyped",
        PRODUCERS,
    ),
    "NaN from producers": (
        insert_column(7, type="double"),
        change_column(7, non_finite=True),
        "column note: it may be NaN or infinite, loosened",
        CONSUMERS,
    ),
    "another format": (dict, change_meta(format="jsonl"), "format: csv → jsonl, changed", PRODUCERS),
    "another type": (with_types("int"), with_types("bigint"), "column quantity: int → bigint, retyped", PRODUCERS),
}
CASES = [("output", case_name, *case) for case_name, case in OUTPUT.items()] + [
    ("input", what, *case) for what, case in INPUT.items()
]


@pytest.mark.parametrize(
    ("stage", "before", "change", "words", "label"),
    [(stage, *case) for stage, _, *case in CASES],
    ids=[f"{stage}: {what}" for stage, what, *_ in CASES],
)
def test_it_is_told(stage: str, before: Mutation, change: Mutation, words: str, label: str) -> None:
    changes = [(str(meta_change), meta_change.label) for meta_change in changes_after(change, before, stage)]
    assert changes == ([(words, label)] if words else [])


def test_another_key_breaks_readers() -> None:
    def change_key(suite: Suite) -> None:
        change_meta(key=["customer_id"])(suite)
        change_kwargs("trades.transaction_id.unique", column="customer_id")(suite)

    by_subject = {change.subject: (change.words, change.label) for change in changes_after(change_key)}
    assert by_subject["key"] == ("transaction_id → customer_id", CONSUMERS)
    assert by_subject["trades.transaction_id.unique"][1] == CONSUMERS


def test_a_renamed_column_is_told_once_and_not_again_for_each_of_its_rules() -> None:
    def prepare_suite(suite: Suite) -> None:
        condition = {"type": "nullity", "column": {"name": "transaction_date"}, "is_null": False}
        change_kwargs("trades.quantity.range", row_condition=condition)(suite)

    def rename_column(suite: Suite) -> None:
        text = {"column": "transaction_date"}
        change_column(5, name="sold_on")(suite)
        change_meta(partition_by=["region", "month(sold_on)"])(suite)
        for rule in suite["expectations"]:
            if rule["kwargs"].items() >= text.items():
                rule["kwargs"]["column"] = "sold_on"
        change_kwargs("trades.quantity.range")(suite)
        rule = next(expectation for expectation in suite["expectations"] if "row_condition" in expectation["kwargs"])
        rule["kwargs"]["row_condition"]["column"]["name"] = "sold_on"

    assert [str(change) for change in changes_after(rename_column, prepare_suite)] == [
        "column sold_on: was transaction_date, renamed"
    ]
