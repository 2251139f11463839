"""The whole stack deployed, its flow started by files that arrive, and a job of a few lines in place of every dataset's."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sluice.sandbox.deploy import deploy_program
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.emulator.subscriber import Subscriber
from tests.sandbox.waiting import MOST_SECONDS

STUB = Path(__file__).with_name("flow_stub.py")
ARRIVAL = {"sluice:start": "arrival", "sluice:active": "true"}
MOST_SECONDS_AROUND_THE_JOBS = 5


@dataclass(frozen=True)
class FlowExecution:
    """An execution of the flow that ended: AWS's word, what it failed by, and how long it took."""

    status: str
    error: str
    cause: str
    seconds: float


@dataclass
class FlowHarness:
    """The deployed flow; `folder` is what the jobs read and leave."""

    emulator: Emulator
    outputs: dict[str, Any]
    folder: Path
    inbox: Subscriber
    runs_seen: int = field(default=0)

    @cached_property
    def machine(self) -> str:
        """The ARN of the state machine."""
        return self.machine_named("flow")

    def machine_named(self, ending: str) -> str:
        """The ARN of the machine whose name ends so."""
        machines = self.emulator.client("stepfunctions").list_state_machines()["stateMachines"]
        (arn,) = [machine["stateMachineArn"] for machine in machines if machine["name"] == f"sluice-local-{ending}"]
        return arn

    @cached_property
    def queue_url(self) -> str:
        """The URL of the queue of what arrived."""
        return self.emulator.client("sqs").get_queue_url(QueueName="sluice-local-arrivals")["QueueUrl"]

    def put_objects(self, *keys: str) -> None:
        """Put objects into raw."""
        for key in keys:
            self.emulator.client("s3").put_object(Bucket=self.outputs["raw"], Key=key, Body=b"x")

    def tell_job(self, dataset: str, **orders: Any) -> None:
        """Say how the next runs of a dataset go: `fail` with a message, `hold` once raw was listed, until it is told anew."""
        (self.folder / f"{dataset}.told").write_text(json.dumps(orders))

    def forget_incidents(self) -> None:
        """Forget what was said to be bad: another run of the same day that is killed is told of again."""
        s3, bucket = self.emulator.client("s3"), self.outputs["assets"]
        for item in s3.list_objects_v2(Bucket=bucket, Prefix="incidents/").get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=item["Key"])

    def are_holding(self, *datasets: str) -> bool:
        """Whether runs of all of these hold."""
        return all((self.folder / f"{dataset}.holds").exists() for dataset in datasets)

    def start_flow(self, **flow_input: Any) -> str:
        """Start the flow; return the execution's ARN."""
        return self.start_with(input=json.dumps(flow_input))

    def start_with(self, **request: str) -> str:
        """Start the flow with a request as it stands; return the execution's ARN."""
        client = self.emulator.client("stepfunctions")
        return client.start_execution(stateMachineArn=self.machine, **request)["executionArn"]

    def wait_for_end(self, execution: str) -> FlowExecution:
        """Wait for an execution's end."""
        until = time.monotonic() + MOST_SECONDS
        while time.monotonic() < until:
            execution_details = self.emulator.client("stepfunctions").describe_execution(executionArn=execution)
            if execution_details["status"] != "RUNNING":
                took = (execution_details["stopDate"] - execution_details["startDate"]).total_seconds()
                return FlowExecution(
                    execution_details["status"],
                    execution_details.get("error", ""),
                    execution_details.get("cause", ""),
                    took,
                )
            time.sleep(0.05)
        raise AssertionError(f"{execution} had not ended within {MOST_SECONDS} s")

    def run_flow(self, **flow_input: Any) -> FlowExecution:
        """Start the flow and wait for its end."""
        return self.wait_for_end(self.start_flow(**flow_input))

    def run_arrival_check(self) -> FlowExecution:
        """What the window's schedule does."""
        return self.run_flow(start="arrival")

    def entered_states(self, execution: str) -> list[str]:
        """Return the states that an execution went through, those within stages left out."""
        client = self.emulator.client("stepfunctions")
        pages = client.get_paginator("get_execution_history").paginate(executionArn=execution)
        events = [event for page in pages for event in page["events"]]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]

    def new_runs(self) -> list[dict[str, Any]]:
        """Return the runs that ended well since the last call, in the order of their end."""
        file = self.folder / "runs.jsonl"
        every = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        new, self.runs_seen = every[self.runs_seen :], len(every)
        return new

    def seconds_around_jobs(self, ran: FlowExecution, runs: dict[str, dict[str, Any]], *stages: Sequence[str]) -> float:
        """Return, and print, the seconds of an execution in which none of these runs went on, as Glue tells their times."""
        jobs = sum(max(self._job_seconds(dataset, runs[dataset]["id"]) for dataset in stage) for stage in stages)
        print(f"the flow took {ran.seconds:.1f} s, {ran.seconds - jobs:.1f} s of it around the jobs")
        return ran.seconds - jobs

    def _job_seconds(self, dataset: str, run: str) -> float:
        job_run = self.emulator.client("glue").get_job_run(JobName=f"sluice-local-{dataset}", RunId=run)["JobRun"]
        return (job_run["CompletedOn"] - job_run["StartedOn"]).total_seconds()

    def waiting_messages(self) -> int:
        """Return how many messages the queue holds."""
        return self._message_count("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")

    def visible_messages(self) -> int:
        """Return how many of them can be received now."""
        return self._message_count("ApproximateNumberOfMessages")

    def _message_count(self, *names: str) -> int:
        attributes = self.emulator.client("sqs").get_queue_attributes(
            QueueUrl=self.queue_url, AttributeNames=list(names)
        )
        return sum(int(attributes["Attributes"][name]) for name in names)


@contextmanager
def deployed_flow(folder: Path) -> Iterator[FlowHarness]:
    """Deploy, with every job's script replaced."""
    with emulator.running_emulator() as running_emulator:
        outputs = deploy_program(running_emulator, changed=ARRIVAL).outputs
        places = {job["Command"]["ScriptLocation"] for job in running_emulator.client("glue").get_jobs()["Jobs"]}
        script = STUB.read_text().replace("FOLDER", str(folder))
        for place in places:
            bucket, key = place.removeprefix("s3://").split("/", 1)
            running_emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=script.encode())
        # one queue, to which both go
        topics = outputs["topic"], outputs["topic"].replace("alarms", "messages-critical")
        inbox = Subscriber.subscribe(running_emulator, *topics)
        yield FlowHarness(running_emulator, outputs, folder, inbox)
