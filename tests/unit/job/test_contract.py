"""A contract that cannot be meant is refused whole: every fault at once, each with file, rule and remedy."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contract.loading import parse_contract, parse_suite
from etl.contract.validation.suite import faults_of
from etl.errors import ContractInvalid
from tests.lake import LAKE
from tests.lake.mutations import (
    KEY,
    QUANTITY,
    REGION,
    ROWS,
    TRADES,
    Change,
    change_column,
    change_field,
    change_kwargs,
    change_meta,
    change_rule_meta,
    drop_rule,
    refusal_lines,
    remove_path,
    repeat_rule,
    replace_rule,
)

SHIPPED = sorted((LAKE / "expectations").glob("*/*.json"))

FAULTS: dict[str, tuple[Change, str, str]] = {
    "no suite's key": (lambda s: s.update(data_asset=1), "'data_asset' is no part", "it has name, meta"),
    "a schema that is no text": (
        lambda s: s.update({"$schema": 7}),
        "$schema is 7",
        'write "../schema.json", or drop it',
    ),
    "the model's name of it": (lambda s: s.update(editor_schema=""), "'editor_schema' is no part", "it has name, meta"),
    "a name without stage": (lambda s: s.update(name="trades"), "name is 'trades'", "write <dataset>.input"),
    "an empty suite": (lambda s: s.update(expectations=[]), "has no expectations", "add at least a row count"),
    "no meta": (remove_path("meta"), "meta is missing", "it holds version"),
    "an unknown meta": (change_meta(colour="red"), "meta.colour is unknown in an output suite", "it may have"),
    "an input's meta": (change_meta(format="csv"), "meta.format is unknown in an output suite", "it may have"),
    "no owner": (change_meta(owner=" "), "meta.owner is missing", "give it as text"),
    "a version that is none": (change_meta(version="1.0"), "meta.version is '1.0'", "write a semantic version"),
    "a share above 1": (change_meta(max_quarantined=2), "meta.max_quarantined is 2", "a share from 0 to 1"),
    "no columns": (change_meta(columns=[]), "meta.columns is missing", "list each column's"),
    "a column that is none": (lambda s: s["meta"]["columns"].append("x"), "meta.columns holds 'x'", "is an object"),
    "a column without meaning": (
        change_column(1, description=""),
        "column 'customer_id' has no description",
        "as text",
    ),
    "a column's unknown key": (
        change_column(1, unit="EUR"),
        "column 'customer_id' has an unknown key 'unit'",
        "it may have",
    ),
    "pii as text": (change_column(1, pii="yes"), "column 'customer_id' has pii 'yes'", "write true or false"),
    "an unknown column type": (
        change_column(3, type="number"),
        "column 'quantity' has type 'number'",
        "declare one of",
    ),
    "more scale than precision": (change_column(4, type="decimal(2,3)"), "has type 'decimal(2,3)'", "declare one of"),
    "a column of our own": (change_column(1, name="_object"), "column '_object' starts with _", "rename it"),
    "a name that is syntax": (
        change_column(1, name="a.b"),
        "column 'a.b' is no name that Spark can carry",
        "write letters",
    ),
    "a column twice": (change_column(1, name="Region"), "meta.columns declares 'region' 2 times", "keep one"),
    "no key": (remove_path("meta", "key"), "meta.key is missing", "list the columns"),
    "a key of none and a conflict": (
        change_meta(key=[], on_conflict="replace"),
        "meta.on_conflict is replace, but meta.key is []",
        "drop it, or name the columns of a key",
    ),
    "a key as text": (change_meta(key="region"), "meta.key is missing", "list the columns"),
    "a key not declared": (change_meta(key=["id"]), "meta.key names 'id'", "meta.columns has transaction_id"),
    "a key that is no name": (change_meta(key=[["id"]]), "meta.key names ['id']", "meta.columns has"),
    "a key column twice": (change_meta(key=["region", "region"]), "names a column twice", "keep one"),
    "a partition that is none": (
        change_meta(partition_by=["week(region)"]),
        "has 'week(region)'",
        "year, month, day or hour",
    ),
    "a partition of no date": (
        change_meta(partition_by=["day(region)"]),
        "but 'region' is no date",
        "the column itself",
    ),
    "partitions as text": (change_meta(partition_by="region"), "meta.partition_by is 'region'", "write a list"),
    "a partition twice": (change_meta(partition_by=["region", "region"]), "names a part twice", "keep one"),
    "two parts of one date": (
        change_meta(partition_by=["year(transaction_date)", "month(transaction_date)"]),
        "meta.partition_by has 2 parts of 'transaction_date'",
        "keep the finest",
    ),
    "a column named as a part": (
        lambda s: s["meta"]["columns"].append({"name": "transaction_date_month", "type": "string", "description": "x"}),
        "'transaction_date_month' has the name of the partition",
        "rename the column",
    ),
    "a meaning of two lines": (
        change_column(1, description="a\nb"),
        "description that the catalog",
        "one line of at most 255",
    ),
    "a meaning without end": (change_column(1, description="a" * 256), "description that the catalog", "at most 255"),
    "an unknown conflict": (change_meta(on_conflict="merge"), "meta.on_conflict is 'merge'", "refuse or replace"),
    "a transform that is no name": (
        change_meta(transform="a.b"),
        "meta.transform is 'a.b'",
        "a module of etl/datasets",
    ),
    "a poison of the output": (change_meta(on_poison="isolate"), "meta.on_poison is unknown", "it may have"),
    "hours beyond the watch": (change_meta(freshness_hours=169), "meta.freshness_hours is 169", "from 1 to 168"),
    "no row count": (drop_rule(ROWS), "no critical row-count rule", "add expect_table_row_count_to_be_between"),
    "a row count from 0": (change_kwargs(ROWS, min_value=0), "no critical row-count rule", "min_value 1"),
    "a row count that only informs": (change_field(ROWS, severity="info"), "no critical row-count rule", "min_value 1"),
    "no rule on the key": (drop_rule(KEY), "no rule that the key is unique", "add expect_column_values_to_be_unique"),
    "a key that is mostly unique": (change_kwargs(KEY, mostly=0.9), "no rule that the key is unique", "on meta.key"),
    "another column's uniqueness": (
        change_kwargs(KEY, column="region"),
        "no rule that the key is unique",
        "on meta.key",
    ),
    "an id twice": (repeat_rule(QUANTITY), f"rule {QUANTITY}: this id stands 2 times", "its own"),
    "too deep": (lambda s: s.update(name=json.loads("[" * 30 + "]" * 30)), "more than 20 levels", "needs seven"),
    "half a character": (change_meta(owner="\ud800"), "half of a surrogate pair", "write the character"),
}

CUSTOMER = {"name": "known_customer", "column": "customer_id", "dataset": "buyers", "key": "customer_id"}


def change_reference(**changed: Any) -> Change:
    return change_meta(references=[{**CUSTOMER, **changed}])


FAULTS |= {
    "references that are none": (change_meta(references="buyers"), "meta.references is 'buyers'", "write a list"),
    "half a reference": (
        change_meta(references=[{"name": "x"}]),
        "meta.references holds",
        "an object with name, column",
    ),
    "a reference without name": (
        change_reference(name="Known customer"),
        "name is 'Known customer'",
        "lower-case letters",
    ),
    "a reference named as a column": (change_reference(name="region"), "has the name of a declared column", "its own"),
    "a reference of no column": (
        change_reference(column="buyer"),
        "column is 'buyer', which is not declared",
        "has trans",
    ),
    "a reference to itself": (change_reference(dataset="trades"), "dataset is trades itself", "name another"),
    "a reference to no dataset": (
        change_reference(dataset="My buyers"),
        "dataset is 'My buyers'",
        "such as shoppers",
    ),
    "a reference to no key": (change_reference(key=" "), "key is ' '", "name the key column"),
    "a reference twice": (change_meta(references=[CUSTOMER] * 2), "names 'known_customer' 2 times", "its own name"),
    "an input's reference": (lambda s: s.update(name="trades.input"), "meta.references is unknown", "it may have"),
    "a reference that fails the run": (
        change_field("trades.customer_id.known", severity="critical"),
        "it judges the reference 'known_customer' and is no warning",
        "make it one; max_quarantined 0 fails the run",
    ),
    "a reference as a condition": (
        change_kwargs(
            QUANTITY,
            row_condition={"type": "nullity", "column": {"name": "known_customer"}, "is_null": True},
            condition_parser="spark",
        ),
        "row_condition is about {'name': 'known_customer'}",
        "one of transaction_id",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_its_file_and_its_remedy(case: str) -> None:
    change, expected, remedy = FAULTS[case]
    lines = refusal_lines(change)
    assert [line for line in lines if expected in line and remedy in line.partition("; ")[2]], "\n".join(lines)


INPUT_FAULTS: dict[str, tuple[Change, str]] = {
    "an unknown format": (change_meta(format="xml"), "meta.format is 'xml'; it may be csv, jsonl, parquet, orc"),
    "an output's meta": (change_meta(freshness_hours=26), "meta.freshness_hours is unknown in an input suite"),
    "records of csv": (
        change_meta(records="array"),
        'meta.records stands in an input of csv, whose rows stand in one way; drop it, or write "format": "jsonl"',
    ),
    "records by no path": (
        change_meta(format="jsonl", records="data..items"),
        'meta.records is \'data..items\'; write "lines", "objects", "array", or the names that lead to the list',
    ),
    "files by no glob": (change_meta(files="/x"), "meta.files is '/x'; write a glob such as *.csv"),
    "text between numbers": (
        replace_rule("trades.region.known", "expect_column_values_to_be_between", column="quantity", min_value=1),
        "'quantity' is string, which it cannot judge; judge the column in the output, where it is typed",
    ),
}


@pytest.mark.parametrize("case", INPUT_FAULTS)
def test_an_input_is_held_to_what_an_input_is(case: str) -> None:
    change, message = INPUT_FAULTS[case]
    suite = copy.deepcopy(TRADES["input"])
    change(suite)
    assert [str(fault) for fault in faults_of(suite) if message in str(fault)]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_the_shipped_contracts_load(path: Path) -> None:
    contract = parse_contract(path.read_text(), str(path))
    assert (contract.dataset, contract.stage) == (path.parent.name, path.stem)
    assert contract.rules


@pytest.mark.parametrize("form", ["parquet", "orc"])
def test_a_format_with_types_declares_its_own(form: str) -> None:
    suite = copy.deepcopy(TRADES["input"])
    suite["meta"]["format"] = form
    change_column(3, type="int")(suite)
    contract = parse_contract(json.dumps(suite), "trades/input.json")
    assert (contract.format, contract.columns[3].type) == (form, "int")


def test_every_fault_is_told_at_once() -> None:
    suite = copy.deepcopy(TRADES["output"])
    for change in (
        change_meta(version="one"),
        change_column(1, type="number"),
        change_rule_meta(KEY, why=""),
        change_kwargs(QUANTITY, mostly=2, min_value=2000),
        change_field(REGION, type="expect_joy"),
    ):
        change(suite)
    faults = [(fault.rule, fault.problem) for fault in faults_of(suite)]
    assert [rule for rule, _ in faults] == [None, None, QUANTITY, QUANTITY, REGION, KEY]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"name": 1, "name": 2}', "the key 'name' stands twice"),
        ('{"name": NaN}', "NaN is no number of JSON"),
        ("{", "no JSON"),
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("\ufeff{}", "no JSON"),
        ("[]", "a suite is a JSON object"),
    ],
)
def test_what_is_no_json_object_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(ContractInvalid, match=message):
        parse_contract(text, "trades/input.json")


def test_a_rule_on_the_key_whose_columns_are_no_list_is_a_fault_and_no_traceback() -> None:
    lines = refusal_lines(replace_rule(KEY, "expect_compound_columns_to_be_unique", column_list=0.5))
    assert any("column_list is 0.5" in line for line in lines)
    assert any("no rule that the key is unique" in line for line in lines)


def test_a_counterexample_and_a_quarantine_reach_the_contract() -> None:
    suite = copy.deepcopy(TRADES["output"])
    suite["meta"]["max_quarantined"] = 0.05
    change_rule_meta(QUANTITY, counterexample={"quantity": 0})(suite)
    contract = parse_contract(json.dumps(suite), "trades/output.json")
    assert contract.max_quarantined == 0.05
    assert {rule.rule: rule.counterexample for rule in contract.rules if rule.counterexample} == {
        QUANTITY: {"quantity": 0}
    }


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["region", "trades.x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
@settings(max_examples=100, deadline=None)
def test_no_json_at_all_ends_in_a_traceback(value: Any) -> None:
    suite, faults = parse_suite(json.dumps(value))
    assert faults or isinstance(suite, dict)


def _json_places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (holder, key) below a JSON value."""
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in pairs] + [place for _, inner in pairs for place in _json_places(inner)]


@given(st.sampled_from(["input", "output"]), st.data())
@settings(max_examples=200, deadline=None)
def test_no_mutation_of_a_shipped_suite_ends_in_a_traceback(stage: str, data: st.DataObject) -> None:
    suite = copy.deepcopy(TRADES[stage])
    for _ in range(2):
        holder, key = data.draw(st.sampled_from(_json_places(suite)))
        holder[key] = data.draw(JSON)
    try:
        accepted = parse_contract(json.dumps(suite), "trades.json")
    except ContractInvalid as refused:
        accepted = None
        message = str(refused)
        assert message.startswith("trades.json: ")
    assert accepted is None or accepted.rules


@pytest.mark.parametrize("stage", ["input", "output"])
def test_the_schema_that_an_editor_reads_changes_nothing_of_a_contract(stage: str) -> None:
    plain = parse_contract(json.dumps(TRADES[stage]), stage)
    named = parse_contract(json.dumps({"$schema": "../schema.json", **TRADES[stage]}), stage)
    assert named == plain
    assert named.suite["$schema"] == "../schema.json"
