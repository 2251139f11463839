"""A job whose rows point to keys of other datasets may look those up, and reaches nothing else of theirs."""

import json
from collections.abc import Callable

import pytest

from sluice.program.graph import ACCOUNT, Graph, run_program
from sluice.program.iam import allowing_sids
from sluice.program.request_permissions import AwsRequest, required_permissions
from tests.program.deployed import Deployed

REGION = "eu-west-1"
STATEMENTS = {"FindReferences", "ReadReferences"}
ALONE = {"sluice:datasets": json.dumps({"trades": {}})}
Ask = Callable[[Deployed, str], AwsRequest]
"""A request of a job on what belongs to another dataset."""


def s3_ask(method: str, zone: str, key: str, status: int = 200, **query: str) -> Ask:
    def build_request(job: Deployed, referenced: str) -> AwsRequest:
        named = {name.replace("_", "-"): value.format(referenced) for name, value in query.items()}
        return AwsRequest("s3", method, job.bucket_name(zone), key.format(referenced), named, status=status)

    return build_request


def glue_ask(operation: str, table: str) -> Ask:
    def build_request(job: Deployed, referenced: str) -> AwsRequest:
        named, inputs = {"Name": table.format(referenced)}, {"TableInput": {"Name": table.format(referenced)}}
        body = named if operation == "GetTable" else inputs
        return AwsRequest("glue", operation=operation, body={"DatabaseName": f"sluice_{job.graph.stack}", **body})

    return build_request


ALLOWED_REQUESTS = {
    "find the table": glue_ask("GetTable", "{}"),
    "read data": s3_ask("GET", "processed", "parquet/{}/data/country=DE/a.parquet"),
    "ask for data's size": s3_ask("HEAD", "processed", "parquet/{}/data/country=DE/a.parquet"),
    "read metadata": s3_ask("GET", "processed", "parquet/{}/metadata/00001.metadata.json"),
}
REFUSED_REQUESTS = {
    "change the table": glue_ask("UpdateTable", "{}"),
    "make the table": glue_ask("CreateTable", "{}"),
    "drop the table": glue_ask("DeleteTable", "{}"),
    "find the quarantine": glue_ask("GetTable", "{}_quarantine"),
    "find what the crawler made": glue_ask("GetTable", "raw_{}"),
    "find a table that begins alike": glue_ask("GetTable", "{}_vip"),
    "write data": s3_ask("PUT", "processed", "parquet/{}/data/a.parquet"),
    "write metadata": s3_ask("PUT", "processed", "parquet/{}/metadata/00002.metadata.json"),
    "remove data": s3_ask("DELETE", "processed", "parquet/{}/data/a.parquet"),
    "read what was replaced": s3_ask("GET", "processed", "parquet/{}/data/a.parquet", versionId="v1"),
    "read the ledger": s3_ask("GET", "processed", "ledger/{}/run.json"),
    "read a former ledger": s3_ask("GET", "processed", "parquet/{}/ledger/run.json"),
    "read the quarantine": s3_ask("GET", "processed", "quarantine/{}/data/a.parquet"),
    "read the quarantine's metadata": s3_ask("GET", "processed", "parquet/{}/quarantine/metadata/1.json"),
    "read a folder that begins alike": s3_ask("GET", "processed", "parquet/{}_vip/data/a.parquet"),
    "list data": s3_ask("GET", "processed", "", list_type="2", prefix="parquet/{}/data/"),
    "read raw": s3_ask("GET", "raw", "{}/2027-01-01.jsonl"),
    "list raw": s3_ask("GET", "raw", "", list_type="2", prefix="{}/"),
    "read the contract": s3_ask("GET", "assets", "contracts/{}/output-1.json"),
    "read the verdict": s3_ask("GET", "assets", "verdicts/{}/latest.json"),
    "write a verdict": s3_ask("PUT", "assets", "verdicts/{}/run.json"),
}


def is_permitted(job: Deployed, request: AwsRequest) -> bool:
    needed = required_permissions(request, REGION, ACCOUNT)
    assert needed, request
    return all(allowing_sids(job.job_policy, ask) for ask in needed)


@pytest.fixture
def trades(graph: Graph) -> Deployed:
    return Deployed(graph, "trades")


@pytest.mark.parametrize("other", ["buyers", "goods"])
@pytest.mark.parametrize("what", ALLOWED_REQUESTS)
def test_the_job_of_trades_may(trades: Deployed, other: str, what: str) -> None:
    assert is_permitted(trades, ALLOWED_REQUESTS[what](trades, other))


@pytest.mark.parametrize("other", ["buyers", "goods"])
@pytest.mark.parametrize("what", REFUSED_REQUESTS)
def test_the_job_of_trades_may_not(trades: Deployed, other: str, what: str) -> None:
    assert not is_permitted(trades, REFUSED_REQUESTS[what](trades, other))


@pytest.mark.parametrize("what", {**ALLOWED_REQUESTS, **REFUSED_REQUESTS})
def test_nothing_of_trades_is_open_to_those_that_it_refers_to(graph: Graph, what: str) -> None:
    for referenced in ("buyers", "goods"):
        assert not is_permitted(
            Deployed(graph, referenced),
            {**ALLOWED_REQUESTS, **REFUSED_REQUESTS}[what](Deployed(graph, referenced), "trades"),
        )


def test_a_job_reads_references_where_its_contract_has_some(deployed: Deployed) -> None:
    expected = STATEMENTS if deployed.output_meta.get("references") else set()
    assert deployed.statement_ids & STATEMENTS == expected


def test_a_dataset_without_references_has_all_other_statements(graph: Graph) -> None:
    for referenced in ("buyers", "goods"):
        assert Deployed(graph, referenced).statement_ids == Deployed(graph, "trades").statement_ids - STATEMENTS


@pytest.fixture(scope="module")
def alone() -> Graph:
    """A stack with the trades, and without what they refer to."""
    return run_program("dev", changed=ALONE)


def test_trades_can_be_deployed_without_what_they_refer_to_which_is_warned_of(alone: Graph) -> None:
    assert list(alone.outputs["jobs"]) == ["trades"]
    for referenced in ("buyers", "goods"):
        where = f"{referenced} (expectations/trades/output.json)"
        warning = f"trades refers to {where}, which sluice:datasets lacks; it has trades."
        assert [line for line in alone.warnings if warning in line]
        assert [node.name for node in alone.nodes.values() if node.name.startswith(referenced)] == []


@pytest.mark.parametrize("other", ["buyers", "goods"])
def test_a_run_without_what_it_refers_to_is_told_that_there_is_no_table_not_that_it_may_not_ask(
    alone: Graph, other: str
) -> None:
    """The first leaves a rule unevaluated; the second would fail the run."""
    trades = Deployed(alone, "trades")
    assert is_permitted(trades, ALLOWED_REQUESTS["find the table"](trades, other))


def test_a_stack_that_deploys_what_is_referred_to_warns_of_nothing(graph: Graph) -> None:
    assert [line for line in graph.warnings if "refers to" in line] == []
