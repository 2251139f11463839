"""What the roles may do, and what they may not: the documents judged as AWS would judge them."""

import copy

import pytest

from components.access import policy_documents
from components.names import Names
from sluice.program.iam import PermissionRequest, allowing_sids, unused_grants
from sluice.program.request_permissions import AwsRequest, UnmappedRequest, required_permissions

HERE = Names("sluice", "dev", "eu-west-1", "123456789012")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/k"
JOB, CRAWLER = (
    policy_documents.job_policy(HERE, "trades", KEY, ("buyers",)),
    policy_documents.crawler_policy(HERE, "trades", KEY),
)
RAW, ASSETS, PROCESSED = (f"sluice-dev-{zone}-123456789012" for zone in ("raw", "assets", "processed"))
READ, WRITE = "s3:GetObject", "s3:PutObject"


def s3_request(
    method: str, bucket: str, key: str = "", status: int = 200, copied: str = "", **query: str
) -> AwsRequest:
    named = {name.replace("_", "-"): value for name, value in query.items()}
    return AwsRequest("s3", method, bucket, key, named, copied, status=status)


def glue_request(operation: str, **body: object) -> AwsRequest:
    return AwsRequest("glue", operation=operation, body=body)


def put_metric_data(namespace: str) -> AwsRequest:
    return AwsRequest("monitoring", operation="PutMetricData", body={"Namespace": namespace})


def refused_asks(document: policy_documents.Document, request: AwsRequest) -> list[PermissionRequest]:
    needed = required_permissions(request, HERE.region, HERE.account)
    assert needed, request
    return [ask for ask in needed if not allowing_sids(document, ask)]


ALLOWED_REQUESTS = [
    s3_request("GET", RAW, list_type="2", prefix="trades/"),
    s3_request("GET", RAW, versions="", prefix="trades/"),
    s3_request("GET", RAW, "trades/2027-01-01.csv"),
    s3_request("HEAD", RAW, "trades/2027-01-01.csv"),
    s3_request("GET", RAW, "trades/2027-01-01.csv", versionId="v1"),
    s3_request("GET", ASSETS, "code/etl-1.zip"),
    s3_request("GET", ASSETS, "contracts/trades/input-1.json"),
    s3_request("PUT", ASSETS, "verdicts/trades/run.json"),
    s3_request("PUT", ASSETS, "docs/trades/index.html"),
    s3_request("PUT", ASSETS, "temp/trades/part"),
    s3_request("PUT", ASSETS, "results/runs/dataset=trades/day=2027-01-01/jr_1.jsonl"),
    s3_request("PUT", ASSETS, "results/rules/dataset=trades/day=2027-01-01/jr_1.jsonl"),
    s3_request("GET", ASSETS, "results/runs/dataset=trades/day=2026-12-31/jr_0.jsonl"),
    s3_request("GET", ASSETS, "results/months/runs/dataset=trades/2026-11.jsonl"),
    s3_request("GET", ASSETS, list_type="2", prefix="results/runs/dataset=trades/"),
    s3_request("GET", ASSETS, list_type="2", prefix="results/months/runs/dataset=trades/"),
    s3_request("GET", ASSETS, "temp/trades/replay/run.jsonl"),
    s3_request("GET", ASSETS, list_type="2", prefix="temp/trades/replay/run.jsonl"),
    s3_request("PUT", PROCESSED, "parquet/trades/data/a.parquet"),
    s3_request("POST", PROCESSED, "parquet/trades/data/a.parquet", uploads=""),
    s3_request("PUT", PROCESSED, "parquet/trades/data/a.parquet", partNumber="1", uploadId="u"),
    s3_request("DELETE", PROCESSED, "parquet/trades/data/a.parquet", uploadId="u"),
    s3_request("DELETE", PROCESSED, "parquet/trades/data/a.parquet"),
    s3_request("PUT", PROCESSED, "quarantine/trades/data/a.parquet"),
    s3_request("GET", PROCESSED, "quarantine/trades/metadata/1.json"),
    s3_request("DELETE", PROCESSED, "quarantine/trades/data/a.parquet"),
    s3_request("PUT", PROCESSED, "ledger/trades/jr_1.json"),
    s3_request("GET", PROCESSED, "ledger/trades/jr_1.segments"),
    s3_request("GET", PROCESSED, list_type="2", prefix="ledger/trades/skipped.json"),
    # a run of the code before decision 17, whose role is this one already
    s3_request("PUT", PROCESSED, "parquet/trades/ledger/jr_1.json"),
    s3_request("GET", PROCESSED, "parquet/trades/ledger/jr_1.segments"),
    s3_request("GET", PROCESSED, list_type="2", prefix="parquet/trades/ledger/skipped.json"),
    s3_request("PUT", PROCESSED, "parquet/trades/quarantine/data/a.parquet"),
    glue_request("GetDatabase", Name="sluice_dev"),
    glue_request("GetDatabase", Name="default"),
    glue_request("GetTable", DatabaseName="sluice_dev", Name="trades"),
    glue_request("CreateTable", DatabaseName="sluice_dev", TableInput={"Name": "trades"}),
    glue_request("UpdateTable", DatabaseName="sluice_dev", TableInput={"Name": "trades"}),
    put_metric_data("Sluice"),
    put_metric_data("Glue"),
]
REFUSED_REQUESTS = [
    s3_request("GET", RAW, list_type="2"),
    s3_request("GET", RAW, list_type="2", prefix="buyers/"),
    s3_request("GET", RAW, "buyers/1.csv"),
    s3_request("GET", RAW, "trades"),
    s3_request("PUT", RAW, "trades/1.csv"),
    s3_request("DELETE", RAW, "trades/1.csv"),
    s3_request("DELETE", RAW, "trades/1.csv", versionId="v1"),
    s3_request("HEAD", RAW, "trades/none.csv", status=404),
    s3_request("PUT", ASSETS, "code/etl-1.zip"),
    s3_request("DELETE", ASSETS, "code/etl-1.zip"),
    s3_request("PUT", ASSETS, "contracts/trades/input-1.json"),
    s3_request("GET", ASSETS, "contracts/refunds/input-1.json"),
    s3_request("PUT", ASSETS, "verdicts/refunds/run.json"),
    s3_request("PUT", PROCESSED, "parquet/refunds/data/a.parquet"),
    s3_request("PUT", PROCESSED, "elsewhere/a.parquet"),
    s3_request("DELETE", PROCESSED, "ledger/trades/jr_1.json"),
    s3_request("PUT", PROCESSED, "ledger/refunds/jr_1.json"),
    s3_request("GET", PROCESSED, "ledger/trades_daily/jr_1.json"),
    s3_request("GET", PROCESSED, "quarantine/refunds/data/a.parquet"),
    s3_request("GET", PROCESSED, list_type="2", prefix="ledger/refunds/"),
    s3_request("GET", "sluice-prod-raw-123456789012", "trades/1.csv"),
    s3_request("GET", "sluice-dev-logs-123456789012", "raw/1"),
    s3_request("GET", ASSETS, "temp/trades/part"),
    s3_request("GET", ASSETS, "temp/buyers/replay/run.jsonl"),
    s3_request("GET", ASSETS, list_type="2", prefix="verdicts/trades/"),
    s3_request("PUT", ASSETS, "results/runs/dataset=trades_daily/day=2027-01-01/jr_1.jsonl"),
    s3_request("GET", ASSETS, "results/runs/dataset=trades_daily/day=2027-01-01/jr_1.jsonl"),
    s3_request("GET", ASSETS, "results/months/runs/dataset=buyers/2026-11.jsonl"),
    s3_request("PUT", ASSETS, "results/months/runs/dataset=trades/2026-11.jsonl"),
    s3_request("DELETE", ASSETS, "results/runs/dataset=trades/day=2026-12-31/jr_0.jsonl"),
    s3_request("GET", ASSETS, list_type="2", prefix="results/runs/"),
    s3_request("GET", ASSETS, list_type="2", prefix="results/runs/dataset=buyers/"),
    s3_request("PUT", ASSETS, "docs/trades/x", copied=f"{RAW}/buyers/1.csv"),
    glue_request("GetTable", DatabaseName="sluice_dev", Name="refunds"),
    glue_request("GetTable", DatabaseName="sluice_prod", Name="trades"),
    glue_request("DeleteTable", DatabaseName="sluice_dev", Name="trades"),
    glue_request("CreateDatabase", DatabaseInput={"Name": "mine"}),
    glue_request("CreateTable", DatabaseName="default", TableInput={"Name": "trades"}),
    put_metric_data("AWS/Glue"),
]


def describe_request(request: AwsRequest) -> str:
    return f"{request.method} {request.operation or '/'.join((request.bucket, request.key))}"


@pytest.mark.parametrize("request_", ALLOWED_REQUESTS, ids=describe_request)
def test_the_job_may_do_its_work(request_: AwsRequest) -> None:
    assert refused_asks(JOB, request_) == []


@pytest.mark.parametrize("request_", REFUSED_REQUESTS, ids=describe_request)
def test_the_job_may_do_nothing_else(request_: AwsRequest) -> None:
    assert refused_asks(JOB, request_)


def test_the_crawler_reads_its_folder_and_writes_raw_tables_only() -> None:
    assert not refused_asks(CRAWLER, s3_request("GET", RAW, "trades/1.csv"))
    assert not refused_asks(CRAWLER, s3_request("GET", RAW, location=""))
    assert not refused_asks(
        CRAWLER, glue_request("UpdateTable", DatabaseName="sluice_dev", TableInput={"Name": "raw_trades"})
    )
    assert refused_asks(CRAWLER, glue_request("UpdateTable", DatabaseName="sluice_dev", TableInput={"Name": "trades"}))
    assert refused_asks(CRAWLER, s3_request("GET", RAW, "buyers/1.csv"))
    assert refused_asks(CRAWLER, s3_request("PUT", RAW, "trades/1.csv"))
    assert refused_asks(CRAWLER, s3_request("GET", PROCESSED, "parquet/trades/data/a.parquet"))


def test_the_key_is_used_only_where_the_buckets_have_one() -> None:
    assert allowing_sids(JOB, PermissionRequest("kms:Decrypt", KEY))
    assert not allowing_sids(policy_documents.job_policy(HERE, "trades", None), PermissionRequest("kms:Decrypt", KEY))
    assert not allowing_sids(CRAWLER, PermissionRequest("kms:GenerateDataKey", KEY))


@pytest.mark.parametrize("index", range(len(JOB["Statement"])))
def test_a_statement_that_is_lost_is_missed(index: int) -> None:
    """Each statement allows something that no other does, so none can go unseen."""
    less = copy.deepcopy(JOB)
    lost_statement = less["Statement"].pop(index)
    arns = [arn.replace("*", "x") for arn in lost_statement["Resource"]]
    keys = [item for condition in lost_statement.get("Condition", {}).values() for item in condition.items()]
    context = {key: values[0].replace("*", "x") for key, values in keys}
    asks = [PermissionRequest(action, arn, context) for action in lost_statement["Action"] for arn in arns]
    assert all(allowing_sids(JOB, ask) for ask in asks)
    assert not all(allowing_sids(less, ask) for ask in asks)


def test_what_no_run_asks_for_carries_its_reason() -> None:
    granted = {f"{statement['Sid']} {action}" for statement in JOB["Statement"] for action in statement["Action"]}
    assert set(policy_documents.UNEXERCISED_GRANTS) <= granted
    assert all(len(reason) > 20 for reason in policy_documents.UNEXERCISED_GRANTS.values())


def test_a_permission_that_nothing_asks_for_is_found() -> None:
    document = policy_documents.policy_document(
        policy_documents.allow("Read", "s3:GetObject s3:PutObject", "arn:aws:s3:::b/*")
    )
    assert unused_grants(document, [PermissionRequest("s3:GetObject", "arn:aws:s3:::b/k")]) == {
        ("Read", "s3:PutObject")
    }


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/k/l", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/kl", False),
        ("arn:aws:s3:::b.c", "arn:aws:s3:::bxc", False),
        ("arn:aws:s3:::b[a]", "arn:aws:s3:::ba", False),
    ],
)
def test_wildcards_are_those_of_iam(pattern: str, value: str, fits: bool) -> None:
    document = policy_documents.policy_document(policy_documents.allow("x", READ, pattern))
    assert bool(allowing_sids(document, PermissionRequest(READ, value))) is fits


def test_a_condition_on_a_key_that_the_request_lacks_refuses() -> None:
    document = policy_documents.policy_document(policy_documents.allow("x", READ, "*", StringLike={"s3:prefix": "*"}))
    assert not allowing_sids(document, PermissionRequest(READ, "arn"))
    assert allowing_sids(document, PermissionRequest(READ, "arn", {"s3:prefix": ""}))


def test_actions_are_compared_without_case() -> None:
    assert allowing_sids(
        policy_documents.policy_document(policy_documents.allow("x", "S3:getobject", "*")),
        PermissionRequest(READ, "arn"),
    )


@pytest.mark.parametrize(
    "request_", [s3_request("PATCH", RAW, "trades/1.csv"), s3_request("GET", RAW, acl=""), glue_request("GetJobs")]
)
def test_a_request_that_the_table_lacks_is_refused(request_: AwsRequest) -> None:
    with pytest.raises(UnmappedRequest, match="no row for"):
        required_permissions(request_, HERE.region, HERE.account)


def test_who_one_is_may_be_asked_by_anyone() -> None:
    assert required_permissions(AwsRequest("sts", operation="GetCallerIdentity"), HERE.region, HERE.account) == []
