"""`python -m sandbox arrive`: files dropped into the raw bucket, and the run of the flow that they start."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from etl.wording import counted
from sluice.operations.commands.start import shown
from sluice.operations.flows import Flow
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.lake import Dataset, datasets
from sluice.sandbox.output import Telling
from sluice.sandbox.try_day import check, known

BY_ARRIVAL = {"sluice:start": "arrival", "sluice:active": "true"}
PUBLISHED, BROKEN, OTHER_FAULT = 0, 1, 3
SECONDS_BETWEEN_LOOKS, MOST_SECONDS = 0.1, 30


class NothingStarted(RuntimeError):
    """The files are in raw, and what should follow did not; the message says what is missing."""


def arrive(dropped: Sequence[tuple[str, Path]], *, as_json: bool) -> int:
    """Deploy with files as what starts every dataset, drop these (dataset and file), and show the run; return the exit code.

    Raises:
        WrongUse: there is no such dataset or file.
        NothingStarted: no run of the flow followed.
    """
    began = time.monotonic()
    for name, file in dropped:
        check(name, [file])
    tell = Telling(aside=as_json)
    with emulator.running() as at:
        with tell.step("deploying the lake into an AWS emulator on this machine, started by files that arrive"):
            from sluice.sandbox.deploy import deploy  # noqa: PLC0415  Pulumi takes a second, while the emulator starts

            deploy(at, changed=BY_ARRIVAL)
        lake = datasets(at)
        report = drop(tell, at, lake, dropped) | {"seconds": round(time.monotonic() - began, 1)}
    _tell(tell, report)
    if as_json:
        print(json.dumps(report), flush=True)
    return _code(report)


def drop(tell: Telling, at: Emulator, lake: dict[str, Dataset], dropped: Sequence[tuple[str, Path]]) -> dict[str, Any]:
    """Drop files (dataset and file) into a deployed lake that arrival starts; return what the flow that they start came to.

    Raises:
        NothingStarted: no run of the flow followed.
    """
    flow = Flow.of([one.deployed for one in lake.values()])
    keys = []
    for name in dict(dropped):
        keys += [
            f"{name}/{key}" for key in known(lake, name).upload_day([file for one, file in dropped if one == name])
        ]
    stack = flow.name.removesuffix("-flow")
    waiting = _until(lambda: _waiting(at, f"{stack}-arrivals"), len(keys), "no event reached the queue")
    tell.say(f"{', '.join(keys)}: dropped into raw; S3 told EventBridge, {_wait(waiting)} in {stack}-arrivals")
    window = _open(at, f"{stack}-arrivals-window")
    tell.say(f"the window {window} opens: it starts {flow.name}")
    _until(lambda: len(_executions(at, flow)), 1, "the schedule started no flow")
    (execution,) = _executions(at, flow)
    with tell.step(f"running {flow.name}"):
        ended = flow.ended(execution)
    runs = [shown(dataset, run) | {"explained": run.explained} for dataset, run in flow.ran(ended)]
    left = _waiting(at, f"{stack}-arrivals")
    return {"execution": execution, "state": ended.status, "cause": ended.cause, "runs": runs, "waiting": left}


def _until(number: Any, wanted: int, fault: str) -> int:
    until = time.monotonic() + MOST_SECONDS
    while (found := number()) < wanted:
        if time.monotonic() > until:
            raise NothingStarted(f"{fault} within {MOST_SECONDS} s: {found} of {wanted}")
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return found


def _wait(messages: int) -> str:
    return f"{counted(messages, 'message')} {'waits' if messages == 1 else 'wait'}"


def _waiting(at: Emulator, queue: str) -> int:
    sqs = at.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(said["Attributes"]["ApproximateNumberOfMessages"])


def _open(at: Emulator, window: str) -> str:
    """Let the window come at once: a schedule of one time that does what the declared one does every so many minutes."""
    scheduler = at.client("scheduler")
    declared = scheduler.get_schedule(Name=window)
    scheduler.create_schedule(
        Name=f"{window}-now",
        ScheduleExpression="at(2020-01-01T00:00:00)",
        FlexibleTimeWindow=declared["FlexibleTimeWindow"],
        Target=declared["Target"],
    )
    return f"{window} ({declared['ScheduleExpression']})"


def _executions(at: Emulator, flow: Flow) -> list[str]:
    listed = at.client("stepfunctions").list_executions(stateMachineArn=flow.machine)["executions"]
    return [one["executionArn"] for one in listed]


def _tell(tell: Telling, report: dict[str, Any]) -> None:
    tell.say("the flow ", report["state"], f"{': ' if report['cause'] else ''}{report['cause']}")
    tell.rows([{name: one for name, one in run.items() if name != "explained"} for run in report["runs"]])
    tell.say(f"{_wait(report['waiting'])} in the queue; all of this took {report['seconds']:.0f} s")


def _code(report: dict[str, Any]) -> int:
    if report["state"] == "SUCCEEDED":
        return PUBLISHED
    failed = [run for run in report["runs"] if run["state"] != "SUCCEEDED"]
    return BROKEN if failed and all(run["explained"] for run in failed) else OTHER_FAULT
