"""What the roles may do, and what they may not: the documents judged as AWS would judge them."""

import copy

import pytest

from components.access import policy_documents
from components.names import Names
from sluice.program.iam import Ask, allowing, unused
from sluice.program.request_permissions import Request, Unmapped, asks

HERE = Names("sluice", "dev", "eu-west-1", "123456789012")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/k"
JOB, CRAWLER = policy_documents.job(HERE, "sales", KEY, ("customers",)), policy_documents.crawler(HERE, "sales", KEY)
RAW, ASSETS, PROCESSED = (f"sluice-dev-{zone}-123456789012" for zone in ("raw", "assets", "processed"))
READ, WRITE = "s3:GetObject", "s3:PutObject"


def s3(method: str, bucket: str, key: str = "", status: int = 200, copied: str = "", **query: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in query.items()}
    return Request("s3", method, bucket, key, named, copied, status=status)


def glue(operation: str, **body: object) -> Request:
    return Request("glue", operation=operation, body=body)


def put(namespace: str) -> Request:
    return Request("monitoring", operation="PutMetricData", body={"Namespace": namespace})


def refused(document: policy_documents.Document, request: Request) -> list[Ask]:
    needed = asks(request, HERE.region, HERE.account)
    assert needed, request
    return [ask for ask in needed if not allowing(document, ask)]


MAY = [
    s3("GET", RAW, list_type="2", prefix="sales/"),
    s3("GET", RAW, versions="", prefix="sales/"),
    s3("GET", RAW, "sales/2027-01-01.csv"),
    s3("HEAD", RAW, "sales/2027-01-01.csv"),
    s3("GET", RAW, "sales/2027-01-01.csv", versionId="v1"),
    s3("GET", ASSETS, "code/etl-1.zip"),
    s3("GET", ASSETS, "contracts/sales/input-1.json"),
    s3("PUT", ASSETS, "verdicts/sales/run.json"),
    s3("PUT", ASSETS, "docs/sales/index.html"),
    s3("PUT", ASSETS, "temp/sales/part"),
    s3("GET", ASSETS, "temp/sales/replay/run.jsonl"),
    s3("GET", ASSETS, list_type="2", prefix="temp/sales/replay/run.jsonl"),
    s3("PUT", PROCESSED, "parquet/sales/data/a.parquet"),
    s3("POST", PROCESSED, "parquet/sales/data/a.parquet", uploads=""),
    s3("PUT", PROCESSED, "parquet/sales/data/a.parquet", partNumber="1", uploadId="u"),
    s3("DELETE", PROCESSED, "parquet/sales/data/a.parquet", uploadId="u"),
    s3("DELETE", PROCESSED, "parquet/sales/data/a.parquet"),
    s3("PUT", PROCESSED, "quarantine/sales/data/a.parquet"),
    s3("GET", PROCESSED, "quarantine/sales/metadata/1.json"),
    s3("DELETE", PROCESSED, "quarantine/sales/data/a.parquet"),
    s3("PUT", PROCESSED, "ledger/sales/jr_1.json"),
    s3("GET", PROCESSED, "ledger/sales/jr_1.segments"),
    s3("GET", PROCESSED, list_type="2", prefix="ledger/sales/skipped.json"),
    # a run of the code before decision 17, whose role is this one already
    s3("PUT", PROCESSED, "parquet/sales/ledger/jr_1.json"),
    s3("GET", PROCESSED, "parquet/sales/ledger/jr_1.segments"),
    s3("GET", PROCESSED, list_type="2", prefix="parquet/sales/ledger/skipped.json"),
    s3("PUT", PROCESSED, "parquet/sales/quarantine/data/a.parquet"),
    glue("GetDatabase", Name="sluice_dev"),
    glue("GetDatabase", Name="default"),
    glue("GetTable", DatabaseName="sluice_dev", Name="sales"),
    glue("CreateTable", DatabaseName="sluice_dev", TableInput={"Name": "sales"}),
    glue("UpdateTable", DatabaseName="sluice_dev", TableInput={"Name": "sales"}),
    put("Sluice"),
    put("Glue"),
]
MAY_NOT = [
    s3("GET", RAW, list_type="2"),
    s3("GET", RAW, list_type="2", prefix="customers/"),
    s3("GET", RAW, "customers/1.csv"),
    s3("GET", RAW, "sales"),
    s3("PUT", RAW, "sales/1.csv"),
    s3("DELETE", RAW, "sales/1.csv"),
    s3("DELETE", RAW, "sales/1.csv", versionId="v1"),
    s3("HEAD", RAW, "sales/none.csv", status=404),
    s3("PUT", ASSETS, "code/etl-1.zip"),
    s3("DELETE", ASSETS, "code/etl-1.zip"),
    s3("PUT", ASSETS, "contracts/sales/input-1.json"),
    s3("GET", ASSETS, "contracts/refunds/input-1.json"),
    s3("PUT", ASSETS, "verdicts/refunds/run.json"),
    s3("PUT", PROCESSED, "parquet/refunds/data/a.parquet"),
    s3("PUT", PROCESSED, "elsewhere/a.parquet"),
    s3("DELETE", PROCESSED, "ledger/sales/jr_1.json"),
    s3("PUT", PROCESSED, "ledger/refunds/jr_1.json"),
    s3("GET", PROCESSED, "ledger/sales_daily/jr_1.json"),
    s3("GET", PROCESSED, "quarantine/refunds/data/a.parquet"),
    s3("GET", PROCESSED, list_type="2", prefix="ledger/refunds/"),
    s3("GET", "sluice-prod-raw-123456789012", "sales/1.csv"),
    s3("GET", "sluice-dev-logs-123456789012", "raw/1"),
    s3("GET", ASSETS, "temp/sales/part"),
    s3("GET", ASSETS, "temp/customers/replay/run.jsonl"),
    s3("GET", ASSETS, list_type="2", prefix="verdicts/sales/"),
    s3("PUT", ASSETS, "docs/sales/x", copied=f"{RAW}/customers/1.csv"),
    glue("GetTable", DatabaseName="sluice_dev", Name="refunds"),
    glue("GetTable", DatabaseName="sluice_prod", Name="sales"),
    glue("DeleteTable", DatabaseName="sluice_dev", Name="sales"),
    glue("CreateDatabase", DatabaseInput={"Name": "mine"}),
    glue("CreateTable", DatabaseName="default", TableInput={"Name": "sales"}),
    put("AWS/Glue"),
]


def told(request: Request) -> str:
    return f"{request.method} {request.operation or '/'.join((request.bucket, request.key))}"


@pytest.mark.parametrize("request_", MAY, ids=told)
def test_the_job_may_do_its_work(request_: Request) -> None:
    assert refused(JOB, request_) == []


@pytest.mark.parametrize("request_", MAY_NOT, ids=told)
def test_the_job_may_do_nothing_else(request_: Request) -> None:
    assert refused(JOB, request_)


def test_the_crawler_reads_its_folder_and_writes_raw_tables_only() -> None:
    assert not refused(CRAWLER, s3("GET", RAW, "sales/1.csv"))
    assert not refused(CRAWLER, s3("GET", RAW, location=""))
    assert not refused(CRAWLER, glue("UpdateTable", DatabaseName="sluice_dev", TableInput={"Name": "raw_sales"}))
    assert refused(CRAWLER, glue("UpdateTable", DatabaseName="sluice_dev", TableInput={"Name": "sales"}))
    assert refused(CRAWLER, s3("GET", RAW, "customers/1.csv"))
    assert refused(CRAWLER, s3("PUT", RAW, "sales/1.csv"))
    assert refused(CRAWLER, s3("GET", PROCESSED, "parquet/sales/data/a.parquet"))


def test_the_key_is_used_only_where_the_buckets_have_one() -> None:
    assert allowing(JOB, Ask("kms:Decrypt", KEY))
    assert not allowing(policy_documents.job(HERE, "sales", None), Ask("kms:Decrypt", KEY))
    assert not allowing(CRAWLER, Ask("kms:GenerateDataKey", KEY))


@pytest.mark.parametrize("index", range(len(JOB["Statement"])))
def test_a_statement_that_is_lost_is_missed(index: int) -> None:
    """Each statement allows something that no other does, so none can go unseen."""
    less = copy.deepcopy(JOB)
    gone = less["Statement"].pop(index)
    arns = [arn.replace("*", "x") for arn in gone["Resource"]]
    keys = [item for condition in gone.get("Condition", {}).values() for item in condition.items()]
    context = {key: values[0].replace("*", "x") for key, values in keys}
    asked = [Ask(action, arn, context) for action in gone["Action"] for arn in arns]
    assert all(allowing(JOB, ask) for ask in asked)
    assert not all(allowing(less, ask) for ask in asked)


def test_what_no_run_asks_for_carries_its_reason() -> None:
    granted = {f"{one['Sid']} {action}" for one in JOB["Statement"] for action in one["Action"]}
    assert set(policy_documents.UNSEEN) <= granted
    assert all(len(reason) > 20 for reason in policy_documents.UNSEEN.values())


def test_a_permission_that_nothing_asks_for_is_found() -> None:
    document = policy_documents.document(
        policy_documents.allow("Read", "s3:GetObject s3:PutObject", "arn:aws:s3:::b/*")
    )
    assert unused(document, [Ask("s3:GetObject", "arn:aws:s3:::b/k")]) == {("Read", "s3:PutObject")}


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
    document = policy_documents.document(policy_documents.allow("x", READ, pattern))
    assert bool(allowing(document, Ask(READ, value))) is fits


def test_a_condition_on_a_key_that_the_request_lacks_refuses() -> None:
    document = policy_documents.document(policy_documents.allow("x", READ, "*", StringLike={"s3:prefix": "*"}))
    assert not allowing(document, Ask(READ, "arn"))
    assert allowing(document, Ask(READ, "arn", {"s3:prefix": ""}))


def test_actions_are_compared_without_case() -> None:
    assert allowing(policy_documents.document(policy_documents.allow("x", "S3:getobject", "*")), Ask(READ, "arn"))


@pytest.mark.parametrize("request_", [s3("PATCH", RAW, "sales/1.csv"), s3("GET", RAW, acl=""), glue("GetJobs")])
def test_a_request_that_the_table_lacks_is_refused(request_: Request) -> None:
    with pytest.raises(Unmapped, match="no row for"):
        asks(request_, HERE.region, HERE.account)


def test_who_one_is_may_be_asked_by_anyone() -> None:
    assert asks(Request("sts", operation="GetCallerIdentity"), HERE.region, HERE.account) == []
