"""The two tables over the results: a column for each field that the job writes, and partitions that Athena computes."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, cast

import pytest
from pydantic import TypeAdapter

from components.readers.results_columns import RULE_COLUMNS, RUN_COLUMNS, ResultColumn
from components.readers.results_tables import PARTITION_COLUMNS, table_parameters
from components.settings.retention import Retention
from components.storage.lifecycle import assets_rules
from etl.contract.results_layout import RULES, RUNS, ResultKind, months_folder, results_folder, run_key
from etl.contract.table_names import RESULTS_OF_RULES, RESULTS_OF_RUNS
from etl.results.rule_line import RuleLine
from etl.results.run_line import RunLine
from sluice.program.graph import Graph, run_program
from tests.program.deployed import deployed_datasets
from tests.program.deployment import ONE_DATASET
from tests.program.results_month import TABLE

TABLES = {RESULTS_OF_RUNS: RUNS, RESULTS_OF_RULES: RULES}
LINES = {RUN_COLUMNS: RunLine, RULE_COLUMNS: RuleLine}
SCALARS = {
    "string": {"string"},
    "bigint": {"integer"},
    "int": {"integer"},
    "double": {"number"},
    "boolean": {"boolean"},
}


def results_tables(graph: Graph) -> dict[str, dict[str, Any]]:
    nodes = graph.nodes_of_type(TABLE)
    return {node.inputs["name"]: node.inputs for node in nodes if node.inputs["name"] in TABLES}


def scalar_types(schema: dict[str, Any], definitions: dict[str, Any]) -> set[str]:
    """Return the types that a field's schema allows, but for null."""
    if "$ref" in schema:
        return scalar_types(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    parts = schema.get("anyOf", [schema])
    types = (
        {part["type"] for part in parts}
        if len(parts) == 1
        else {t for p in parts for t in scalar_types(p, definitions)}
    )
    return types - {"null"}


@pytest.mark.parametrize(("columns", "line"), LINES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_table_has_a_column_for_each_field_of_a_line(columns: tuple[ResultColumn, ...], line: type) -> None:
    """But for the dataset, which is a partition: the catalog takes a name once."""
    assert [column.name for column in columns] == [field.name for field in fields(line) if field.name != "dataset"]
    assert not {column.name for column in columns} & {column.name for column in PARTITION_COLUMNS}


@pytest.mark.parametrize(("columns", "line"), LINES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_column_has_the_type_of_its_field(columns: tuple[ResultColumn, ...], line: type) -> None:
    schema = TypeAdapter(line).json_schema(mode="serialization")
    for column in columns:
        kinds = scalar_types(schema["properties"][column.name], schema.get("$defs", {}))
        expected = SCALARS.get(column.type) or {"array" if column.type.startswith("array<") else "object"}
        assert kinds == expected, column.name


def test_every_column_says_what_it_is_about(graph: Graph) -> None:
    tables = results_tables(graph)
    assert tables.keys() == TABLES.keys()
    for table in tables.values():
        for column in (*table["storageDescriptor"]["columns"], *table["partitionKeys"]):
            assert 10 < len(column["comment"]) <= 255, column["name"]  # AWS Glue API, Column


def test_a_partition_lies_where_a_run_writes(graph: Graph) -> None:
    for name, table in results_tables(graph).items():
        bucket = f"s3://sluice-{graph.stack}-assets-123456789012/"
        assert table["storageDescriptor"]["location"] == f"{bucket}{results_folder(TABLES[name])}"
        template = table["parameters"]["storage.location.template"]
        place = template.replace("${dataset}", "trades").replace("${day}", "2026-01-31")
        assert f"{bucket}{run_key(TABLES[name], 'trades', '2026-01-31', 'jr_1')}" == f"{place}jr_1.jsonl"


def test_partitions_are_those_of_the_stacks_datasets_and_of_the_days_that_results_are_kept(graph: Graph) -> None:
    for table in results_tables(graph).values():
        parameters = table["parameters"]
        assert [key["name"] for key in table["partitionKeys"]] == ["dataset", "day"]
        assert parameters["projection.dataset.values"].split(",") == [*deployed_datasets(graph.stack)]
        assert parameters["projection.day.range"] == "NOW-400DAYS,NOW"


def test_days_are_as_many_as_the_stack_keeps() -> None:
    tables = results_tables(run_program("dev", changed={"sluice:results_days": "30", **ONE_DATASET}))
    assert {table["parameters"]["projection.day.range"] for table in tables.values()} == {"NOW-30DAYS,NOW"}


def test_three_hundred_datasets_fit_into_a_property() -> None:
    """A value takes 512 kB (AWS Glue API, TableInput), and a table's metadata 1 MB compressed (Athena, enum type)."""
    parameters = table_parameters("s3://b/results/runs/", [f"dataset_{number:012}" for number in range(300)], 3650)
    assert max(map(len, parameters.values())) < 10_000


@pytest.mark.parametrize("folder", [results_folder, lambda kind: months_folder(kind, "trades")], ids=["days", "months"])
def test_results_and_the_months_that_are_copies_of_them_expire_alike(folder: Callable[[ResultKind], str]) -> None:
    expiring = {
        rule["filter"]["prefix"]: rule["expiration"]["days"]
        for rule in cast(list[dict[str, Any]], assets_rules(Retention.model_construct(results_days=90)))
        if rule["id"] != "replaced"
    }
    for kind in (RUNS, RULES):
        assert [days for prefix, days in expiring.items() if folder(kind).startswith(prefix)] == [90]
