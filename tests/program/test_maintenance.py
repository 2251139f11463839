"""The weekly maintenance of each dataset: its job, when it starts, what it may do, and what it costs."""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from components.access.maintenance_policy import UNEXERCISED_IN_MAINTENANCE, maintenance_policy
from components.names import Names
from components.settings import stack_settings
from components.settings.config_reader import BadConfiguration
from components.settings.contracts import DeployedContract, load_contract
from components.settings.stack_settings import parse_settings
from etl.contract.results_layout import KINDS
from sluice.program.bill.bill import monthly_bill
from sluice.program.graph import Graph, run_program, stack_config
from sluice.program.iam import PermissionRequest, allowing_sids
from sluice.program.request_permissions import AwsRequest, required_permissions
from tests.lake import LAKE
from tests.program.deployed import JOB, ROLE_POLICY, Deployed

TRIGGER = "aws:glue/trigger:Trigger"
HERE = Names("sluice", "dev", "eu-west-1", "123456789012")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f9c"
MAINTENANCE_POLICY = maintenance_policy(HERE, "trades", KEY)
PROCESSED, ASSETS, RAW = (f"sluice-dev-{zone}-123456789012" for zone in ("processed", "assets", "raw"))


def s3_request(method: str, bucket: str, key: str = "", **query: str) -> AwsRequest:
    parameters = {name.replace("_", "-"): value for name, value in query.items()}
    return AwsRequest("s3", method=method, bucket=bucket, key=key, query=parameters)


def glue_request(operation: str, **body: str) -> AwsRequest:
    return AwsRequest("glue", operation=operation, body=body)


def refused_asks(request: AwsRequest) -> list[PermissionRequest]:
    return [
        ask
        for ask in required_permissions(request, HERE.region, HERE.account)
        if not allowing_sids(MAINTENANCE_POLICY, ask)
    ]


def maintenance_job(deployed: Deployed) -> dict[str, Any]:
    return deployed.resource_inputs(JOB, "maintenance-job")


def maintenance_arguments(deployed: Deployed) -> dict[str, str]:
    return maintenance_job(deployed)["defaultArguments"]


def test_each_dataset_has_a_second_job_that_is_bounded_like_the_first(deployed: Deployed) -> None:
    same = ("glueVersion", "workerType", "numberOfWorkers", "timeout", "maxRetries", "executionClass")
    same += ("executionProperty", "notificationProperty", "command")
    assert {key: maintenance_job(deployed)[key] for key in same} == {key: deployed.job[key] for key in same}
    assert maintenance_job(deployed)["name"] == f"{deployed.name_prefix}-maintain"
    assert maintenance_job(deployed)["roleArn"] != deployed.job["roleArn"]


def test_it_is_told_what_it_maintains_and_who_publishes_there(deployed: Deployed) -> None:
    expected = {
        "--maintain": deployed.dataset,
        "--publisher": deployed.name_prefix,
        "--snapshot-days": str(deployed.configured_value("snapshot_days", 14)),
        "--quarantine-days": str(deployed.configured_value("quarantine_days", 0)),
        "--TempDir": f"s3://{deployed.bucket_name('assets')}/temp/{deployed.dataset}/maintenance/",
    }
    assert {key: maintenance_arguments(deployed).get(key) for key in expected} == expected
    for shared in ("--table", "--location", "--verdicts", "--conf", "--extra-py-files", "--custom-logGroup-prefix"):
        assert maintenance_arguments(deployed)[shared] == deployed.arguments[shared]


def test_it_is_not_taken_for_the_job_that_publishes(deployed: Deployed) -> None:
    """By `--dataset` the operator's commands and the bill find a dataset's own job."""
    assert "--dataset" not in maintenance_arguments(deployed)
    assert "--maintain" not in deployed.arguments


def test_it_starts_once_a_week_where_the_stack_is_active(deployed: Deployed) -> None:
    trigger = deployed.resource_inputs(TRIGGER, "maintenance-trigger")
    assert trigger["schedule"] == deployed.configured_value("maintain", "cron(30 2 ? * SUN *)")
    assert trigger["enabled"] is (deployed.graph.stack in ("staging", "prod"))
    assert trigger["actions"] == [{"jobName": f"{deployed.name_prefix}-maintain"}]


def test_a_dataset_may_keep_its_history_and_its_quarantine_for_a_time_of_its_own() -> None:
    entries = {
        "trades": {"snapshot_days": 90, "quarantine_days": 30, "maintain": "cron(0 3 ? * MON *)"},
        "buyers": {},
    }
    graph = run_program("dev", changed={"sluice:datasets": json.dumps(entries), "sluice:snapshot_days": "7"})
    trades, buyers = (maintenance_arguments(Deployed(graph, dataset)) for dataset in entries)
    assert (trades["--snapshot-days"], trades["--quarantine-days"]) == ("90", "30")
    assert (buyers["--snapshot-days"], buyers["--quarantine-days"]) == ("7", "0")
    assert (
        Deployed(graph, "trades").resource_inputs(TRIGGER, "maintenance-trigger")["schedule"] == "cron(0 3 ? * MON *)"
    )


def kept_trades(lake: Path, keep_days: Any) -> DeployedContract:
    """Return the trades' contract with a `keep_days`, from a folder that has the tests' contracts."""
    shutil.copytree(LAKE / "expectations", lake / "expectations")
    file = lake / "expectations" / "trades" / "output.json"
    suite = json.loads(file.read_text())
    suite["meta"]["keep_days"] = keep_days
    file.write_text(json.dumps(suite))
    return load_contract("trades", lake)


def test_it_is_told_by_the_contract_how_long_rows_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_trades(tmp_path, {"column": "transaction_date", "days": 730})
    monkeypatch.setattr(stack_settings, "load_contract", partial(load_contract, root=tmp_path))
    graph = run_program("dev", changed={"sluice:datasets": json.dumps({"trades": {}, "buyers": {}})})
    trades, buyers = (maintenance_arguments(Deployed(graph, dataset)) for dataset in ("trades", "buyers"))
    assert (trades["--keep-by"], trades["--keep-days"]) == ("transaction_date", "730")
    assert not {"--keep-by", "--keep-days"} & buyers.keys()


@pytest.mark.parametrize("keep_days", [730, {"column": "transaction_date"}, {"column": "transaction_date", "days": 0}])
def test_a_contract_that_says_half_of_it_is_refused(tmp_path: Path, keep_days: Any) -> None:
    with pytest.raises(
        ValueError, match=r'keep_days such as {"column": "sold_on", "days": 730}, and expectations/trades'
    ):
        kept_trades(tmp_path, keep_days)


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
    raw_settings = {
        name.removeprefix("sluice:"): text for name, text in stack_config("dev").items() if "sluice:" in name
    }
    with pytest.raises(BadConfiguration, match=f"sluice:{key} is .*{takes}"):
        parse_settings({**raw_settings, key: value}, "dev", "eu-west-1")


ALLOWED_REQUESTS = [
    s3_request("GET", ASSETS, "code/job-1.py"),
    s3_request("GET", PROCESSED, list_type="2", prefix="parquet/trades/data/"),
    s3_request("GET", PROCESSED, list_type="2", prefix="parquet/trades/quarantine/metadata/"),
    s3_request("GET", PROCESSED, list_type="2", prefix="parquet/trades/ledger/"),
    s3_request("GET", PROCESSED, list_type="2", prefix="quarantine/trades/data/"),
    s3_request("PUT", PROCESSED, "quarantine/trades/metadata/1.json"),
    s3_request("GET", PROCESSED, list_type="2", prefix="ledger/trades/"),
    s3_request("GET", PROCESSED, "ledger/trades/jr_1.json"),
    s3_request("DELETE", PROCESSED, "ledger/trades/jr_1.segments"),
    s3_request("GET", PROCESSED, "parquet/trades/metadata/1.json"),
    s3_request("PUT", PROCESSED, "parquet/trades/data/a.parquet"),
    s3_request("DELETE", PROCESSED, "parquet/trades/quarantine/data/a.parquet"),
    s3_request("GET", PROCESSED, "parquet/trades/ledger/jr_1.json"),
    s3_request("DELETE", PROCESSED, "parquet/trades/ledger/jr_1.segments"),
    s3_request("PUT", ASSETS, "verdicts/trades/maintenance/latest.json"),
    *(s3_request("GET", ASSETS, f"results/{kind}/dataset=trades/day=2026-11-29/jr_1.jsonl") for kind in KINDS),
    *(s3_request("GET", ASSETS, list_type="2", prefix=f"results/{kind}/dataset=trades/") for kind in KINDS),
    *(s3_request("GET", ASSETS, list_type="2", prefix=f"results/months/{kind}/dataset=trades/") for kind in KINDS),
    *(s3_request("PUT", ASSETS, f"results/months/{kind}/dataset=trades/2026-11.jsonl") for kind in KINDS),
    glue_request("GetTable", DatabaseName="sluice_dev", Name="trades_quarantine"),
    glue_request("UpdateTable", DatabaseName="sluice_dev", Name="trades"),
    glue_request("GetJobRuns", JobName="sluice-dev-trades"),
]
REFUSED_REQUESTS = [
    s3_request("GET", RAW, "trades/1.csv"),
    s3_request("GET", RAW, list_type="2", prefix="trades/"),
    s3_request("GET", ASSETS, "contracts/trades/input-1.json"),
    s3_request("GET", ASSETS, "verdicts/trades/latest.json"),
    s3_request("PUT", ASSETS, "verdicts/trades/latest.json"),
    s3_request("PUT", ASSETS, "temp/trades/replay/mended.jsonl"),
    s3_request("PUT", ASSETS, "code/etl-1.zip"),
    s3_request("GET", ASSETS, "results/runs/dataset=buyers/day=2026-11-29/jr_1.jsonl"),
    s3_request("PUT", ASSETS, "results/runs/dataset=trades/day=2026-11-29/jr_1.jsonl"),
    s3_request("PUT", ASSETS, "results/months/runs/dataset=buyers/2026-11.jsonl"),
    s3_request("DELETE", ASSETS, "results/runs/dataset=trades/day=2026-11-29/jr_1.jsonl"),
    s3_request("GET", PROCESSED, list_type="2"),
    s3_request("GET", PROCESSED, list_type="2", prefix="parquet/trades/"),
    s3_request("GET", PROCESSED, list_type="2", prefix="parquet/buyers/data/"),
    s3_request("DELETE", PROCESSED, "parquet/buyers/data/a.parquet"),
    s3_request("DELETE", PROCESSED, "parquet/trades/ledger/skipped.json"),
    s3_request("DELETE", PROCESSED, "ledger/trades/skipped.json"),
    s3_request("DELETE", PROCESSED, "ledger/buyers/jr_1.json"),
    s3_request("DELETE", PROCESSED, "quarantine/buyers/data/a.parquet"),
    s3_request("PUT", PROCESSED, "ledger/trades/jr_1.json"),
    s3_request("PUT", PROCESSED, "parquet/trades/ledger/jr_1.json"),
    s3_request("DELETE", PROCESSED, "parquet/trades/data/a.parquet", versionId="v1"),
    glue_request("CreateTable", DatabaseName="sluice_dev", Name="trades"),
    glue_request("DeleteTable", DatabaseName="sluice_dev", Name="trades"),
    glue_request("UpdateTable", DatabaseName="sluice_dev", Name="buyers"),
    glue_request("GetJobRuns", JobName="sluice-dev-buyers"),
]


def describe_request(request: AwsRequest) -> str:
    return f"{request.method} {request.operation or request.key or request.query}"


@pytest.mark.parametrize("request_", ALLOWED_REQUESTS, ids=describe_request)
def test_the_maintenance_may_do_its_work(request_: AwsRequest) -> None:
    assert refused_asks(request_) == []


@pytest.mark.parametrize("request_", REFUSED_REQUESTS, ids=describe_request)
def test_the_maintenance_may_do_nothing_else(request_: AwsRequest) -> None:
    assert refused_asks(request_)


def test_the_document_is_the_one_that_is_deployed(deployed: Deployed) -> None:
    names = Names("sluice", deployed.graph.stack, "eu-west-1", "123456789012")
    policy = json.loads(deployed.resource_inputs(ROLE_POLICY, "maintenance-role-policy")["policy"])
    keyed = any(statement["Sid"] == "UseKeyOfBuckets" for statement in policy["Statement"])
    assert keyed is (deployed.graph.stack == "prod")
    expected = maintenance_policy(names, deployed.dataset, KEY if keyed else None)["Statement"]
    assert [statement for statement in policy["Statement"] if statement["Sid"] != "UseKeyOfBuckets"] == expected[
        : -1 if keyed else None
    ]


def test_what_no_maintenance_asks_for_carries_its_reason() -> None:
    granted = {
        f"{statement['Sid']} {action}"
        for statement in MAINTENANCE_POLICY["Statement"]
        for action in statement["Action"]
    }
    assert set(UNEXERCISED_IN_MAINTENANCE) <= granted
    assert all(len(reason) > 20 for reason in UNEXERCISED_IN_MAINTENANCE.values())


def test_a_week_of_it_costs_what_was_worked_out(graph: Graph) -> None:
    """30 / 7 runs of 5 minutes on 2 x G.1X at $0.308 a DPU-hour: $0.22 a month; it stores nothing of its own."""
    lines = {line.what.partition("-trades-maintain: ")[2]: line.usd for line in monthly_bill(graph)}
    runs = {"staging": 0.22, "prod": 0.44}.get(graph.stack, 0)
    assert lines["runs"] == pytest.approx(runs, abs=0.005)
    assert lines["storage"] < 0.01
