"""An export is one document of the Open Data Contract Standard a dataset, and loses nothing of the contract."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from components.settings.lake_folder import ROOT
from etl.contract.loading import contract_of
from etl.contract.vocabulary import VOCABULARY
from sluice.cli.app import main
from sluice.contracts.export.odcs import build_document, render_document
from sluice.contracts.suite_files import find_suites, suite_file
from tests.csv_contracts import csv_contract
from tests.lake import LAKE
from tests.lake.examples import COLUMNS, EXAMPLES, suite_of
from tests.lake.mutations import TRADES
from tests.unit.contracts.conftest import Write

DATASETS = ("buyers", "goods", "trades")


def run_export(*typed: str) -> int:
    return main(["export", "--odcs", *typed])


def printed_document(dataset: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run_export(dataset) == 0
    return yaml.safe_load(capsys.readouterr().out)


def rules_of(exported: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the quality rules of a document by name, wherever they stand."""
    (table,) = exported["schema"]
    listed = [
        *table.get("quality", ()),
        *(rule for column in table["properties"] for rule in column.get("quality", ())),
    ]
    assert len({rule["name"] for rule in listed}) == len(listed)
    return {rule["name"]: rule for rule in listed}


def of_trades(**meta: Any) -> dict[str, Any]:
    """Return the document of the shipped trades contracts, the output's meta changed."""
    suite = copy.deepcopy(TRADES["output"])
    suite["meta"].update(meta)
    return build_document(contract_of(TRADES["input"]), contract_of(suite))


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_rule_and_column_of_a_shipped_contract_is_in_its_document(
    dataset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exported_contract = printed_document(dataset, capsys)
    contract = suite_file(LAKE / f"expectations/{dataset}/output.json").contract
    assert contract
    assert (exported_contract["kind"], exported_contract["name"], exported_contract["status"]) == (
        "DataContract",
        dataset,
        "active",
    )
    assert (exported_contract["version"], exported_contract["team"]) == (contract.version, {"name": contract.owner})
    (table,) = exported_contract["schema"]
    columns = [(column["name"], column["physicalType"], column["description"]) for column in table["properties"]]
    assert columns == [(column.name, column.type, column.description) for column in contract.columns]
    exported = {
        name: (exported_rule["severity"], exported_rule["businessImpact"])
        for name, exported_rule in rules_of(exported_contract).items()
    }
    assert exported == {rule.rule: (rule.severity, rule.why) for rule in contract.rules}


def test_a_property_says_what_holds_of_every_row() -> None:
    properties = {column["name"]: column for column in of_trades()["schema"][0]["properties"]}
    key, region, day = properties["transaction_id"], properties["region"], properties["transaction_date"]
    assert (key["primaryKey"], key["primaryKeyPosition"], key["required"], key["unique"]) == (True, 1, True, True)
    assert (region["partitioned"], region["partitionKeyPosition"], day["partitionKeyPosition"]) == (True, 1, 2)
    assert properties["quantity"]["logicalTypeOptions"] == {"minimum": 1, "maximum": 1000}
    logical = {name: column["logicalType"] for name, column in properties.items()}
    assert (logical["quantity"], logical["unit_price"], logical["transaction_date"]) == ("integer", "number", "date")


def test_what_only_a_share_of_rows_or_a_warning_holds_a_property_does_not_say() -> None:
    suite = copy.deepcopy(TRADES["output"])
    rules = {rule["meta"]["rule"]: rule for rule in suite["expectations"]}
    rules["trades.quantity.kept"]["severity"] = "warning"
    rules["trades.region.kept"]["kwargs"]["mostly"] = 0.9
    rules["trades.quantity.range"]["severity"] = "info"
    exported = build_document(contract_of(TRADES["input"]), contract_of(suite))
    properties = {column["name"]: column for column in exported["schema"][0]["properties"]}
    assert "required" not in properties["quantity"]
    assert "logicalTypeOptions" not in properties["quantity"]
    assert "required" not in properties["region"]
    assert rules_of(exported)["trades.region.kept"]["mustBeLessOrEqualTo"] == 10
    assert rules_of(exported)["trades.region.kept"]["unit"] == "percent"


def test_personal_columns_are_tagged(capsys: pytest.CaptureFixture[str]) -> None:
    properties = printed_document("buyers", capsys)["schema"][0]["properties"]
    tagged = [
        column["name"] for column in properties if column.get("tags") == ["pii"] and column["classification"] == "pii"
    ]
    assert tagged == ["name", "email"]


def test_what_the_standard_has_no_field_for_is_a_custom_property() -> None:
    references = [{"name": "known", "column": "customer_id", "dataset": "buyers", "key": "customer_id"}]
    exported = of_trades(max_quarantined=0.25, references=references, partition_by=["month(transaction_date)"])
    custom = {custom_property["property"]: custom_property["value"] for custom_property in exported["customProperties"]}
    assert custom["outputContract"].items() >= {"max_quarantined": 0.25, "references": references}.items()
    assert custom["inputContract"] == TRADES["input"]
    (table,) = exported["schema"]
    assert table["customProperties"] == [{"property": "partitionBy", "value": ["month(transaction_date)"]}]
    pointing = {column["name"]: column["relationships"] for column in table["properties"] if "relationships" in column}
    to = "buyers.odcs.yaml#schema/buyers/properties/customer_id"
    assert pointing == {"customer_id": [{"type": "foreignKey", "to": to}]}


def test_freshness_is_a_service_level_and_a_draft_a_draft() -> None:
    exported = of_trades(freshness_hours=30, draft=True)
    (level,) = exported["slaProperties"]
    assert (level["property"], level["value"], level["unit"]) == ("freshness", 30, "h")
    assert exported["status"] == "draft"


METRICS = {
    "expect_table_row_count_to_be_between": {"metric": "rowCount", "mustBeGreaterOrEqualTo": 1},
    "expect_table_row_count_to_equal": {"metric": "rowCount", "mustBe": 24},
    "expect_column_values_to_not_be_null": {"metric": "nullValues", "mustBeLessOrEqualTo": 5, "unit": "percent"},
    "expect_column_values_to_be_unique": {"metric": "duplicateValues", "mustBe": 0},
    "expect_column_values_to_be_in_set": {
        "metric": "invalidValues",
        "arguments": {"validValues": ["Bern", "Basel"]},
        "mustBe": 0,
    },
}


QUERIES = {
    "expect_column_values_to_be_null": "city IS NOT NULL",
    "expect_column_values_to_be_between": "fare <= 0 OR fare > 99.5",
    "expect_column_values_to_not_be_in_set": "stops IN (0, 99)",
    "expect_column_value_lengths_to_be_between": "CHAR_LENGTH(city) < 1 OR CHAR_LENGTH(city) > 30",
    "expect_column_value_lengths_to_equal": "CHAR_LENGTH(city) <> 3",
    "expect_column_pair_values_to_be_equal": "seats <> stops OR (seats IS NULL AND stops IS NOT NULL)",
    "expect_column_pair_values_a_to_be_greater_than_b": "seats < stops",
    "expect_multicolumn_sum_to_equal": "COALESCE(stops, 0) + COALESCE(seats, 0) <> 40",
    "expect_column_sum_to_be_between": "SUM(fare)",
    "expect_column_mean_to_be_between": "AVG(fare)",
    "expect_column_min_to_be_between": "figure < DATE '2025-01-01'",
    "expect_column_max_to_be_between": "figure > CURRENT_DATE",
    "expect_column_unique_value_count_to_be_between": "COUNT(DISTINCT city)",
    "expect_column_proportion_of_unique_values_to_be_between": "figure > 0.5",
    "expect_column_proportion_of_non_null_values_to_be_between": "figure < 0.9",
    "expect_column_distinct_values_to_be_in_set": "city NOT IN ('Bern', 'Basel')",
    "expect_column_distinct_values_to_contain_set": "SELECT 1 - COUNT(DISTINCT city)",
    "unexpected_rows_expectation": "FROM (select * from {object} where seats < stops)",
}
"""What stands in the query of an example of each expectation that is one."""


HELD_AND_BROKEN = {
    "expect_column_values_to_be_null": ({"city": "Bern", "day": "2024-01-01"}, {"city": "Bern", "day": "2025-01-01"}),
    "expect_column_values_to_be_between": ({"fare": 0.01}, {"fare": 0}),
    "expect_column_values_to_not_be_in_set": ({"stops": None}, {"stops": 99}),
    "expect_column_value_lengths_to_be_between": ({"city": "x"}, {"city": ""}),
    "expect_column_value_lengths_to_equal": ({"city": "Ulm"}, {"city": "Bern"}),
    "expect_column_pair_values_to_be_equal": ({"seats": None, "stops": None}, {"seats": 1, "stops": None}),
    "expect_column_pair_values_a_to_be_greater_than_b": ({"seats": 1, "stops": 1}, {"seats": 0, "stops": 1}),
    "expect_multicolumn_sum_to_equal": ({"seats": 40, "stops": None}, {"seats": 40, "stops": 1}),
    "expect_column_sum_to_be_between": ({"fare": None}, {"fare": 999999.99}),
    "expect_column_mean_to_be_between": ({"fare": 50}, {"fare": 0.5}),
    "expect_column_min_to_be_between": ({"day": "2025-01-01"}, {"day": "2024-12-31"}),
    "expect_column_max_to_be_between": ({"day": "2025-01-01"}, {"day": "9999-01-01"}),
    "expect_column_proportion_of_non_null_values_to_be_between": ({"city": "Bern"}, {"city": None}),
    "expect_column_distinct_values_to_be_in_set": ({"city": None}, {"city": "Ulm"}),
    "expect_column_distinct_values_to_contain_set": ({"city": "Bern"}, {"city": "Ulm"}),
    "unexpected_rows_expectation": ({"seats": 1, "stops": None}, {"seats": 1, "stops": 2}),
}
"""Rows, twice each in a table, of which the first hold the example of an expectation and the second break it."""


@pytest.mark.parametrize("kind", HELD_AND_BROKEN)
def test_a_query_counts_nothing_where_the_rule_holds_and_something_where_it_does_not(kind: str) -> None:
    query = example_quality_rule(kind)["query"].replace("{object}", "trips")
    counts: list[Any] = []
    for row in HELD_AND_BROKEN[kind]:
        database = duckdb.connect()
        database.execute(
            f"CREATE TABLE trips ({', '.join(f'{name} {declared}' for name, declared in COLUMNS.items())})"
        )
        names = ", ".join(row)
        for _ in range(2):
            database.execute(f"INSERT INTO trips ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
        [answer] = database.execute(query).fetchone() or [None]
        counts.append(answer)
    assert counts[0] == 0
    assert counts[1] > 0


def example_quality_rule(kind: str, **changed: Any) -> dict[str, Any]:
    """Return the quality rule of an example of an expectation, its arguments changed."""
    kwargs = {name: value for name, value in {**EXAMPLES[kind], **changed}.items() if value is not None}
    rule = {"type": kind, "kwargs": kwargs, "meta": {"rule": "trips.example", "why": "An example."}}
    contract = contract_of(suite_of(rule))
    return rules_of(build_document(contract, contract))["trips.example"]


@pytest.mark.parametrize("kind", VOCABULARY)
def test_every_expectation_is_a_metric_or_a_query_that_says_the_same_or_goes_whole(kind: str) -> None:
    quality_rule = example_quality_rule(kind)
    if kind in METRICS:
        assert quality_rule.items() >= METRICS[kind].items()
        assert "implementation" not in quality_rule
    elif kind in QUERIES:
        assert (quality_rule["type"], quality_rule["mustBe"]) == ("sql", 0)
        assert QUERIES[kind] in quality_rule["query"]
        kept = {entry["property"]: entry["value"] for entry in quality_rule["customProperties"]}
        assert kept["expectation"] == {"type": kind, "kwargs": EXAMPLES[kind]}
    else:
        assert (quality_rule["type"], quality_rule["engine"]) == ("custom", "greatExpectations")
        assert quality_rule["implementation"] == {"type": kind, "kwargs": EXAMPLES[kind]}


PRESENT, IN_SET, MATCHES = (
    f"expect_column_values_to_{ending}" for ending in ("not_be_null", "be_in_set", "match_regex")
)
BETWEEN = "expect_column_values_to_be_between"
ROWS, TOGETHER = "expect_table_row_count_to_be_between", "expect_compound_columns_to_be_unique"
WHERE = EXAMPLES["expect_column_values_to_be_null"]["row_condition"]


@pytest.mark.parametrize(
    ("kind", "changed", "expected"),
    [
        (ROWS, {"max_value": 9}, {"mustBeBetween": [1, 9]}),
        (ROWS, {"max_value": 1}, {"mustBe": 1}),
        (ROWS, {"strict_min": True}, {"mustBeGreaterOrEqualTo": 2}),
        (ROWS, {"min_value": None, "max_value": 9, "strict_max": True}, {"mustBeLessOrEqualTo": 8}),
        (PRESENT, {"mostly": 1}, {"mustBe": 0}),
        (MATCHES, {"regex": "^[A-Z]+$"}, {"arguments": {"pattern": "^[A-Z]+$"}}),
        (TOGETHER, {"ignore_row_if": None}, {"arguments": {"properties": ["stops", "seats"]}}),
    ],
)
def test_a_metric_has_the_bounds_of_the_rule(kind: str, changed: dict[str, Any], expected: dict[str, Any]) -> None:
    quality_rule = example_quality_rule(kind, **changed)
    assert "metric" in quality_rule
    assert quality_rule.items() >= expected.items()


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        (MATCHES, {"regex": "^a|b$"}),
        (MATCHES, {"regex": "^a$", "mostly": 0.9}),
        (TOGETHER, {"ignore_row_if": "any_value_is_missing"}),
    ],
)
def test_a_rule_that_a_metric_would_bend_and_no_query_says_goes_whole(kind: str, changed: dict[str, Any]) -> None:
    assert example_quality_rule(kind, **changed)["implementation"] == {
        "type": kind,
        "kwargs": {**EXAMPLES[kind], **changed},
    }


@pytest.mark.parametrize(
    ("kind", "changed", "expected"),
    [
        (PRESENT, {"row_condition": WHERE, "mostly": 1}, "WHERE (day >= DATE '2025-01-01') AND (city IS NULL)"),
        (IN_SET, {"mostly": 0.9}, "THEN 1 ELSE 0 END) - 0.1 * COUNT(city)"),
        (BETWEEN, {"column": "day", "min_value": None, "max_value": {"$PARAMETER": "run_date"}}, "day > CURRENT_DATE"),
    ],
)
def test_a_rule_that_a_metric_would_bend_is_a_query(kind: str, changed: dict[str, Any], expected: str) -> None:
    assert expected in example_quality_rule(kind, **changed)["query"]


def test_a_counterexample_is_kept() -> None:
    suite = suite_of()
    suite["expectations"][0]["meta"]["counterexample"] = {"stops": -1}
    contract = contract_of(suite)
    rule = rules_of(build_document(contract, contract))["trips.rows"]
    assert rule["customProperties"] == [{"property": "counterexample", "value": {"stops": -1}}]


PATHS: dict[str, tuple[str, dict[str, Any], str]] = {
    "trips.city": (PRESENT, {"column": "customer.city"}, "greatExpectations"),
    "trips.city.set": (IN_SET, {"column": "customer.city", "value_set": ["x"]}, "greatExpectations"),
    "trips.skus": (PRESENT, {"column": "lines[].sku"}, "sluice"),
}
"""Rules on what is within columns, and who can judge them."""


def test_what_is_within_a_column_and_its_rules_are_carried_whole() -> None:
    nested = {"customer": "struct<city:string,days:array<date>>", "lines": "array<struct<sku:string,n:int>>"}
    rules = [{"type": kind, "kwargs": kwargs, "meta": {"rule": name, "why": "An example."}}
             for name, (kind, kwargs, _) in PATHS.items()]  # fmt: skip
    suite = suite_of(*rules)
    suite["meta"]["columns"] += [{"name": name, "type": text, "description": "d"} for name, text in nested.items()]
    contract = contract_of(suite)
    exported = build_document(contract, contract)
    properties = {column["name"]: column for column in exported["schema"][0]["properties"]}
    city, days = properties["customer"]["properties"]
    assert (city["name"], city["logicalType"]) == ("city", "string")
    assert (days["logicalType"], days["items"]["logicalType"]) == ("array", "date")
    elements = properties["lines"]["items"]
    assert [(field["name"], field["physicalType"]) for field in elements["properties"]] == [
        ("sku", "string"), ("n", "int")
    ]  # fmt: skip
    assert "required" not in properties["customer"] | properties["lines"]
    assert [rule["name"] for rule in properties["customer"]["quality"]] == ["trips.city", "trips.city.set"]
    listed = rules_of(exported)
    for name, (kind, kwargs, engine) in PATHS.items():
        assert (listed[name]["engine"], listed[name]["implementation"]) == (engine, {"type": kind, "kwargs": kwargs})
    assert yaml.safe_load(render_document(contract, contract)) == exported


def test_how_a_column_is_called_outside_stands_as_the_contract_has_it() -> None:
    raw = csv_contract(["id", {"name": "dt", "source": {"folder": "dt"}}, {"name": "n", "source": "Number"}])
    text = render_document(raw, contract_of(suite_of()))
    custom = {entry["property"]: entry["value"] for entry in yaml.safe_load(text)["customProperties"]}
    sources = [column.get("source") for column in custom["inputContract"]["meta"]["columns"]]
    assert sources == [None, {"folder": "dt"}, "Number"]


def test_a_document_reads_back_as_it_was_made_and_has_no_anchors() -> None:
    suite = suite_of(*({"type": kind, "kwargs": EXAMPLES[kind], "meta": {"rule": f"trips.r{number}", "why": "Æ: 'NO'"}}
                       for number, kind in enumerate(VOCABULARY)))  # fmt: skip
    contract = contract_of(suite)
    text = render_document(contract, contract)
    assert yaml.safe_load(text) == build_document(contract, contract)
    assert text == render_document(contract, contract)
    assert "&id" not in text
    assert [column["name"] for column in build_document(contract, contract)["schema"][0]["properties"]] == list(COLUMNS)


def test_all_contracts_go_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_export("--out", str(tmp_path / "made")) == 0
    files = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert files == [f"{path.parent.name}.odcs.yaml" for path in find_suites([]) if path.stem == "output"]
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition("/")[2] for line in lines if not line.startswith(" ")] == files
    judged_line = "  only Sluice judges trades.customer_id.known: customer_id is a published buyers.customer_id"
    assert lines[files.index("trades.odcs.yaml") + 1] == judged_line


def test_what_arrives_is_a_document_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_export("--input", "--out", str(tmp_path)) == 0
    inputs = {path.parent.name: suite_file(path).contract for path in find_suites([]) if path.stem == "input"}
    of_files = {name: contract for name, contract in inputs.items() if contract and not contract.sources}
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}.input.odcs.yaml" for name in of_files]
    for name, contract in of_files.items():
        exported = yaml.safe_load((tmp_path / f"{name}.input.odcs.yaml").read_text())
        [table] = exported["schema"]
        assert (exported["name"], table["name"], table["physicalType"]) == (f"{name}.input", name, contract.format)
        assert set(rules_of(exported)) == {rule.rule for rule in contract.rules}
    assert "only Sluice judges" not in capsys.readouterr().out


def test_wrong_use_says_what_to_type(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(lambda suite: suite.update(expectations=[])) / "expectations/trades"
    (tmp_path / "file").write_text("")
    for typed, expected in (
        ([], "documents need a folder: add --out DIR"),
        (["nowhere"], "'nowhere' is no dataset with input.json and output.json; name one of buyers"),
        ([str(folder)], "strict loading refuses the contracts of trades"),
        (["trades", "--out", str(tmp_path / "file/made")], "cannot be written to"),
        (["trades_daily", "--input"], "trades_daily: rows are built from tables, and no files arrive; drop --input"),
    ):
        assert run_export(*typed) == 2
        printed_text = capsys.readouterr()
        assert expected in printed_text.err
        assert printed_text.out == ""


def test_a_form_must_be_named() -> None:
    assert main(["export", "trades"]) == 2


def test_it_imports_neither_spark_nor_great_expectations() -> None:
    script = (
        "import sys, json; from sluice.cli.app import main; code = main(['export', '--odcs', 'trades']);"
        "print(json.dumps([code, *({'pyspark', 'great_expectations', 'pandas', 'pulumi'} & set(sys.modules))]))"
    )
    completed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(completed.stdout.splitlines()[-1]) == [0]
