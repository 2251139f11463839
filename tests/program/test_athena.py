"""Athena as a stack declares it: a workgroup with limits, and queries in Athena's own dialect."""

import json
import re
from typing import Any

import pytest
from sqlglot import exp, parse_one

from components.readers import queries
from sluice.program.bill.bill import monthly_bill
from sluice.program.graph import ROOT, Graph, run_program
from sluice.program.policies import broken_policies
from tests.program.altered import GONE, altered_graph
from tests.program.deployed import deployed_datasets
from tests.program.deployment import ONE_DATASET

WORKGROUP, QUERY = "aws:athena/workgroup:Workgroup", "aws:athena/namedQuery:NamedQuery"
TABLE, LIFECYCLE = (
    "aws:glue/catalogTable:CatalogTable",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
)
NAME_PREFIX = "readers-athena-workgroup"
TOP = ("configuration",)
RESULT = (*TOP, "resultConfiguration")


def named_queries(graph: Graph) -> dict[str, dict[str, Any]]:
    return {node.inputs["name"]: node.inputs for node in graph.nodes_of_type(QUERY)}


def of_datasets(graph: Graph) -> set[str]:
    return {name for name in named_queries(graph) if not name.startswith("results-")}


@pytest.mark.parametrize(
    ("rule", "path", "to"),
    [
        ("athena.enforced", (*TOP, "enforceWorkgroupConfiguration"), False),
        ("athena.enforced", (*TOP, "publishCloudwatchMetricsEnabled"), False),
        ("athena.enforced", (*TOP, "bytesScannedCutoffPerQuery"), GONE),
        ("athena.enforced", (*TOP, "bytesScannedCutoffPerQuery"), 1000),
        ("athena.enforced", (*TOP, "engineVersion", "selectedEngineVersion"), "AUTO"),
        ("athena.results", (*RESULT, "outputLocation"), "s3://sluice-prod-assets-123456789012/code/"),
        ("athena.results", (*RESULT, "encryptionConfiguration", "encryptionOption"), "SSE_S3"),
        ("athena.results", (*RESULT, "encryptionConfiguration"), GONE),
    ],
)
def test_a_workgroup_that_breaks_a_policy_is_noticed(graphs: dict[str, Graph], rule: str, path: Any, to: Any) -> None:
    assert set(broken_policies(altered_graph(graphs["prod"], NAME_PREFIX, *path, to=to))) == {rule}


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("filter", "prefix"), "results/"),
        (("noncurrentVersionExpiration", "noncurrentDays"), 30),
        (("expiration",), {}),
    ],
)
def test_answers_that_stay_are_noticed(graphs: dict[str, Graph], path: tuple[str, ...], to: Any) -> None:
    rules = graphs["prod"].node_named(LIFECYCLE, "assets-lifecycle").inputs["rules"]
    [rule_index] = [index for index, rule in enumerate(rules) if rule["id"] == "expire-athena"]
    assert "athena.results" in broken_policies(
        altered_graph(graphs["prod"], "assets-lifecycle", "rules", rule_index, *path, to=to)
    )


def test_what_one_query_may_scan_and_how_long_answers_stay_is_the_stacks() -> None:
    graph = run_program("dev", changed={"sluice:query_gb": "3", "sluice:query_days": "9", **ONE_DATASET})
    [node] = graph.nodes_of_type(WORKGROUP)
    assert node.inputs["name"] == "sluice-dev"
    assert node.inputs["configuration"]["bytesScannedCutoffPerQuery"] == 3_000_000_000
    rules = {rule["id"]: rule for rule in graph.node_named(LIFECYCLE, "assets-lifecycle").inputs["rules"]}
    assert rules["expire-athena"]["expiration"] == {"days": 9}


def test_answers_are_under_the_stacks_key_where_its_buckets_are(graphs: dict[str, Graph]) -> None:
    def encryption_of(stack: str) -> dict[str, str]:
        [node] = graphs[stack].nodes_of_type(WORKGROUP)
        return node.inputs["configuration"]["resultConfiguration"]["encryptionConfiguration"]

    assert encryption_of("dev") == {"encryptionOption": "SSE_S3"}
    assert encryption_of("prod") == {"encryptionOption": "SSE_KMS", "kmsKeyArn": "arn:aws:fake:::key-key"}


def test_every_dataset_has_its_queries_and_the_lake_its_own(graph: Graph) -> None:
    of_files = [name for name in deployed_datasets(graph.stack) if name != "trades_daily"]
    expected = {
        f"{name}-{topic}" for name in deployed_datasets(graph.stack) for topic in ("changed", "freshness", "versions")
    }
    expected |= {f"{name}-aside" for name in of_files} | {"unknown-buyers"}
    assert of_datasets(graph) - {"revenue"} == expected
    assert len(named_queries(graph)) - len(of_datasets(graph)) == 7
    assert ("revenue" in named_queries(graph)) == ("trades_daily" in deployed_datasets(graph.stack))
    assert all(
        (query["database"], query["workgroup"]) == (f"sluice_{graph.stack}", f"sluice-{graph.stack}")
        for query in named_queries(graph).values()
    )


def test_a_query_of_a_dataset_that_the_stack_lacks_is_left_out() -> None:
    alone = run_program("dev", changed={"sluice:datasets": json.dumps({"trades": {}})})
    assert of_datasets(alone) == {f"trades-{topic}" for topic in ("aside", "changed", "freshness", "versions")}


def test_every_query_is_one_statement_of_athenas_dialect_that_only_reads(graph: Graph) -> None:
    for name, query in named_queries(graph).items():
        parsed = parse_one(query["query"], dialect="athena")
        assert isinstance(parsed, exp.Select), name
        assert not list(parsed.find_all(exp.Insert, exp.Update, exp.Delete, exp.Drop, exp.Command)), name
        assert "{" not in query["query"], name
        assert len(query["query"]) < 262144  # Athena API, CreateNamedQuery
        assert query["description"].endswith("."), name


def test_what_changed_travels_in_time(graphs: dict[str, Graph]) -> None:
    travels = parse_one(named_queries(graphs["dev"])["trades-changed"]["query"], dialect="athena").find_all(exp.Version)
    assert [travel.sql(dialect="athena") for travel in travels] == [
        "FOR TIMESTAMP AS OF (CURRENT_TIMESTAMP - INTERVAL '1' DAY)"
    ]


def test_every_table_of_a_query_is_one_of_the_lake(graph: Graph) -> None:
    known_tables = {*deployed_datasets(graph.stack), *(f"{name}_quarantine" for name in deployed_datasets(graph.stack))}
    known_tables |= {node.inputs["name"] for node in graph.nodes_of_type(TABLE)}
    for name, query in named_queries(graph).items():
        parsed = parse_one(query["query"], dialect="athena")
        cte_names = {cte.alias for cte in parsed.find_all(exp.CTE)}
        tables = {table.name.partition("$")[0] for table in parsed.find_all(exp.Table)} - cte_names
        assert tables, name
        assert tables <= known_tables, name


def test_the_ledgers_tables_are_where_the_ledgers_are_and_were(graph: Graph) -> None:
    for node in (node for node in graph.nodes_of_type(TABLE) if "_ledger" in node.inputs["name"]):
        dataset, _, former = node.inputs["name"].partition("_ledger")
        storage = node.inputs["storageDescriptor"]
        folder = f"parquet/{dataset}/ledger" if former else f"ledger/{dataset}"
        assert storage["location"] == f"s3://sluice-{graph.stack}-processed-123456789012/{folder}/"
        assert [column["name"] for column in storage["columns"]] == ["quarantined", "corrected"]


def test_a_file_that_does_not_say_what_it_answers_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "athena").mkdir()
    (tmp_path / "athena" / "untold.sql").write_text("SELECT 1\n")
    monkeypatch.setattr(queries, "SQL_FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"untold\.sql begins with no comment"):
        queries.athena_queries(())


def test_the_page_names_every_query() -> None:
    page = (ROOT / "docs" / "athena.md").read_text()
    for path in (ROOT / "components" / "readers" / "sql" / "athena").glob("*.sql"):
        assert re.search(rf"`(<dataset>-)?{path.stem}`", page), path.stem


def test_queries_are_on_the_bill(graph: Graph) -> None:
    [line] = [line for line in monthly_bill(graph) if line.what == "athena"]
    assert 0 < line.usd < 2
    assert "TB" in line.counted
