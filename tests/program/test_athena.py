"""Athena as a stack declares it: a workgroup with limits, and queries in Athena's own dialect."""

import json
import re
from typing import Any

import pytest
from sqlglot import exp, parse_one

from components.readers import queries
from sluice.program.bill.bill import bill
from sluice.program.graph import ROOT, Graph, run
from sluice.program.policies import broken
from tests.program.altered import GONE, altered
from tests.program.deployed import datasets

WORKGROUP, QUERY = "aws:athena/workgroup:Workgroup", "aws:athena/namedQuery:NamedQuery"
TABLE, LIFECYCLE = (
    "aws:glue/catalogTable:CatalogTable",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
)
MINE = "readers-athena-workgroup"
TOP = ("configuration",)
RESULT = (*TOP, "resultConfiguration")


def named(graph: Graph) -> dict[str, dict[str, Any]]:
    return {node.inputs["name"]: node.inputs for node in graph.of(QUERY)}


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
    assert set(broken(altered(graphs["prod"], MINE, *path, to=to))) == {rule}


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("filter", "prefix"), "results/"),
        (("noncurrentVersionExpiration", "noncurrentDays"), 30),
        (("expiration",), {}),
    ],
)
def test_answers_that_stay_are_noticed(graphs: dict[str, Graph], path: tuple[str, ...], to: Any) -> None:
    rules = graphs["prod"].named(LIFECYCLE, "assets-lifecycle").inputs["rules"]
    [at] = [index for index, rule in enumerate(rules) if rule["id"] == "expire-athena"]
    assert "athena.results" in broken(altered(graphs["prod"], "assets-lifecycle", "rules", at, *path, to=to))


def test_what_one_query_may_scan_and_how_long_answers_stay_is_the_stacks() -> None:
    graph = run("dev", changed={"sluice:query_gb": "3", "sluice:query_days": "9"})
    [node] = graph.of(WORKGROUP)
    assert node.inputs["name"] == "sluice-dev"
    assert node.inputs["configuration"]["bytesScannedCutoffPerQuery"] == 3_000_000_000
    rules = {rule["id"]: rule for rule in graph.named(LIFECYCLE, "assets-lifecycle").inputs["rules"]}
    assert rules["expire-athena"]["expiration"] == {"days": 9}


def test_answers_are_under_the_stacks_key_where_its_buckets_are(graphs: dict[str, Graph]) -> None:
    def encrypted(stack: str) -> dict[str, str]:
        [node] = graphs[stack].of(WORKGROUP)
        return node.inputs["configuration"]["resultConfiguration"]["encryptionConfiguration"]

    assert encrypted("dev") == {"encryptionOption": "SSE_S3"}
    assert encrypted("prod") == {"encryptionOption": "SSE_KMS", "kmsKeyArn": "arn:aws:fake:::key-key"}


def test_every_dataset_has_its_queries_and_the_lake_its_own(graph: Graph) -> None:
    of_files = [name for name in datasets(graph.stack) if name != "sales_daily"]
    expected = {f"{name}-{what}" for name in datasets(graph.stack) for what in ("changed", "freshness", "versions")}
    expected |= {f"{name}-aside" for name in of_files} | {"unknown-customers"}
    assert set(named(graph)) - {"revenue"} == expected
    assert ("revenue" in named(graph)) == ("sales_daily" in datasets(graph.stack))
    assert all(
        (one["database"], one["workgroup"]) == (f"sluice_{graph.stack}", f"sluice-{graph.stack}")
        for one in named(graph).values()
    )


def test_a_query_of_a_dataset_that_the_stack_lacks_is_left_out() -> None:
    alone = run("dev", changed={"sluice:datasets": json.dumps({"sales": {}})})
    assert set(named(alone)) == {f"sales-{what}" for what in ("aside", "changed", "freshness", "versions")}


def test_every_query_is_one_statement_of_athenas_dialect_that_only_reads(graph: Graph) -> None:
    for name, one in named(graph).items():
        parsed = parse_one(one["query"], dialect="athena")
        assert isinstance(parsed, exp.Select), name
        assert not list(parsed.find_all(exp.Insert, exp.Update, exp.Delete, exp.Drop, exp.Command)), name
        assert "{" not in one["query"], name
        assert len(one["query"]) < 262144  # Athena API, CreateNamedQuery
        assert one["description"].endswith("."), name


def test_what_changed_travels_in_time(graphs: dict[str, Graph]) -> None:
    travels = parse_one(named(graphs["dev"])["sales-changed"]["query"], dialect="athena").find_all(exp.Version)
    assert [one.sql(dialect="athena") for one in travels] == [
        "FOR TIMESTAMP AS OF (CURRENT_TIMESTAMP - INTERVAL '1' DAY)"
    ]


def test_every_table_of_a_query_is_one_of_the_lake(graph: Graph) -> None:
    known = {*datasets(graph.stack), *(f"{name}_quarantine" for name in datasets(graph.stack))}
    known |= {node.inputs["name"] for node in graph.of(TABLE)}
    for name, one in named(graph).items():
        parsed = parse_one(one["query"], dialect="athena")
        own = {cte.alias for cte in parsed.find_all(exp.CTE)}
        tables = {table.name.partition("$")[0] for table in parsed.find_all(exp.Table)} - own
        assert tables, name
        assert tables <= known, name


def test_the_ledgers_tables_are_where_the_ledgers_are_and_were(graph: Graph) -> None:
    for node in graph.of(TABLE):
        dataset, _, former = node.inputs["name"].partition("_ledger")
        storage = node.inputs["storageDescriptor"]
        folder = f"parquet/{dataset}/ledger" if former else f"ledger/{dataset}"
        assert storage["location"] == f"s3://sluice-{graph.stack}-processed-123456789012/{folder}/"
        assert [one["name"] for one in storage["columns"]] == ["quarantined", "corrected"]


def test_a_file_that_does_not_say_what_it_answers_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "athena").mkdir()
    (tmp_path / "athena" / "untold.sql").write_text("SELECT 1\n")
    monkeypatch.setattr(queries, "HERE", tmp_path)
    with pytest.raises(ValueError, match=r"untold\.sql begins with no comment"):
        queries.athena(())


def test_the_page_names_every_query() -> None:
    page = (ROOT / "docs" / "athena.md").read_text()
    for path in (ROOT / "components" / "readers" / "sql" / "athena").glob("*.sql"):
        assert re.search(rf"`(<dataset>-)?{path.stem}`", page), path.stem


def test_queries_are_on_the_bill(graph: Graph) -> None:
    [line] = [line for line in bill(graph) if line.what == "athena"]
    assert 0 < line.usd < 2
    assert "TB" in line.counted
