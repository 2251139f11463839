"""Step Functions that runs Glue jobs: teaches MiniStack the one integration `glue:startJobRun`, with `.sync` and without.

Knows MiniStack's inside as `glue_adapter` does: it takes a place in `ministack.services.stepfunctions._SERVICE_DISPATCH`, has
SQS spoken to as JSON (read from XML, a list of messages loses its name), and lets schedules be looked at each second.
Its tagging API learns of state machines, by `ministack.services.tagging._COLLECTORS`.
A run that fails fails its state as on AWS: `States.TaskFailed`, with the run's record as JSON for its cause.
"""

import json
import time
from collections.abc import Generator
from typing import Any

from ministack.services import glue, scheduler, stepfunctions, tagging

START_JOB_RUN_RESOURCE = "arn:aws:states:::glue:startJobRun"
SECONDS_BETWEEN_POLLS = 0.1
SECONDS_BETWEEN_SCHEDULES = 1
UNFINISHED_STATES = ("STARTING", "RUNNING", "STOPPING")


def install_flow() -> None:
    """Take the places in MiniStack; called once, after `glue_adapter`, before it serves."""
    stepfunctions._SERVICE_DISPATCH[START_JOB_RUN_RESOURCE] = start_job_run
    stepfunctions._AWS_SDK_SERVICE_MAP["sqs"] = {"target_prefix": "AmazonSQS", "protocol": "json"}
    scheduler._SCHEDULE_TICK_INTERVAL = SECONDS_BETWEEN_SCHEDULES
    tagging._COLLECTORS["states"] = collect_state_machines


def collect_state_machines() -> Generator[tuple[str, list[dict[str, str]]], Any, None]:
    """Yield each state machine of the caller's account and region with its tags, as the tagging API has them."""
    for arn, tags in stepfunctions._tags.items():
        yield arn, [{"Key": tag["key"], "Value": tag["value"]} for tag in tags]


def start_job_run(resource: str, request: dict[str, Any]) -> dict[str, Any]:
    """Answer the state's call: at once with the run's id, or with its record once it has ended well.

    Raises:
        _ExecutionError: the run was not started (`Glue.` and the API's error), or ended otherwise (`States.TaskFailed`).
    """
    status, _, body = glue._start_job_run(request)
    answer = json.loads(body)
    if status >= 400:
        raise stepfunctions._ExecutionError(f"Glue.{answer['__type']}", f"{answer['message']} (Service: AWSGlue)")
    if not resource.endswith(".sync"):
        return answer
    run = wait_for_run(request["JobName"], answer["JobRunId"])
    if run["JobRunState"] != "SUCCEEDED":
        raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(run))
    return run


def wait_for_run(job: str, run_id: str) -> dict[str, Any]:
    """Wait for a run's end; return its record."""
    (run,) = [job_run for job_run in glue._job_runs[job] if job_run["Id"] == run_id]
    while run["JobRunState"] in UNFINISHED_STATES:
        time.sleep(SECONDS_BETWEEN_POLLS)
    return run
