"""The job that forgets rows: one for a stack, started by nothing, on the only role that removes versions of objects."""

import json
from typing import Any

import pytest

from components.access.forget_policy import UNEXERCISED_IN_FORGET, forget_policy
from components.names import Names
from components.settings.config_reader import BadConfiguration
from components.settings.stack_settings import parse_settings
from etl.contract.layout import FORGET_KEYS
from sluice.program.bill.bill import monthly_bill
from sluice.program.deployer.boundary import boundary_policy
from sluice.program.graph import Graph, stack_config
from sluice.program.iam import Caller, PermissionRequest, allowing_sids, decide_request
from sluice.program.policies.policy import as_list, policy_statements
from sluice.program.request_permissions import AwsRequest, required_permissions
from tests.program.deployed import JOB, ROLE_POLICY, deployed_datasets

HERE = Names("sluice", "dev", "eu-west-1", "123456789012")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f9c"
FORGET_POLICY = forget_policy(HERE, KEY)
PROCESSED, ASSETS, RAW = (f"sluice-dev-{zone}-123456789012" for zone in ("processed", "assets", "raw"))
REMOVAL = "s3:DeleteObjectVersion"


def s3_request(method: str, bucket: str, key: str = "", **query: str) -> AwsRequest:
    return AwsRequest("s3", method=method, bucket=bucket, key=key, query=query)


def forget_job(graph: Graph) -> dict[str, Any]:
    return graph.node_named(JOB, "forget-job").inputs


def refused_asks(request: AwsRequest) -> list[PermissionRequest]:
    asks = required_permissions(request, HERE.region, HERE.account)
    return [ask for ask in asks if not allowing_sids(FORGET_POLICY, ask)]


def test_a_stack_has_one_job_that_forgets_rows_whatever_its_datasets(graph: Graph) -> None:
    job = forget_job(graph)
    assert (job["name"], job["executionProperty"]) == (f"sluice-{graph.stack}-forget", {"maxConcurrentRuns": 1})
    assert (job["maxRetries"], job["glueVersion"]) == (0, "6.0")
    assert [node.name for node in graph.nodes_of_type(JOB) if "--forget" in node.inputs["defaultArguments"]] == [
        "forget-job"
    ]


def test_it_is_told_what_all_datasets_share_and_is_taken_for_no_job_of_a_dataset(graph: Graph) -> None:
    arguments, bucket = forget_job(graph)["defaultArguments"], f"sluice-{graph.stack}-assets-123456789012"
    expected = {
        "--forget": "-",
        "--stack": graph.stack,
        "--assets": f"s3://{bucket}/",
        "--answers": f"s3://{bucket}/athena/",
        "--log-days": str(graph.config.get("sluice:log_days", "30")),
    }
    assert {key: arguments.get(key) for key in expected} == expected
    assert not {"--dataset", "--maintain", "--publisher"} & set(arguments)


def test_nothing_starts_it(graph: Graph) -> None:
    starters = ("aws:glue/trigger:Trigger", "aws:sfn/stateMachine:StateMachine", "aws:scheduler/schedule:Schedule")
    nodes = [node for kind in starters for node in graph.nodes_of_type(kind) if node.name != "watch-machine"]
    assert nodes
    assert [node.name for node in nodes if f'{forget_job(graph)["name"]}"' in json.dumps(node.inputs)] == []


def test_what_a_warehouse_holds_is_named_for_the_command(optional: Graph, graphs: dict[str, Graph]) -> None:
    held = forget_job(optional)["defaultArguments"]["--warehouse"].split(",")
    assert set(held) <= set(deployed_datasets("prod"))
    assert "--warehouse" not in forget_job(graphs["dev"])["defaultArguments"]


def test_no_other_role_removes_a_version_of_an_object(graph: Graph) -> None:
    removing = {
        (node.inputs["role"], arn)
        for node in graph.nodes_of_type(ROLE_POLICY)
        for statement in policy_statements(node.inputs["policy"])
        if REMOVAL in statement["Action"]
        for arn in as_list(statement["Resource"])
    }
    assert {role for role, _ in removing} == {f"sluice-{graph.stack}-forget"}
    zones = {arn.split(":::")[1].partition("/")[0] for _, arn in removing}
    assert zones == {f"sluice-{graph.stack}-{zone}-123456789012" for zone in ("raw", "processed", "assets")}


@pytest.mark.parametrize(
    ("role", "allowed"), [(HERE.role_arn("forget"), True), (HERE.role_arn("trades", "job"), False)]
)
def test_the_boundary_leaves_the_removal_to_that_role_alone(role: str, allowed: bool) -> None:
    (boundary,) = boundary_policy(HERE).values()
    everything = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "All", "Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}],
    }
    caller = Caller(role, [everything], boundary)
    for action in (REMOVAL, "s3:PutObject"):
        request = PermissionRequest(action, HERE.bucket_arn("raw", "/trades/1.csv"))
        assert decide_request(request, caller).allowed is allowed


ALLOWED_REQUESTS = [
    s3_request("GET", RAW, "trades/1.csv", versionId="v1"),
    s3_request("PUT", RAW, "trades/1.csv"),
    s3_request("DELETE", RAW, "trades/1.csv", versionId="v1"),
    s3_request("GET", RAW, versions="", prefix="trades/"),
    s3_request("GET", PROCESSED, "parquet/trades/metadata/1.json"),
    s3_request("PUT", PROCESSED, "ledger/trades/jr_1.json"),
    s3_request("DELETE", PROCESSED, "quarantine/trades/data/a.parquet", versionId="v1"),
    s3_request("GET", ASSETS, "contracts/trades/output-1.json"),
    s3_request("PUT", ASSETS, "verdicts/trades/jr_1.json"),
    s3_request("DELETE", ASSETS, "docs/trades/jr_1/index.html"),
    s3_request("DELETE", ASSETS, "athena/9f.csv", versionId="v1"),
    s3_request("DELETE", ASSETS, f"{FORGET_KEYS}trades-1.jsonl", versionId="v1"),
    s3_request("PUT", ASSETS, "forget/trades-1.report.json"),
    AwsRequest("glue", operation="UpdateTable", body={"DatabaseName": "sluice_dev", "Name": "trades"}),
    AwsRequest("glue", operation="GetJobRuns", body={"JobName": "sluice-dev-trades-maintain"}),
]
REFUSED_REQUESTS = [
    s3_request("PUT", ASSETS, "code/etl-1.zip"),
    s3_request("DELETE", ASSETS, "code/etl-1.zip", versionId="v1"),
    s3_request("PUT", ASSETS, "contracts/trades/output-1.json"),
    s3_request("DELETE", PROCESSED, "elsewhere/a.parquet", versionId="v1"),
    s3_request("DELETE", "sluice-dev-logs-123456789012", "raw/1", versionId="v1"),
    s3_request("GET", "sluice-prod-raw-123456789012", "trades/1.csv"),
    AwsRequest("glue", operation="DeleteTable", body={"DatabaseName": "sluice_dev", "Name": "trades"}),
    AwsRequest("glue", operation="UpdateTable", body={"DatabaseName": "sluice_prod", "Name": "trades"}),
]


def describe_request(request: AwsRequest) -> str:
    return f"{request.method} {request.operation or request.bucket}/{request.key}"


@pytest.mark.parametrize("request_", ALLOWED_REQUESTS, ids=describe_request)
def test_it_may_do_its_work(request_: AwsRequest) -> None:
    assert refused_asks(request_) == []


@pytest.mark.parametrize("request_", REFUSED_REQUESTS, ids=describe_request)
def test_it_may_do_nothing_else(request_: AwsRequest) -> None:
    assert refused_asks(request_)


def test_what_no_forgetting_asks_for_carries_its_reason() -> None:
    granted = {
        f"{statement['Sid']} {action}" for statement in FORGET_POLICY["Statement"] for action in statement["Action"]
    }
    assert set(UNEXERCISED_IN_FORGET) <= granted
    assert all(len(reason) > 20 for reason in UNEXERCISED_IN_FORGET.values())


def test_keys_that_a_dead_run_left_are_gone_within_days_and_reports_stay(graph: Graph) -> None:
    rules = graph.node_named(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "assets-lifecycle"
    ).inputs
    by_prefix = {rule["filter"].get("prefix"): rule for rule in rules["rules"]}
    keys = by_prefix[FORGET_KEYS]
    assert (keys["expiration"], keys["noncurrentVersionExpiration"]) == ({"days": 1}, {"noncurrentDays": 1})
    assert by_prefix["forget/"]["expiration"]["days"] >= 30


def test_it_costs_nothing_while_nobody_asks(graph: Graph) -> None:
    lines = [line for line in monthly_bill(graph) if line.what.startswith(f"sluice-{graph.stack}-forget:")]
    assert len(lines) > 1
    assert sum(line.usd for line in lines) == 0


def test_no_dataset_is_called_as_the_job() -> None:
    raw_settings = {
        name.removeprefix("sluice:"): text for name, text in stack_config("dev").items() if "sluice:" in name
    }
    with pytest.raises(
        BadConfiguration, match=r"datasets\.forget: takes another name, since the stack's job of that name"
    ):
        parse_settings({**raw_settings, "datasets": '{"trades": {}, "forget": {}}'}, "dev", "eu-west-1")
