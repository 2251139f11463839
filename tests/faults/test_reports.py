"""What comes after a run cannot be told: the verdict and the exit code stay right."""

import json
from collections import Counter
from typing import Any

import pytest

from etl.contract.results_layout import KINDS
from tests.faults import jobs
from tests.faults.lake import FaultyLake
from tests.faults.proxy import Fault, Request
from tests.faults.trades import ELSEWHERE, Sale
from tests.faults.weather import Storm


def is_report(request: Request) -> bool:
    """Say whether it is a metric, a page of Data Docs, a verdict, a message or a line of the results."""
    return request.service == "monitoring" or request.is_of("s3", "PUT", "/(docs|verdicts|outbox|incidents|results)/")


def test_a_good_run_ends_well_where_metrics_and_data_docs_are_out_of_reach(
    faulty: FaultyLake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty.arrive_file("a", Sale(1))
    latest: Any = {"Bucket": faulty.bucket, "Key": "verdicts/latest.json"}

    def out_of_reach(request: Request) -> Fault | None:
        return Fault.RESET if is_report(request) and not request.path.endswith(".json") else None

    with faulty.proxy.follow_plan(out_of_reach) as met:
        ended = jobs.run_job(faulty, monkeypatch, capsys)
    warnings = [warning.partition(":")[0] for warning in ended.warnings]
    assert (met[Fault.RESET] > 0, ended.succeeded, ended.verdict["state"]) == (True, True, "SUCCEEDED")
    assert warnings[:2] == ["could not write the results s3"] * 2
    assert warnings[2] == "could not put the metrics"
    assert [message.startswith("could not write the Data Docs") for message in warnings[3:]] == [True, True]
    [outbox] = faulty.direct.s3.list_objects_v2(Bucket=faulty.bucket, Prefix="outbox/")["Contents"]
    message = json.loads(faulty.direct.s3.get_object(Bucket=faulty.bucket, Key=outbox["Key"])["Body"].read())
    assert (message["kind"], message["send"]) == ("results", True)
    for kind in KINDS:
        assert f"Results could not be written to s3://{faulty.bucket}/results/{kind}/" in message["email"]
    assert faulty.direct.s3.get_object(**latest)["Body"].read().decode().count('"SUCCEEDED"') == 1
    assert faulty.rerun_and_check().nothing_unread


@pytest.mark.parametrize(
    ("quantity", "well", "state"), [(1, True, "SUCCEEDED"), pytest.param(0, False, "FAILED", marks=pytest.mark.long)]
)
def test_a_run_ends_as_it_should_where_the_assets_bucket_is_read_only(
    faulty: FaultyLake,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    quantity: int,
    well: bool,
    state: str,
) -> None:
    faulty.arrive_file("a", Sale(1, quantity=quantity))
    with faulty.proxy.follow_plan(lambda request: Fault.DENIED if is_report(request) else None) as met:
        ended = jobs.run_job(faulty, monkeypatch, capsys)
    assert (met[Fault.DENIED] > 3, ended.succeeded, ended.verdict["state"]) == (True, well, state)
    need = f"(needs s3:PutObject on arn:aws:s3:::{faulty.bucket}/verdicts/latest.json)"
    assert any(warning.endswith(need) for warning in ended.warnings)
    faulty.arrive_file("a", Sale(1))
    faulty.rerun_and_check()


@pytest.mark.long
def test_a_jobs_exit_code_agrees_with_its_verdict_where_every_service_fails_now_and_then(
    faulty: FaultyLake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    storm, services = Storm(29), Counter[str]()  # a seed whose first metrics are refused

    def meet_fault(request: Request) -> Fault | None:
        fault = storm(request)
        services[request.service] += bool(fault)
        return fault

    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
    with faulty.proxy.follow_plan(meet_fault):
        ended = jobs.run_job(faulty, monkeypatch, capsys)
    assert (+services).keys() == {"s3", "glue", "monitoring"}
    assert ended.succeeded == (ended.verdict["state"] == "SUCCEEDED"), ended.verdict
    assert faulty.settle_model() or not ended.succeeded, ended.verdict
    faulty.rerun_and_check()
