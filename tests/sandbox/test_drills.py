"""The drills of docs/drills.md, as far as the emulator goes: each path ends in the inbox of a subscriber of the topic."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.flowing import Flowing
from tests.sandbox.waiting import until

DRILL = "sluice-local-drill"


def hears(flow: Flowing, *words: str) -> bool:
    """Wait for a message that has all these words; ends with an error where none comes."""
    until(lambda: any(all(word in message.text for word in words) for message in flow.inbox.received(1)))
    return True


def queue_url(flow: Flowing, name: str) -> str:
    return flow.emulator.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]


def alarm(flow: Flowing, name: str) -> dict[str, Any]:
    return flow.emulator.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def test_an_alarm_that_is_set_by_hand_reaches_the_topic(flow: Flowing) -> None:
    name = "sluice-local-sales-violations"
    flow.emulator.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    assert hears(flow, name, "drill")


@pytest.fixture
def drill(flow: Flowing) -> Iterator[None]:
    """A rule that lasts for a test, on events that anybody may put, with the topic and the dead-letter queue of the others."""
    events = flow.emulator.client("events")
    (target,) = events.list_targets_by_rule(Rule="sluice-local-sales-failed")["Targets"]
    events.put_rule(Name=DRILL, EventPattern='{"source": ["sluice.drill"]}')
    events.put_targets(Rule=DRILL, Targets=[target])
    yield
    events.remove_targets(Rule=DRILL, Ids=[target["Id"]])
    events.delete_rule(Name=DRILL)


@pytest.mark.usefixtures("drill")
def test_an_event_of_a_drill_reaches_the_topic(flow: Flowing) -> None:
    entry = {"Source": "sluice.drill", "DetailType": "drill", "Detail": json.dumps({"path": "rules"})}
    assert flow.emulator.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    assert hears(flow, "sluice.drill", "rules")


def test_a_run_that_is_stopped_is_told_of(flow: Flowing) -> None:
    glue, job = flow.emulator.client("glue"), "sluice-local-customers"
    flow.tell("customers", hold=True)
    run = glue.start_job_run(JobName=job)["JobRunId"]
    until(lambda: flow.holds("customers"))
    glue.batch_stop_job_run(JobName=job, JobRunIds=[run])
    assert hears(flow, "Glue Job State Change", run, "STOPPED")
    flow.tell("customers")


def test_what_waits_undelivered_rings_and_is_told_of(flow: Flowing) -> None:
    name = "sluice-local-undelivered"
    sqs, url = flow.emulator.client("sqs"), queue_url(flow, name)
    assert alarm(flow, name)["StateValue"] != "ALARM"
    sqs.send_message(QueueUrl=url, MessageBody="drill")
    until(lambda: alarm(flow, name)["StateValue"] == "ALARM")
    assert hears(flow, name, "AWS/SQS")
    sqs.purge_queue(QueueUrl=url)


def test_every_target_in_the_emulator_has_the_queue_that_keeps_what_it_refuses(flow: Flowing) -> None:
    events, scheduler = flow.emulator.client("events"), flow.emulator.client("scheduler")
    rules = [rule["Name"] for rule in events.list_rules()["Rules"]]
    targets = [target for rule in rules for target in events.list_targets_by_rule(Rule=rule)["Targets"]]
    targets += [scheduler.get_schedule(Name=one["Name"])["Target"] for one in scheduler.list_schedules()["Schedules"]]
    kept = [target["DeadLetterConfig"]["Arn"].rpartition(":")[2] for target in targets]
    assert set(kept) == {"sluice-local-undelivered"}
    assert len(kept) > len(rules) / 2


def test_a_crawler_starts_under_its_name_and_only_aws_makes_its_table(flow: Flowing) -> None:
    glue, name = flow.emulator.client("glue"), "sluice-local-sales-raw"
    resting = glue.get_crawler(Name=name)["Crawler"]
    assert (resting["State"], resting["TablePrefix"], bool(resting.get("Schedule"))) == ("READY", "raw_", False)
    assert [target["Path"] for target in resting["Targets"]["S3Targets"]] == [f"s3://{flow.outputs['raw']}/sales/"]
    glue.start_crawler(Name=name)
    assert glue.get_crawler(Name=name)["Crawler"]["State"] == "RUNNING"
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(DatabaseName=flow.outputs["database"], Name="raw_sales")
