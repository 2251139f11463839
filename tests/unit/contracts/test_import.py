"""An import drafts what a contract of another tool says, lists what it cannot carry, and takes an export back whole."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings.lake_folder import ROOT
from etl.contract.loading import contract_of, parse_contract
from etl.contract.model import Contract
from etl.contract.vocabulary import VOCABULARY
from sluice.cli.app import main
from sluice.contracts.export.odcs import build_document, render_document
from sluice.contracts.lint.lint import PLACEHOLDER
from sluice.contracts.suite_files import find_suites, suite_file
from tests.lake.examples import EXAMPLES, suite_of
from tests.lake.histories import LOW, usual_rule, with_history
from tests.lake.mutations import TRADES

ROWS = "expect_table_row_count_to_be_between"


def run_import(file: Path, out: Path, *typed: str) -> int:
    return main(["import", str(file), "--out", str(out), *typed])


def drafted(out: Path, dataset: str) -> tuple[Contract, Contract]:
    read = [(out / dataset / f"{stage}.json").read_text() for stage in ("input", "output")]
    raw, published = (parse_contract(text, "draft") for text in read)
    return raw, published


def rules_of(contract: Contract) -> dict[str, tuple[str, dict[str, Any], str]]:
    return {rule.rule: (rule.type, rule.kwargs, str(rule.severity)) for rule in contract.rules}


def assert_same_after_import(raw: Contract, published: Contract, folder: Path) -> None:
    file = folder / f"{published.dataset}.odcs.yaml"
    file.write_text(render_document(raw, published))
    assert run_import(file, folder / "back", "--overwrite") == 0
    assert drafted(folder / "back", published.dataset) == (raw, published)


SHIPPED = sorted(
    {
        *(path.parent for path in find_suites([])),
        *(path.parent for path in ROOT.glob("expectations/*/output.json")),
        *(path.parent for path in ROOT.glob("bench/**/output.json") if (path.parent / "input.json").exists()),
    }
)


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: f"{folder.parent.parent.name}.{folder.name}")
def test_export_and_import_of_a_shipped_contract_make_no_difference(folder: Path, tmp_path: Path) -> None:
    raw, published = (suite_file(folder / f"{stage}.json").contract for stage in ("input", "output"))
    assert raw
    assert published
    assert_same_after_import(raw, published, tmp_path)


def test_export_and_import_of_each_expectation_make_no_difference(tmp_path: Path) -> None:
    rules = [
        {
            "type": kind,
            "kwargs": EXAMPLES[kind],
            "meta": {"rule": f"trips.r{number}", "why": "Æ: 'NO'"},
            "severity": "info",
        }
        for number, kind in enumerate(VOCABULARY)
    ]
    suite = suite_of(*rules)
    suite["expectations"][2]["meta"]["counterexample"] = {"stops": -1}
    raw = {**suite_of(), "name": "trips.input"}
    raw["meta"] = {key: raw["meta"][key] for key in ("version", "owner", "description", "columns")}
    assert_same_after_import(contract_of(raw), contract_of(suite), tmp_path)


def test_export_and_import_carry_what_the_standard_has_no_place_for(tmp_path: Path) -> None:
    raw, published = copy.deepcopy(TRADES["input"]), copy.deepcopy(TRADES["output"])
    with_history(usual_rule("rows.low", min_value="rows_low"), rows_low=LOW)(raw)
    with_history(usual_rule("rows.usual", min_value="usual", max_value=9), usual={**LOW, "at_least": 3})(published)
    raw["meta"] |= {
        "arrivals": [
            {"pattern": "trades/*-zone17.csv", "by": "05:30"},
            {"pattern": "trades/*.csv", "manifest": "trades/*.manifest"},
        ],
        "dialect": {"delimiter": ";"},
        "on_poison": "isolate",
        "draft": True,
    }
    published["meta"] |= {
        "on_conflict": "replace",
        "max_quarantined": 0.25,
        "doubts": ["really?"],
        "draft": True,
        "transform": "other",
    }
    published["meta"]["columns"] += [
        {"name": "lines", "type": "array<struct<sku:string,n:int>>", "description": "d", "pii": True},
        {"name": "weight", "type": "double", "description": "d", "non_finite": True},
    ]
    assert_same_after_import(contract_of(raw), contract_of(published), tmp_path)


def edited_export(edit: Any, tmp_path: Path) -> tuple[int, dict[str, Any], Path]:
    document = build_document(contract_of(TRADES["input"]), contract_of(TRADES["output"]))
    document = yaml.safe_load(yaml.safe_dump(json.loads(json.dumps(document))))
    [table] = document["schema"]
    edit(document, {column["name"]: column for column in table["properties"]})
    file = tmp_path / "trades.odcs.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    code = run_import(file, tmp_path / "out")
    return code, document, tmp_path / "out"


def test_what_was_edited_in_an_export_is_what_comes_back(tmp_path: Path) -> None:
    def edit(document: Any, columns: Any) -> None:
        document["version"] = "3.0.0"
        [rest] = [entry["value"] for entry in document["customProperties"] if entry["property"] == "outputContract"]
        rest |= {"doubts": ["really?"], "draft": True}
        columns["region"]["description"] = "where it was sold"
        [range_rule] = [rule for rule in columns["quantity"]["quality"] if rule.get("type") == "sql"]
        range_rule["query"] = "SELECT COUNT(*) FROM {object} WHERE {column} < 2"

    code, _, out = edited_export(edit, tmp_path)
    _, published = drafted(out, "trades")
    assert code == 0
    assert (published.version, published.draft) == ("3.0.0", True)
    assert {column.name: column.description for column in published.columns}["region"] == "where it was sold"
    kind, kwargs, _ = rules_of(published)["trades.quantity.range"]
    assert (kind, kwargs["unexpected_rows_query"]) == (
        "unexpected_rows_expectation",
        "SELECT * FROM {batch} WHERE `quantity` < 2",
    )
    assert published.doubts[0] == "really?"
    assert any("was changed" in doubt for doubt in published.doubts)


FOREIGN = """\
apiVersion: v3.2.0
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553a
version: 1.4.0
status: active
domain: seller
description: {purpose: Orders of the shop., usage: Not for billing.}
team:
  members: [{username: kim, role: Owner}, {username: lee, role: Steward}]
servers:
  - {server: raw, type: s3, location: "s3://x/*.csv", format: csv, delimiter: ";"}
slaProperties:
  - {property: freshness, value: 2, unit: d}
  - {property: retention, value: 3, unit: y}
schema:
  - name: Orders
    physicalName: orders_v1
    description: One order.
    properties:
      - name: order_id
        physicalType: VARCHAR(20)
        primaryKey: true
        primaryKeyPosition: 2
        required: true
      - {name: shop, logicalType: integer, primaryKey: true, primaryKeyPosition: 1}
      - name: amount
        physicalType: "NUMERIC(12, 2)"
        logicalTypeOptions: {minimum: 0, exclusiveMaximum: 1000, multipleOf: 5}
        quality:
          - {type: sql, query: "select count(*) from ${object} where ${column} < 0", mustBe: 0, severity: warning}
          - {type: sql, query: "select avg(x) from y", mustBeLessThan: 7}
          - {type: text, description: Amounts look right.}
      - name: state
        logicalType: string
        logicalTypeOptions: {maxLength: 3}
        classification: restricted
        quality:
          - metric: invalidValues
            arguments: {validValues: [new, old]}
            mustBeLessOrEqualTo: 5
            unit: percent
            dimension: validity
          - {type: custom, engine: soda, implementation: "checks: x"}
          - type: custom
            engine: great-expectations
            implementation: {type: expect_column_values_to_not_be_in_set, kwargs: {column: state, valueSet: [x]}}
      - {name: mail, logicalType: string, tags: [pii], unique: true, physicalName: E_MAIL}
      - {name: made, logicalType: timestamp, logicalTypeOptions: {timezone: false}}
      - {name: tags, logicalType: map}
    quality:
      - {metric: rowCount, mustBeGreaterThan: 9}
  - name: items
    properties:
      - {name: id, logicalType: integer, unique: true}
      - name: buyer
        logicalType: object
        properties: [{name: city, logicalType: string, required: true}, {name: since, logicalType: date}]
"""


def test_a_document_of_another_tool_is_a_draft_for_each_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "seller.yaml"
    file.write_text(FOREIGN)
    assert run_import(file, tmp_path / "out") == 1
    raw, orders = drafted(tmp_path / "out", "orders")
    raw_items, items = drafted(tmp_path / "out", "items")
    assert (orders.draft, orders.version, orders.owner, orders.freshness_hours) == (True, "1.4.0", "kim", 48)
    assert {column.name: str(column.type) for column in orders.columns} == {
        "order_id": "string", "shop": "bigint", "amount": "decimal(12,2)", "state": "string", "mail": "string",
        "made": "timestamp_ntz",
    }  # fmt: skip
    assert (orders.key, items.key) == (("shop", "order_id"), ())
    assert orders.pii == {"mail"}
    assert (raw.draft, raw_items.draft) == (True, True)
    assert (raw_items.format, str(items.columns[1].type)) == ("jsonl", "struct<city:string,since:date>")
    assert (raw.format, raw.dialect.delimiter) == ("csv", ";")
    assert [column.source for column in raw.input_columns if column.source is not None] == ["E_MAIL"]
    carried = {(kind, json.dumps(kwargs)) for kind, kwargs, _ in rules_of(orders).values()}
    assert carried == {
        (ROWS, '{"min_value": 10}'),
        ("expect_compound_columns_to_be_unique", '{"column_list": ["shop", "order_id"]}'),
        ("expect_column_values_to_not_be_null", '{"column": "order_id"}'),
        ("expect_column_values_to_not_be_null", '{"column": "shop"}'),
        ("unexpected_rows_expectation", '{"unexpected_rows_query": "SELECT * FROM {batch} WHERE `amount` < 0"}'),
        (
            "expect_column_values_to_be_between",
            '{"column": "amount", "min_value": 0, "max_value": 1000, "strict_max": true}',
        ),
        ("expect_column_value_lengths_to_be_between", '{"column": "state", "max_value": 3}'),
        ("expect_column_values_to_be_in_set", '{"column": "state", "value_set": ["new", "old"], "mostly": 0.95}'),
        ("expect_column_values_to_not_be_in_set", '{"column": "state", "value_set": ["x"]}'),
        ("expect_column_values_to_be_unique", '{"column": "mail"}'),
    }
    printed = capsys.readouterr().out
    lines = FOREIGN.splitlines()
    for part, words in {
        "id: 5358": "the id", "domain:": "domain", "Not for billing": "description.usage", "lee": "member lee",
        "retention": "retention", "multipleOf": "multipleOf", "avg(x)": "no count of wrong rows", "look right": "rule in words",
        "restricted": "classification", "soda": "engine soda", "dimension": "dimension", "city": "required of buyer.city",
        "logicalType: map": "of type map",
    }.items():  # fmt: skip
        number = next(number for number, line in enumerate(lines, 1) if part in line)
        assert any(
            f"seller.yaml:{number}: " in message and words in message
            for message in printed.replace("\n", " ").split("lost: ")
        ), part
    assert all(f"{file.name}:" in doubt for doubt in orders.doubts)


def test_the_same_document_of_the_older_version_is_read(tmp_path: Path) -> None:
    file = tmp_path / "seller.yaml"
    file.write_text(FOREIGN.replace("v3.2.0", "v3.1.0"))
    assert run_import(file, tmp_path / "out") == 1
    assert (tmp_path / "out/items/output.json").exists()


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
REFUSED = {
    "version": (
        FOREIGN.replace("v3.2.0", "v3.0.2"),
        "seller.yaml:1: apiVersion is 'v3.0.2', and v3.1.0 and v3.2.0 are read",
    ),
    "kind": (FOREIGN.replace("kind: DataContract", "kind: DataProduct"), "seller.yaml:2: kind is 'DataProduct'"),
    "broken": (FOREIGN.replace("version: 1.4.0", "version: [1.4"), "this is no YAML of one document"),
    "two documents": (f"{FOREIGN}---\na: 1\n", "this is no YAML of one document"),
    "twice": (f"{FOREIGN}domain: again\n", "the key 'domain' stands twice"),
    "bomb": (f"{BOMB}apiVersion: v3.2.0\n", "its aliases unpack to more than 100,000 values"),
    "loop": ("a: &a [*a]\n", "nested more than 40 levels deep"),
    "deep": ("[" * 5000, "nested too deep"),
    "class": ("a: !!python/object/apply:os.system [ls]\n", "no contract that is read"),
    "scalar class": ("a: !!python/name:os.system x\n", "could not determine a constructor"),
    "unknown field": (f"{FOREIGN}surprise: 1\n", "seller.yaml:58: surprise"),
    "wrong type": (FOREIGN.replace("status: active", "status: [1]"), "seller.yaml:5: status"),
    "no schema": (FOREIGN[: FOREIGN.index("schema:")], "it describes no table"),
    "no column": (FOREIGN[: FOREIGN.index("    properties:\n      - {name: id")], "items: "),
    "one name": (FOREIGN.replace("name: items", "name: ORDERS"), "two tables would be the dataset orders"),
    "bad column": (FOREIGN.replace("name: state", "name: a.b"), "is no name that Spark can carry"),
    "nothing": ("", "it has no apiVersion"),
    "another": ("dataContractSpecification: 1.1.0\n", "bring it to ODCS v3.1.0 first"),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_refused_with_its_line_and_nothing_is_written(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "seller.yaml"
    file.write_text(text)
    assert run_import(file, tmp_path / "out") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_contract_is_written_over_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "seller.yaml"
    file.write_text(FOREIGN)
    (tmp_path / "out/items").mkdir(parents=True)
    (tmp_path / "out/items/output.json").write_text("mine")
    assert run_import(file, tmp_path / "out") == 2
    assert "is there already" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()] == ["output.json"]
    assert run_import(file, tmp_path / "out", "--overwrite") == 1
    assert parse_contract((tmp_path / "out/items/output.json").read_text(), "x").draft
    assert not list((tmp_path / "out").rglob(".*"))


RULES: list[dict[str, Any]] = [
    {"kind": "expect_table_columns_to_match_ordered_list", "kwargs": {"column_list": ["id", "fare", "city", "day"]}},
    {"kind": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
    {"kind": "expect_column_values_to_be_of_type", "kwargs": {"column": "id", "type_": "VARCHAR(9)"}},
    {
        "kind": "expect_column_values_to_be_between",
        "kwargs": {
            "column": "fare",
            "min_value": 0.5,
            "result_format": "BASIC",
            "catch_exceptions": False,
            "max_value": None,
        },
        "meta": {"notes": {"format": "markdown", "content": ["No free", "rides."]}},
    },
    {
        "kind": "expect_column_values_to_be_in_set",
        "kwargs": {"column": "city", "value_set": ["a"], "row_condition": 'col("fare") > 1.5'},
    },
    {"kind": "expect_column_values_to_be_between", "kwargs": {"column": "day", "min_value": "2020-01-01"}},
    {"kind": "expect_column_kl_divergence_to_be_less_than", "kwargs": {"column": "city"}},
    {"kind": "expect_column_values_to_be_ours", "kwargs": {"column": "city"}},
    {
        "kind": "expect_column_values_to_not_be_null",
        "kwargs": {"column": "day", "row_condition": "fare > 1 and city = 2"},
    },
    {"kind": "expect_column_mean_to_be_between", "kwargs": {"column": "fare", "min_value": {"$PARAMETER": "mine"}}},
]
LAYOUTS = {
    "1.x": {"name": "trips", "meta": {"great_expectations_version": "1.3.0"}, "id": None},
    "0.x": {"expectation_suite_name": "trips.warning", "data_asset_type": "Dataset", "ge_cloud_id": None, "meta": {}},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_suite_of_great_expectations_is_a_draft(
    layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "type" if layout == "1.x" else "expectation_type"
    listed = [
        {key: rule["kind"], **{name: rule[name] for name in ("kwargs", "meta") if name in rule}} for rule in RULES
    ]
    file = tmp_path / "suite.json"
    file.write_text(json.dumps({**LAYOUTS[layout], "expectations": listed}, indent="\t"))
    assert run_import(file, tmp_path / "out") == 1
    raw, published = drafted(tmp_path / "out", "trips")
    assert published.draft
    assert published.owner == PLACEHOLDER
    assert {column.name: str(column.type) for column in published.columns} == {
        "id": "string", "fare": "double", "city": "string", "day": "date"
    }  # fmt: skip
    assert published.key == ("id",)
    assert [column.name for column in raw.columns] == ["id", "fare", "city", "day"]
    rules = rules_of(published)
    assert rules["trips.fare.range"][1] == {"column": "fare", "min_value": 0.5}
    assert rules["trips.city.known"][1]["row_condition"]["parameter"] == 1.5
    assert {rule.rule: rule.why for rule in published.rules}["trips.fare.range"] == "No free rides."
    message = capsys.readouterr().out
    lines = file.read_text().splitlines()
    for kind in ("kl_divergence", "be_ours", "not_be_null", "mean_to_be"):
        number = next(number for number, line in enumerate(lines, 1) if kind in line) - 1
        assert f"lost: {file.name}:{number}:" in message.replace(str(file.parent) + "/", "").replace("\n", " "), kind


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(TRADES["output"]), "is a contract of Sluice already"),
        ('{"expectations": [{"kwargs": {}}]}', "an expectation lacks type"),
        ('{"expectations": []}', "no expectation names a column"),
        ('{"expectations": [1,]}', "this is no JSON"),
        ('{"a": 1, "a": 2, "expectations": []}', "stands twice"),
        (
            '{"expectations": [{"type": "expect_table_row_count_to_equal", "kwargs": {"value": NaN}}]}',
            "NaN is no number of JSON",
        ),
        ("[" * 100_000, "this is no JSON that a contract can be"),
    ],
)
def test_a_suite_that_cannot_be_read_is_refused(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "suite.json"
    file.write_text(text)
    assert run_import(file, tmp_path / "out") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
