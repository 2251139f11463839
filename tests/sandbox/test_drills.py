"""The drills of docs/drills.md, as far as the emulator goes: each path ends in the inbox of a subscriber of the topics."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.flowing import FlowHarness
from tests.sandbox.waiting import wait_until

DRILL = "sluice-local-drill"


def wait_for_message(flow: FlowHarness, *parts: str) -> bool:
    """Wait for a message that has all these words; ends with an error where none comes."""
    wait_until(lambda: any(all(part in message.text for part in parts) for message in flow.inbox.receive_messages(1)))
    return True


def queue_url(flow: FlowHarness, name: str) -> str:
    return flow.emulator.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]


def describe_alarm(flow: FlowHarness, name: str) -> dict[str, Any]:
    return flow.emulator.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def test_an_alarm_that_is_set_by_hand_reaches_the_topic(flow: FlowHarness) -> None:
    name = "sluice-local-trades-violations"
    flow.emulator.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    assert wait_for_message(flow, name, "drill")


@pytest.fixture
def drill(flow: FlowHarness) -> Iterator[None]:
    """A rule that lasts for a test, on events that anybody may put, with the target and the dead-letter queue of the others."""
    events = flow.emulator.client("events")
    (target,) = events.list_targets_by_rule(Rule="sluice-local-runs-failed")["Targets"]
    events.put_rule(Name=DRILL, EventPattern='{"source": ["sluice.drill"]}')
    events.put_targets(Rule=DRILL, Targets=[target])
    yield
    events.remove_targets(Rule=DRILL, Ids=[target["Id"]])
    events.delete_rule(Name=DRILL)


@pytest.mark.usefixtures("drill")
def test_an_event_of_a_drill_starts_the_watch(flow: FlowHarness) -> None:
    states, watch = flow.emulator.client("stepfunctions"), flow.machine_named("watch")
    entry = {"Source": "sluice.drill", "DetailType": "drill", "Detail": json.dumps({"path": "rules"})}
    assert flow.emulator.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0

    def failed_causes() -> list[str]:
        listed = states.list_executions(stateMachineArn=watch, statusFilter="FAILED")["executions"]
        return [states.describe_execution(executionArn=run["executionArn"])["cause"] for run in listed]

    wait_until(lambda: any('"path":"rules"' in cause for cause in failed_causes()))


def test_a_run_that_is_stopped_is_told_of(flow: FlowHarness) -> None:
    glue, job = flow.emulator.client("glue"), "sluice-local-buyers"
    flow.forget_incidents()
    flow.tell_job("buyers", hold=True)
    run = glue.start_job_run(JobName=job)["JobRunId"]
    wait_until(lambda: flow.are_holding("buyers"))
    glue.batch_stop_job_run(JobName=job, JobRunIds=[run])
    assert wait_for_message(flow, "buyers", run, "the run ended STOPPED", "Do first:")
    flow.tell_job("buyers")


def test_what_waits_undelivered_rings_and_is_told_of(flow: FlowHarness) -> None:
    name = "sluice-local-undelivered"
    sqs, url = flow.emulator.client("sqs"), queue_url(flow, name)
    assert describe_alarm(flow, name)["StateValue"] != "ALARM"
    sqs.send_message(QueueUrl=url, MessageBody="drill")
    wait_until(lambda: describe_alarm(flow, name)["StateValue"] == "ALARM")
    assert wait_for_message(flow, name, "AWS/SQS")
    sqs.purge_queue(QueueUrl=url)


def test_every_target_in_the_emulator_has_the_queue_that_keeps_what_it_refuses(flow: FlowHarness) -> None:
    events, scheduler = flow.emulator.client("events"), flow.emulator.client("scheduler")
    rules = [rule["Name"] for rule in events.list_rules()["Rules"]]
    targets = [target for rule in rules for target in events.list_targets_by_rule(Rule=rule)["Targets"]]
    targets += [
        scheduler.get_schedule(Name=schedule["Name"])["Target"] for schedule in scheduler.list_schedules()["Schedules"]
    ]
    dead_letter_queues = [target["DeadLetterConfig"]["Arn"].rpartition(":")[2] for target in targets]
    assert set(dead_letter_queues) == {"sluice-local-undelivered"}
    assert len(dead_letter_queues) > len(rules) / 2


def test_a_crawler_starts_under_its_name_and_only_aws_makes_its_table(flow: FlowHarness) -> None:
    glue, name = flow.emulator.client("glue"), "sluice-local-trades-raw"
    resting = glue.get_crawler(Name=name)["Crawler"]
    assert (resting["State"], resting["TablePrefix"], bool(resting.get("Schedule"))) == ("READY", "raw_", False)
    assert [target["Path"] for target in resting["Targets"]["S3Targets"]] == [f"s3://{flow.outputs['raw']}/trades/"]
    glue.start_crawler(Name=name)
    assert glue.get_crawler(Name=name)["Crawler"]["State"] == "RUNNING"
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(DatabaseName=flow.outputs["database"], Name="raw_trades")
