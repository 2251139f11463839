"""The weekly maintenance of each dataset: its job, when it starts, what it may do, and what it costs."""

import json
from typing import Any

import pytest

from components.access.maintenance_policy import UNSEEN_IN_MAINTENANCE, maintenance
from components.names import Names
from components.settings.config_reader import BadConfiguration
from components.settings.stack_settings import settle
from sluice.program.bill.bill import bill
from sluice.program.graph import Graph, run, stack_config
from sluice.program.iam import Ask, allowing
from sluice.program.request_permissions import Request, asks
from tests.program.deployed import JOB, ROLE_POLICY, Deployed

TRIGGER = "aws:glue/trigger:Trigger"
HERE = Names("sluice", "dev", "eu-west-1", "123456789012")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f9c"
MAY_WHAT = maintenance(HERE, "sales", KEY)
PROCESSED, ASSETS, RAW = (f"sluice-dev-{zone}-123456789012" for zone in ("processed", "assets", "raw"))


def s3(method: str, bucket: str, key: str = "", **query: str) -> Request:
    words = {name.replace("_", "-"): value for name, value in query.items()}
    return Request("s3", method=method, bucket=bucket, key=key, query=words)


def glue(operation: str, **body: str) -> Request:
    return Request("glue", operation=operation, body=body)


def refused(request: Request) -> list[Ask]:
    return [ask for ask in asks(request, HERE.region, HERE.account) if not allowing(MAY_WHAT, ask)]


def job(deployed: Deployed) -> dict[str, Any]:
    return deployed.inputs(JOB, "maintenance-job")


def told(deployed: Deployed) -> dict[str, str]:
    return job(deployed)["defaultArguments"]


def test_each_dataset_has_a_second_job_that_is_bounded_like_the_first(deployed: Deployed) -> None:
    same = ("glueVersion", "workerType", "numberOfWorkers", "timeout", "maxRetries", "executionClass")
    same += ("executionProperty", "notificationProperty", "command")
    assert {key: job(deployed)[key] for key in same} == {key: deployed.job[key] for key in same}
    assert job(deployed)["name"] == f"{deployed.called}-maintain"
    assert job(deployed)["roleArn"] != deployed.job["roleArn"]


def test_it_is_told_what_it_maintains_and_who_publishes_there(deployed: Deployed) -> None:
    wanted = {
        "--maintain": deployed.dataset,
        "--publisher": deployed.called,
        "--snapshot-days": str(deployed.configured("snapshot_days", 14)),
        "--quarantine-days": str(deployed.configured("quarantine_days", 0)),
        "--TempDir": f"s3://{deployed.bucket('assets')}/temp/{deployed.dataset}/maintenance/",
    }
    assert {key: told(deployed).get(key) for key in wanted} == wanted
    for shared in ("--table", "--location", "--verdicts", "--conf", "--extra-py-files", "--custom-logGroup-prefix"):
        assert told(deployed)[shared] == deployed.arguments[shared]


def test_it_is_not_taken_for_the_job_that_publishes(deployed: Deployed) -> None:
    """By `--dataset` the operator's commands and the bill find a dataset's own job."""
    assert "--dataset" not in told(deployed)
    assert "--maintain" not in deployed.arguments


def test_it_starts_once_a_week_where_the_stack_is_active(deployed: Deployed) -> None:
    trigger = deployed.inputs(TRIGGER, "maintenance-trigger")
    assert trigger["schedule"] == deployed.configured("maintain", "cron(0 2 ? * SUN *)")
    assert trigger["enabled"] is (deployed.graph.stack in ("staging", "prod"))
    assert trigger["actions"] == [{"jobName": f"{deployed.called}-maintain"}]


def test_a_dataset_may_keep_its_history_and_its_quarantine_for_a_time_of_its_own() -> None:
    entries = {
        "sales": {"snapshot_days": 90, "quarantine_days": 30, "maintain": "cron(0 3 ? * MON *)"},
        "customers": {},
    }
    graph = run("dev", changed={"sluice:datasets": json.dumps(entries), "sluice:snapshot_days": "7"})
    sales, customers = (told(Deployed(graph, dataset)) for dataset in entries)
    assert (sales["--snapshot-days"], sales["--quarantine-days"]) == ("90", "30")
    assert (customers["--snapshot-days"], customers["--quarantine-days"]) == ("7", "0")
    assert Deployed(graph, "sales").inputs(TRIGGER, "maintenance-trigger")["schedule"] == "cron(0 3 ? * MON *)"


@pytest.mark.parametrize(
    ("key", "value", "takes"),
    [
        ("maintain", "", "takes a schedule of six fields in UTC"),
        ("maintain", "weekly", "takes a schedule of six fields in UTC"),
        ("snapshot_days", "0", "takes a whole number from 1 to 3650"),
        ("quarantine_days", "-1", "takes a whole number from 0 to 36500"),
    ],
)
def test_a_wrong_setting_of_the_maintenance_is_refused(key: str, value: str, takes: str) -> None:
    given = {name.removeprefix("sluice:"): text for name, text in stack_config("dev").items() if "sluice:" in name}
    with pytest.raises(BadConfiguration, match=f"sluice:{key} is .*{takes}"):
        settle({**given, key: value}, "dev", "eu-west-1")


MAY = [
    s3("GET", ASSETS, "code/job-1.py"),
    s3("GET", PROCESSED, list_type="2", prefix="parquet/sales/data/"),
    s3("GET", PROCESSED, list_type="2", prefix="parquet/sales/quarantine/metadata/"),
    s3("GET", PROCESSED, list_type="2", prefix="parquet/sales/ledger/"),
    s3("GET", PROCESSED, list_type="2", prefix="quarantine/sales/data/"),
    s3("PUT", PROCESSED, "quarantine/sales/metadata/1.json"),
    s3("GET", PROCESSED, list_type="2", prefix="ledger/sales/"),
    s3("GET", PROCESSED, "ledger/sales/jr_1.json"),
    s3("DELETE", PROCESSED, "ledger/sales/jr_1.segments"),
    s3("GET", PROCESSED, "parquet/sales/metadata/1.json"),
    s3("PUT", PROCESSED, "parquet/sales/data/a.parquet"),
    s3("DELETE", PROCESSED, "parquet/sales/quarantine/data/a.parquet"),
    s3("GET", PROCESSED, "parquet/sales/ledger/jr_1.json"),
    s3("DELETE", PROCESSED, "parquet/sales/ledger/jr_1.segments"),
    s3("PUT", ASSETS, "verdicts/sales/maintenance/latest.json"),
    glue("GetTable", DatabaseName="sluice_dev", Name="sales_quarantine"),
    glue("UpdateTable", DatabaseName="sluice_dev", Name="sales"),
    glue("GetJobRuns", JobName="sluice-dev-sales"),
]
MAY_NOT = [
    s3("GET", RAW, "sales/1.csv"),
    s3("GET", RAW, list_type="2", prefix="sales/"),
    s3("GET", ASSETS, "contracts/sales/input-1.json"),
    s3("GET", ASSETS, "verdicts/sales/latest.json"),
    s3("PUT", ASSETS, "verdicts/sales/latest.json"),
    s3("PUT", ASSETS, "temp/sales/replay/mended.jsonl"),
    s3("PUT", ASSETS, "code/etl-1.zip"),
    s3("GET", PROCESSED, list_type="2"),
    s3("GET", PROCESSED, list_type="2", prefix="parquet/sales/"),
    s3("GET", PROCESSED, list_type="2", prefix="parquet/customers/data/"),
    s3("DELETE", PROCESSED, "parquet/customers/data/a.parquet"),
    s3("DELETE", PROCESSED, "parquet/sales/ledger/skipped.json"),
    s3("DELETE", PROCESSED, "ledger/sales/skipped.json"),
    s3("DELETE", PROCESSED, "ledger/customers/jr_1.json"),
    s3("DELETE", PROCESSED, "quarantine/customers/data/a.parquet"),
    s3("PUT", PROCESSED, "ledger/sales/jr_1.json"),
    s3("PUT", PROCESSED, "parquet/sales/ledger/jr_1.json"),
    s3("DELETE", PROCESSED, "parquet/sales/data/a.parquet", versionId="v1"),
    glue("CreateTable", DatabaseName="sluice_dev", Name="sales"),
    glue("DeleteTable", DatabaseName="sluice_dev", Name="sales"),
    glue("UpdateTable", DatabaseName="sluice_dev", Name="customers"),
    glue("GetJobRuns", JobName="sluice-dev-customers"),
]


def named(request: Request) -> str:
    return f"{request.method} {request.operation or request.key or request.query}"


@pytest.mark.parametrize("request_", MAY, ids=named)
def test_the_maintenance_may_do_its_work(request_: Request) -> None:
    assert refused(request_) == []


@pytest.mark.parametrize("request_", MAY_NOT, ids=named)
def test_the_maintenance_may_do_nothing_else(request_: Request) -> None:
    assert refused(request_)


def test_the_document_is_the_one_that_is_deployed(deployed: Deployed) -> None:
    names = Names("sluice", deployed.graph.stack, "eu-west-1", "123456789012")
    found = json.loads(deployed.inputs(ROLE_POLICY, "maintenance-role-policy")["policy"])
    keyed = any(one["Sid"] == "UseKeyOfBuckets" for one in found["Statement"])
    assert keyed is (deployed.graph.stack == "prod")
    wanted = maintenance(names, deployed.dataset, KEY if keyed else None)["Statement"]
    assert [one for one in found["Statement"] if one["Sid"] != "UseKeyOfBuckets"] == wanted[: -1 if keyed else None]


def test_what_no_maintenance_asks_for_carries_its_reason() -> None:
    granted = {f"{one['Sid']} {action}" for one in MAY_WHAT["Statement"] for action in one["Action"]}
    assert set(UNSEEN_IN_MAINTENANCE) <= granted
    assert all(len(reason) > 20 for reason in UNSEEN_IN_MAINTENANCE.values())


def test_a_week_of_it_costs_what_was_worked_out(graph: Graph) -> None:
    """30 / 7 runs of 5 minutes on 2 x G.1X at $0.308 a DPU-hour: $0.22 a month; it stores nothing of its own."""
    lines = {line.what.partition("-sales-maintain: ")[2]: line.usd for line in bill(graph)}
    runs = {"staging": 0.22, "prod": 0.44}.get(graph.stack, 0)
    assert lines["runs"] == pytest.approx(runs, abs=0.005)
    assert lines["storage"] < 0.01
