"""Files dropped into the raw bucket, and the run of the flow that they start."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.settings.project_name import option_key
from etl.wording import count_noun
from sluice.cli.exit_codes import ExitCode
from sluice.operations.commands.start import describe_run
from sluice.operations.flows import Flow
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.lake import Dataset, deployed_datasets
from sluice.sandbox.output import SandboxConsole
from sluice.sandbox.try_day import check_files, find_dataset

ARRIVAL_CONFIG = {option_key("start"): "arrival", option_key("active"): "true"}
SECONDS_BETWEEN_POLLS, TIMEOUT_SECONDS = 0.1, 30


class NothingStarted(RuntimeError):
    """The files are in raw, and what should follow did not; the message says what is missing."""


def run_arrival(dropped_files: Sequence[tuple[str, Path]], *, as_json: bool) -> ExitCode:
    """Deploy with files as what starts every dataset, drop these (dataset and file), and show the run; return the exit code.

    Raises:
        WrongUse: there is no such dataset or file.
        NothingStarted: no run of the flow followed.
    """
    started_at = time.monotonic()
    for name, file in dropped_files:
        check_files(name, [file])
    console = SandboxConsole(to_stderr=as_json)
    with emulator.running_emulator() as emulated_aws:
        with console.time_step("deploying the lake into an AWS emulator on this machine, started by files that arrive"):
            from sluice.sandbox.deploy import deploy_program  # noqa: PLC0415  Pulumi takes a second, while the emulator starts

            deploy_program(emulated_aws, changed=ARRIVAL_CONFIG)
        lake = deployed_datasets(emulated_aws)
        report = drop_files(console, emulated_aws, lake, dropped_files) | {
            "seconds": round(time.monotonic() - started_at, 1)
        }
    _print_report(console, report)
    if as_json:
        print(json.dumps(report), flush=True)
    return _exit_code(report)


def drop_files(
    console: SandboxConsole, emulated_aws: Emulator, lake: dict[str, Dataset], dropped_files: Sequence[tuple[str, Path]]
) -> dict[str, Any]:
    """Drop files (dataset and file) into a deployed lake that arrival starts; return what the flow that they start came to.

    Raises:
        NothingStarted: no run of the flow followed.
    """
    flow = Flow.of_datasets([lake_dataset.deployed for lake_dataset in lake.values()])
    keys = []
    for name in dict(dropped_files):
        keys += [
            f"{name}/{key}"
            for key in find_dataset(lake, name).upload_day(
                [file for dataset_name, file in dropped_files if dataset_name == name]
            )
        ]
    (queue_url,) = flow.task_arguments("QueueUrl")  # the queue that the flow empties
    queue = queue_url.rpartition("/")[2]
    waiting_count = _wait_for_count(
        lambda: _count_messages(emulated_aws, queue_url), len(keys), "no event reached the queue"
    )
    console.print_paragraph(
        f"{', '.join(keys)}: dropped into raw; S3 told EventBridge, {_waiting_text(waiting_count)} in {queue}"
    )
    window = _open_window_now(emulated_aws, flow)
    console.print_paragraph(f"the window {window} opens: it starts {flow.name}")
    _wait_for_count(lambda: len(_list_executions(emulated_aws, flow)), 1, "the schedule started no flow")
    (execution,) = _list_executions(emulated_aws, flow)
    with console.time_step(f"running {flow.name}"):
        finished_flow = flow.wait_for_end(execution)
    runs = [
        describe_run(dataset, run) | {"explained": run.is_explained}
        for dataset, run in flow.runs_of_execution(finished_flow)
    ]
    remaining_count = _count_messages(emulated_aws, queue_url)
    return {
        "execution": execution,
        "state": finished_flow.status,
        "cause": finished_flow.cause,
        "runs": runs,
        "waiting": remaining_count,
    }


def _wait_for_count(read_count: Any, minimum: int, fault: str) -> int:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (count := read_count()) < minimum:
        if time.monotonic() > deadline:
            raise NothingStarted(f"{fault} within {TIMEOUT_SECONDS} s: {count} of {minimum}")
        time.sleep(SECONDS_BETWEEN_POLLS)
    return count


def _waiting_text(message_count: int) -> str:
    return f"{count_noun(message_count, 'message')} {'waits' if message_count == 1 else 'wait'}"


def _count_messages(emulated_aws: Emulator, queue_url: str) -> int:
    sqs = emulated_aws.client("sqs")
    response = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(response["Attributes"]["ApproximateNumberOfMessages"])


def _open_window_now(emulated_aws: Emulator, flow: Flow) -> str:
    """Let the window come at once: a schedule of one time that does what the declared one does every so many minutes."""
    scheduler = emulated_aws.client("scheduler")
    schedules = scheduler.list_schedules()["Schedules"]
    (window,) = [schedule["Name"] for schedule in schedules if schedule["Target"]["Arn"] == flow.machine]
    declared = scheduler.get_schedule(Name=window)
    scheduler.create_schedule(
        Name=f"{window}-now",
        ScheduleExpression="at(2020-01-01T00:00:00)",
        FlexibleTimeWindow=declared["FlexibleTimeWindow"],
        Target=declared["Target"],
    )
    return f"{window} ({declared['ScheduleExpression']})"


def _list_executions(emulated_aws: Emulator, flow: Flow) -> list[str]:
    executions = emulated_aws.client("stepfunctions").list_executions(stateMachineArn=flow.machine)["executions"]
    return [execution["executionArn"] for execution in executions]


def _print_report(console: SandboxConsole, report: dict[str, Any]) -> None:
    console.print_paragraph("the flow ", report["state"], f"{': ' if report['cause'] else ''}{report['cause']}")
    console.print_rows([{name: value for name, value in run.items() if name != "explained"} for run in report["runs"]])
    console.print_paragraph(
        f"{_waiting_text(report['waiting'])} in the queue; all of this took {report['seconds']:.0f} s"
    )


def _exit_code(report: dict[str, Any]) -> ExitCode:
    if report["state"] == "SUCCEEDED":
        return ExitCode.DONE
    failed = [run for run in report["runs"] if run["state"] != "SUCCEEDED"]
    return ExitCode.AT_FAULT if failed and all(run["explained"] for run in failed) else ExitCode.OTHER_FAULT
