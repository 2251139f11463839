"""Who is told of a run, and how often: by the flow, or by the watch where nobody else did. The jobs are of a few lines."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sluice.sandbox.deploy import READER
from sluice.sandbox.emulator.mailbox import Delivery
from sluice.sandbox.emulator.state_integrations import LONGEST_WAIT
from tests.sandbox.flowing import FlowHarness
from tests.sandbox.waiting import wait_until

SECONDS_TO_TELL = 2
"""Seconds in which the watch, after its wait, would have told."""


def make_message(kind: str, subject: str, *, send: bool = True, severity: str = "critical") -> dict[str, Any]:
    """Return what a job leaves; the run's id and the dataset are put in by the job."""
    labels = {"version": 1, "kind": kind, "severity": severity, "owner": "stack", "run_date": "2025-01-17"}
    why_not = "" if send else "said already by run jr_1"
    texts = {"subject": subject, "email": f"{subject}.\nin words", "chat": {}, "event": {"title": subject}}
    return {**labels, "send": send, "why_not": why_not, **texts}


class Told:
    """What the reader heard since a test began, and what was kept of it."""

    def __init__(self, flow: FlowHarness) -> None:
        self.flow, self.seen = flow, len(flow.emulator.mailbox.deliveries(READER))

    def deliveries(self) -> list[Delivery]:
        """Return what came."""
        return self.flow.emulator.mailbox.deliveries(READER)[self.seen :]

    def wait_for(self, count: int) -> list[Delivery]:
        """Wait until so many came."""
        wait_until(lambda: len(self.deliveries()) >= count)
        return self.deliveries()

    def kept(self, dataset: str, run_id: str) -> dict[str, Any] | None:
        """Return what was kept of a run's message, None where nothing was."""
        return self.read_object(f"messages/{dataset}/{run_id}.json")

    def read_object(self, key: str) -> dict[str, Any] | None:
        """Return an object of the assets bucket, None where there is none."""
        s3 = self.flow.emulator.client("s3")
        listed = s3.list_objects_v2(Bucket=self.flow.outputs["assets"], Prefix=key)
        if not listed.get("Contents"):
            return None
        return json.loads(s3.get_object(Bucket=self.flow.outputs["assets"], Key=key)["Body"].read())

    def forget_incidents(self) -> None:
        """Delete what other tests have said to be bad."""
        s3, bucket = self.flow.emulator.client("s3"), self.flow.outputs["assets"]
        for entry in s3.list_objects_v2(Bucket=bucket, Prefix="incidents/").get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=entry["Key"])


@pytest.fixture
def told(flow: FlowHarness) -> Iterator[Told]:
    heard = Told(flow)
    heard.forget_incidents()
    yield heard
    for dataset in ("buyers", "goods", "trades"):
        flow.tell_job(dataset)
    flow.new_runs()


def newest_run(flow: FlowHarness, dataset: str) -> str:
    """Return the id of the run that began last."""
    runs = flow.emulator.client("glue").get_job_runs(JobName=f"sluice-local-{dataset}")["JobRuns"]
    return max(runs, key=lambda run: run["StartedOn"])["Id"]


def test_a_bad_day_is_one_message_the_same_rules_again_are_none_and_good_again_is_one(
    flow: FlowHarness, told: Told
) -> None:
    """What a run says is its job's; here it is told once by the flow, and the watch finds it told."""
    flow.tell_job("buyers", message=make_message("bad", "buyers broke its contract"), fail="broken")
    assert flow.run_flow(datasets=["buyers"]).error == "DatasetsFailed"
    first = newest_run(flow, "buyers")
    flow.tell_job("buyers", message=make_message("bad", "again", send=False), fail="broken")
    flow.run_flow(datasets=["buyers"])
    second = newest_run(flow, "buyers")
    flow.tell_job("buyers", message=make_message("good_again", "buyers is good again"))
    assert flow.run_flow(datasets=["buyers"]).status == "SUCCEEDED"
    time.sleep(LONGEST_WAIT + SECONDS_TO_TELL)
    assert [delivery.subject for delivery in told.deliveries()] == ["buyers broke its contract", "buyers is good again"]
    assert told.deliveries()[0].text == "buyers broke its contract.\nin words"
    kept, silent = told.kept("buyers", first), told.kept("buyers", second)
    assert kept
    assert silent
    assert (kept["told_by"], [topic.rpartition(":")[2] for topic in kept["topics"]]) == (
        "flow",
        ["sluice-local-messages-critical"],
    )
    assert (silent["send"], silent["why_not"]) == (False, "said already by run jr_1")


def test_a_run_that_was_started_outside_the_flow_is_told_by_the_watch(flow: FlowHarness, told: Told) -> None:
    flow.tell_job("goods", message=make_message("set_aside", "goods set rows aside", severity="warning"))
    run = flow.emulator.client("glue").start_job_run(JobName="sluice-local-goods")["JobRunId"]
    [delivery] = told.wait_for(1)
    assert (delivery.subject, delivery.topic) == ("goods set rows aside", "sluice-local-messages-warning")
    wait_until(lambda: told.kept("goods", run) is not None)
    kept = told.kept("goods", run)
    assert kept
    assert kept["told_by"] == "watch"


def test_a_flow_whose_telling_fails_is_good_and_the_watch_tells(flow: FlowHarness, told: Told) -> None:
    states = flow.emulator.client("stepfunctions")
    definition = states.describe_state_machine(stateMachineArn=flow.machine)["definition"]
    states.update_state_machine(
        stateMachineArn=flow.machine, definition=definition.replace("messages-critical", "messages-that-are-gone")
    )
    try:
        flow.tell_job("buyers", message=make_message("good_again", "buyers is good again"))
        assert flow.run_flow(datasets=["buyers"]).status == "SUCCEEDED"
        assert told.deliveries() == []
        [delivery] = told.wait_for(1)
    finally:
        states.update_state_machine(stateMachineArn=flow.machine, definition=definition)
    assert delivery.subject == "buyers is good again"


def test_a_run_that_is_killed_twice_a_day_is_told_once_and_counts_as_bad_at_once(flow: FlowHarness, told: Told) -> None:
    glue, job = flow.emulator.client("glue"), "sluice-local-goods"
    runs = []
    for _ in range(2):
        flow.tell_job("goods", hold=True)
        (flow.folder / "goods.holds").unlink(missing_ok=True)
        runs.append(glue.start_job_run(JobName=job)["JobRunId"])
        wait_until(lambda: flow.are_holding("goods"))
        glue.batch_stop_job_run(JobName=job, JobRunIds=runs[-1:])
        wait_until(lambda run=runs[-1]: told.kept("goods", run) is not None)
    [delivery] = told.deliveries()
    assert runs[0] in delivery.text
    silent = told.kept("goods", runs[1])
    assert silent
    assert silent["why_not"] == f"said already by run {runs[0]}"
    metrics = flow.emulator.client("cloudwatch").list_metrics(Namespace="Sluice", MetricName="Broken")["Metrics"]
    assert [{"Name": "JobName", "Value": job}] in [metric["Dimensions"] for metric in metrics]


def test_a_dataset_that_never_came_is_told_once_a_day_and_what_rings_goes_to_no_person(
    flow: FlowHarness, told: Told
) -> None:
    cloudwatch, alarm = flow.emulator.client("cloudwatch"), "sluice-local-trades-missing"
    for _ in range(2):
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="drill")
        wait_until(lambda: bool(told.deliveries()))
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="drill")
    time.sleep(SECONDS_TO_TELL)
    [delivery] = told.deliveries()
    assert "trades never came" in delivery.subject
    assert alarm not in delivery.subject
