"""The look for what is due in the emulator: it lists real objects, page by page, and tells what has not come."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.names import Names
from components.orchestration.due import schedule_expression
from components.orchestration.due_groups import DueDataset
from components.orchestration.due_listing import FIRST_PAGE
from components.orchestration.due_states import due_definition
from components.orchestration.message_states import Teller
from etl.contract.arrivals import DueArrival
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.emulator.subscriber import Subscriber
from sluice.sandbox.jobs.spark import REGION
from tests.sandbox.stub import BUCKET, Workshop
from tests.sandbox.waiting import wait_until

HERE = Names("sluice", "local", REGION, ACCOUNT)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/due"


class DueMachine:
    """A machine whose window is an hour before and after now, whatever the time is."""

    def __init__(self, workshop: Workshop, raw: str, *patterns: str) -> None:
        now = datetime.now(UTC)
        self.until, since = now + timedelta(hours=1), now - timedelta(hours=1)
        self.time = f"{self.until:%H:%M}"
        self.dataset = f"d{next(workshop.numbers)}"
        self.emulator = workshop.emulator
        topic = self.emulator.client("sns").create_topic(Name=f"{self.dataset}-messages")["TopicArn"]
        self.inbox = Subscriber.subscribe(self.emulator, topic)
        arrivals = tuple(
            DueArrival(pattern=pattern, by=self.time, since=f"{since:%H:%M}", count=2 if pattern == "*" else 1)
            for pattern in patterns
        )
        definition = due_definition(
            Teller(HERE, "due", BUCKET, dict.fromkeys(("critical", "warning", "info"), topic)),
            raw,
            [DueDataset(self.dataset, "ann", arrivals)],
        )
        self.machine = self.emulator.client("stepfunctions").create_state_machine(
            name=f"{self.dataset}-due", definition=json.dumps(definition), roleArn=ROLE
        )["stateMachineArn"]

    def put(self, *names: str) -> None:
        """Put objects below the dataset's prefix."""
        for name in names:
            self.emulator.client("s3").put_object(Bucket=BUCKET, Key=f"{self.dataset}/{name}", Body=b"x")

    def look(self) -> str:
        """Start it as the schedule does; return how it ended."""
        client = self.emulator.client("stepfunctions")
        payload = {"due": self.time, "scheduled": f"{self.until:%Y-%m-%dT%H:%M:00Z}"}
        execution = client.start_execution(stateMachineArn=self.machine, input=json.dumps(payload))["executionArn"]
        wait_until(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING")
        return client.describe_execution(executionArn=execution)["status"]

    def kept(self) -> list[dict[str, Any]]:
        """What is kept of what was told."""
        s3 = self.emulator.client("s3")
        listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"messages/{self.dataset}/due-").get("Contents", [])
        return [json.loads(s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()) for item in listed]


def test_what_has_come_is_not_told_and_what_has_not_is_once(workshop: Workshop) -> None:
    due = DueMachine(workshop, BUCKET, "*-store17.csv", "ä (b)/[[]x]*.csv", "*-store18.csv")
    due.put("1-store17.csv", "ä (b)/[x] 1.csv")
    assert [due.look(), due.look()] == ["SUCCEEDED", "SUCCEEDED"]
    [kept] = due.kept()
    assert kept["severity"] == "warning"
    lines = [line for line in kept["email"].splitlines() if " came between " in line]
    assert [line.partition(" came")[0] for line in lines] == ["*-store18.csv: 0 of 1"]
    due.put("1-store18.csv")
    assert len(due.kept()) == 1


def test_more_objects_than_a_page_are_listed_to_the_last(workshop: Workshop) -> None:
    due = DueMachine(workshop, BUCKET, "z-store17.csv")
    due.put(*(f"{number:04}.csv" for number in range(FIRST_PAGE + 5)), "z-store17.csv")
    assert due.look() == "SUCCEEDED"
    assert due.kept() == []


def test_a_bucket_that_cannot_be_listed_is_told_as_that(workshop: Workshop) -> None:
    due = DueMachine(workshop, "no-such-bucket", "*.csv")
    assert due.look() == "SUCCEEDED"
    [kept] = due.kept()
    assert "could not be looked for" in kept["subject"]
    assert "S3.NoSuchBucketException" in kept["email"]


@pytest.mark.parametrize("days", [["MON", "SAT"], ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]])
def test_the_scheduler_takes_its_times(workshop: Workshop, days: list[str]) -> None:
    workshop.emulator.client("scheduler").create_schedule(
        Name=f"due-{next(workshop.numbers)}",
        ScheduleExpression=schedule_expression("05:30", days),
        FlexibleTimeWindow={"Mode": "OFF"},
        State="DISABLED",
        Target={"Arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:x", "RoleArn": ROLE, "Input": "{}"},
    )
