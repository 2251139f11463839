"""Athena in the emulated deploy: workgroup, saved queries, tables of ledgers and results are as declared; Redshift is not."""

from datetime import UTC, datetime
from pathlib import Path

from sluice.program.graph import run_program
from sluice.sandbox.lake import Run
from sluice.sandbox.recipes import RECIPES
from tests.program.results_month import Folder, ResultsLake
from tests.sandbox.conftest import Lake

REDSHIFT_OPTIONS = {
    "sluice:redshift": "true",
    "sluice:redshift_subnets": "subnet-1,subnet-2,subnet-3",
    "sluice:redshift_security_groups": "sg-1",
}


def test_the_workgroup_is_what_the_program_says(lake: Lake) -> None:
    configuration = lake.emulator.client("athena").get_work_group(WorkGroup="sluice-local")["WorkGroup"][
        "Configuration"
    ]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == 10_000_000_000
    assert configuration["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}
    assert configuration["ResultConfiguration"]["OutputLocation"] == f"s3://{lake.outputs['assets']}/athena/"
    assert configuration["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}


def test_the_saved_queries_are_in_the_workgroup(lake: Lake) -> None:
    athena = lake.emulator.client("athena")
    ids = athena.list_named_queries(WorkGroup="sluice-local")["NamedQueryIds"]
    saved = {
        query["Name"]: query
        for query in (athena.get_named_query(NamedQueryId=query_id)["NamedQuery"] for query_id in ids)
    }
    assert {"trades-aside", "trades-changed", "unknown-buyers", "buyers-freshness", "results-cost"} <= set(saved)
    assert {query["Database"] for query in saved.values()} == {lake.outputs["database"]}
    assert 'FROM "trades$refs"' in saved["trades-aside"]["QueryString"]


def test_the_ledgers_are_a_table_of_the_catalog(lake: Lake) -> None:
    table = lake.emulator.client("glue").get_table(DatabaseName=lake.outputs["database"], Name="trades_ledger")["Table"]
    location = f"s3://{lake.outputs['processed']}/ledger/trades/"
    assert table["StorageDescriptor"]["Location"] == location
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["quarantined", "corrected"]


def test_the_results_are_tables_whose_partitions_are_computed(lake: Lake) -> None:
    for name in ("runs", "rules"):
        glue, database = lake.emulator.client("glue"), lake.outputs["database"]
        table = glue.get_table(DatabaseName=database, Name=f"results_{name}")["Table"]
        place = f"s3://{lake.outputs['assets']}/results/{name}/"
        assert table["StorageDescriptor"]["Location"] == place
        assert [key["Name"] for key in table["PartitionKeys"]] == ["dataset", "day"]
        template = table["Parameters"]["storage.location.template"]
        assert template == f"{place}dataset=${{dataset}}/day=${{day}}/"


def test_the_queries_on_results_answer_over_what_runs_wrote(
    lake: Lake, good: Run, bad_input: Run, aside: Run, tmp_path: Path
) -> None:
    s3, bucket, folder = lake.emulator.client("s3"), str(lake.outputs["assets"]), Folder(tmp_path)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="results/"):
        for stored in page["Contents"]:
            body = s3.get_object(Bucket=bucket, Key=stored["Key"])["Body"].read()
            folder.put_object(Key=stored["Key"], Body=body)
    results = ResultsLake(run_program("local"), tmp_path, datetime.now(UTC).date())
    states = dict(results.database.sql("SELECT run_id, state FROM results_runs").fetchall())
    assert [states[run.id] for run in (good, bad_input, aside)] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]
    assert results.answer("results-unreadable") == []
    broken = {row["rule"]: row["runs_broken"] for row in results.answer("results-broken-rules")}
    assert broken["trades.customer_id.known"] == 1
    assert {row["rule"] for row in results.answer("results-set-aside")} == {"trades.customer_id.known"}
    assert {row["dataset"] for row in results.answer("results-lateness")} >= {"trades", "buyers"}
    assert {row["dataset"] for row in results.answer("results-pass-rate")} >= {"trades", "buyers"}


def test_a_warehouse_is_what_the_emulated_deploy_refuses() -> None:
    """A type without a recipe is an error there that names it (`test_deploy.py`)."""
    declared = {node.type for node in run_program("local", changed=REDSHIFT_OPTIONS).nodes.values() if node.custom}
    assert declared - RECIPES.keys() == {
        "aws:redshiftserverless/namespace:Namespace",
        "aws:redshiftserverless/workgroup:Workgroup",
        "aws:redshiftserverless/usageLimit:UsageLimit",
        "aws:redshiftdata/statement:Statement",
    }
