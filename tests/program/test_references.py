"""A job whose rows point to keys of other datasets may look those up, and reaches nothing else of theirs."""

import json
from collections.abc import Callable

import pytest

from sluice.program.graph import ACCOUNT, Graph, run
from sluice.program.iam import allowing
from sluice.program.request_permissions import Request, asks
from tests.program.deployed import Deployed

REGION = "eu-west-1"
STATEMENTS = {"FindReferences", "ReadReferences"}
ALONE = {"sluice:datasets": json.dumps({"sales": {}})}
Ask = Callable[[Deployed, str], Request]
"""A request of a job on what belongs to another dataset."""


def s3(method: str, zone: str, key: str, status: int = 200, **query: str) -> Ask:
    def of(job: Deployed, other: str) -> Request:
        named = {name.replace("_", "-"): value.format(other) for name, value in query.items()}
        return Request("s3", method, job.bucket(zone), key.format(other), named, status=status)

    return of


def glue(operation: str, table: str) -> Ask:
    def of(job: Deployed, other: str) -> Request:
        named, inputs = {"Name": table.format(other)}, {"TableInput": {"Name": table.format(other)}}
        body = named if operation == "GetTable" else inputs
        return Request("glue", operation=operation, body={"DatabaseName": f"sluice_{job.graph.stack}", **body})

    return of


MAY = {
    "find the table": glue("GetTable", "{}"),
    "read data": s3("GET", "processed", "parquet/{}/data/country=DE/a.parquet"),
    "ask for data's size": s3("HEAD", "processed", "parquet/{}/data/country=DE/a.parquet"),
    "read metadata": s3("GET", "processed", "parquet/{}/metadata/00001.metadata.json"),
}
MAY_NOT = {
    "change the table": glue("UpdateTable", "{}"),
    "make the table": glue("CreateTable", "{}"),
    "drop the table": glue("DeleteTable", "{}"),
    "find the quarantine": glue("GetTable", "{}_quarantine"),
    "find what the crawler made": glue("GetTable", "raw_{}"),
    "find a table that begins alike": glue("GetTable", "{}_vip"),
    "write data": s3("PUT", "processed", "parquet/{}/data/a.parquet"),
    "write metadata": s3("PUT", "processed", "parquet/{}/metadata/00002.metadata.json"),
    "remove data": s3("DELETE", "processed", "parquet/{}/data/a.parquet"),
    "read what was replaced": s3("GET", "processed", "parquet/{}/data/a.parquet", versionId="v1"),
    "read the ledger": s3("GET", "processed", "ledger/{}/run.json"),
    "read a former ledger": s3("GET", "processed", "parquet/{}/ledger/run.json"),
    "read the quarantine": s3("GET", "processed", "quarantine/{}/data/a.parquet"),
    "read the quarantine's metadata": s3("GET", "processed", "parquet/{}/quarantine/metadata/1.json"),
    "read a folder that begins alike": s3("GET", "processed", "parquet/{}_vip/data/a.parquet"),
    "list data": s3("GET", "processed", "", list_type="2", prefix="parquet/{}/data/"),
    "read raw": s3("GET", "raw", "{}/2027-01-01.jsonl"),
    "list raw": s3("GET", "raw", "", list_type="2", prefix="{}/"),
    "read the contract": s3("GET", "assets", "contracts/{}/output-1.json"),
    "read the verdict": s3("GET", "assets", "verdicts/{}/latest.json"),
    "write a verdict": s3("PUT", "assets", "verdicts/{}/run.json"),
}


def permits(job: Deployed, request: Request) -> bool:
    needed = asks(request, REGION, ACCOUNT)
    assert needed, request
    return all(allowing(job.may, ask) for ask in needed)


@pytest.fixture
def sales(graph: Graph) -> Deployed:
    return Deployed(graph, "sales")


@pytest.mark.parametrize("other", ["customers", "products"])
@pytest.mark.parametrize("what", MAY)
def test_the_job_of_sales_may(sales: Deployed, other: str, what: str) -> None:
    assert permits(sales, MAY[what](sales, other))


@pytest.mark.parametrize("other", ["customers", "products"])
@pytest.mark.parametrize("what", MAY_NOT)
def test_the_job_of_sales_may_not(sales: Deployed, other: str, what: str) -> None:
    assert not permits(sales, MAY_NOT[what](sales, other))


@pytest.mark.parametrize("what", {**MAY, **MAY_NOT})
def test_nothing_of_sales_is_open_to_those_that_it_refers_to(graph: Graph, what: str) -> None:
    for other in ("customers", "products"):
        assert not permits(Deployed(graph, other), {**MAY, **MAY_NOT}[what](Deployed(graph, other), "sales"))


def test_a_job_reads_references_where_its_contract_has_some(deployed: Deployed) -> None:
    wanted = STATEMENTS if deployed.promised.get("references") else set()
    assert deployed.sids & STATEMENTS == wanted


def test_a_dataset_without_references_has_all_other_statements(graph: Graph) -> None:
    for other in ("customers", "products"):
        assert Deployed(graph, other).sids == Deployed(graph, "sales").sids - STATEMENTS


def test_sales_can_be_deployed_without_what_they_refer_to_which_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    alone = run("dev", changed=ALONE)
    assert list(alone.outputs["jobs"]) == ["sales"]
    for other in ("customers", "products"):
        told = f"sales refers to {other} (expectations/sales/output.json), which sluice:datasets lacks; it has sales."
        assert told in caplog.text
        assert [node.name for node in alone.nodes.values() if node.name.startswith(other)] == []


@pytest.mark.parametrize("other", ["customers", "products"])
def test_a_run_without_what_it_refers_to_is_told_that_there_is_no_table_not_that_it_may_not_ask(other: str) -> None:
    """The first leaves a rule unevaluated; the second would fail the run."""
    alone = Deployed(run("dev", changed=ALONE), "sales")
    assert permits(alone, MAY["find the table"](alone, other))


def test_a_stack_that_deploys_what_is_referred_to_warns_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    run("dev")
    assert "refers to" not in caplog.text
