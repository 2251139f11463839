"""The flow's state machine as plain data: Amazon States Language with JSONata, written from the list of datasets.

Source: AWS Step Functions developer guide, State machine structure; Transforming data with JSONata; Start an AWS Glue job.
Parallel states use neither Output nor Assign, so that a machine runs the same on AWS and in the sandbox's emulator.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from components.names import Names
from components.orchestration.arrival_states import choice, look
from components.orchestration.dataset_order import stages
from components.orchestration.failure_messages import failure, message
from components.orchestration.flow_input import ASKED, asked_for, begin

State = dict[str, Any]
States = dict[str, State]
FIRST_PAUSE, LONGEST_PAUSE = 2, 120
"""Seconds between two tries to start a job."""
MARGIN = 10
"""Minutes for Glue to start a run and to tell of its end, over the job's own timeout."""


@dataclass(frozen=True)
class Step:
    """One dataset's job and its place in the flow.

    `needs` run before it; where one of them failed it is held back if it `stops`, else it runs all the same. `timeout` in
    minutes; `verdicts` is the URI that a run's id is put after.
    """

    dataset: str
    job: str
    timeout: int
    verdicts: str
    needs: tuple[str, ...] = ()
    stops: bool = False


def definition(names: Names, steps: Sequence[Step], topic: str, queue: str | None, queued: Iterable[str]) -> State:
    """Return the machine; `queue` is the URL of the queue whose messages name the datasets `queued`, None without one.

    `flow_input` says what it takes as input.
    """
    order = stages({one.dataset: one.needs for one in steps})
    named = {one.dataset: one for one in steps}
    first = stage_name(0)
    return {
        "Comment": "Runs each dataset's job after those that it needs",
        "QueryLanguage": "JSONata",
        "StartAt": "Begin" if queue else ASKED,
        "States": {
            **({"Begin": begin(), **look(names, queue, queued, first)} if queue else {}),
            **asked_for([*named], first, looks=bool(queue)),
            **{
                name: state
                for at, datasets in enumerate(order)
                for name, state in stage(
                    names, at, [named[one] for one in datasets], topic, at + 1 == len(order)
                ).items()
            },
            **ending(),
        },
    }


def stage_name(at: int) -> str:
    return f"Stage {at + 1}"


def stage(names: Names, at: int, steps: Sequence[Step], topic: str, last: bool) -> States:
    """The datasets of one stage side by side; none of them fails the stage, what failed is kept in a variable."""
    ended = f"{stage_name(at)} ended"
    bad = "$states.input[outcome in ['FAILED', 'HELD BACK']].dataset"
    return {
        stage_name(at): {"Type": "Parallel", "Branches": [branch(names, one, topic) for one in steps], "Next": ended},
        ended: {
            "Type": "Pass",
            "Assign": {"failed": f"{{% $append($failed, {bad}) %}}"},
            "Next": "Did all end well?" if last else stage_name(at + 1),
        },
    }


def branch(names: Names, step: Step, topic: str) -> State:
    name = step.dataset
    tell = f"Tell of {name}"
    choices = [{"Condition": f"{{% $not('{name}' in $datasets) %}}", "Next": f"{name} not asked for"}]
    held: States = {}
    if step.stops and step.needs:
        lacks = f"{{% $count($failed[$ in {json.dumps(step.needs)}]) > 0 %}}"
        choices.append({"Condition": lacks, "Next": f"{name} held back"})
        held = {f"{name} held back": outcome(name, "HELD BACK")}
    return {
        "StartAt": f"Run {name}?",
        "States": {
            f"Run {name}?": {"Type": "Choice", "Choices": choices, "Default": name},
            f"{name} not asked for": outcome(name, "NOT ASKED FOR"),
            **held,
            name: run(names, step, tell),
            tell: {
                "Type": "Task",
                "Resource": names.integration_arn("sns:publish"),
                "Arguments": {
                    "TopicArn": topic,
                    "Subject": f"{step.job} failed",
                    "Message": message(name, step.verdicts),
                },
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": f"{name} failed"}],
                "Next": f"{name} failed",
            },
            f"{name} failed": outcome(name, "FAILED"),
        },
    }


def outcome(dataset: str, word: str) -> State:
    return {"Type": "Pass", "Output": {"dataset": dataset, "outcome": word}, "End": True}


def run(names: Names, step: Step, tell: str) -> State:
    """The job's run to its end; what broke a contract breaks it again, so only a start that found no room is repeated."""
    return {
        "Type": "Task",
        "Resource": names.integration_arn("glue:startJobRun.sync"),
        "Arguments": {"JobName": step.job},
        "TimeoutSeconds": (step.timeout + MARGIN) * 60,
        "Retry": [
            {
                # as long as the run in the way may take: then there is room
                "ErrorEquals": ["Glue.ConcurrentRunsExceededException", "Glue.ResourceNumberLimitExceededException"],
                **pauses(step.timeout * 60 // LONGEST_PAUSE + 6),
            },
            # a throttled call to Glue has no exception of its own there: "Glue.AWSGlueException: Rate exceeded"
            {"ErrorEquals": ["Glue.ThrottlingException", "Glue.AWSGlueException"], **pauses(6)},
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": tell}],
        "Output": {"dataset": step.dataset, "outcome": "SUCCEEDED"},
        "End": True,
    }


def pauses(tries: int) -> State:
    return {
        "IntervalSeconds": FIRST_PAUSE,
        "BackoffRate": 2,
        "MaxDelaySeconds": LONGEST_PAUSE,
        "MaxAttempts": tries,
    }


def ending() -> States:
    return {
        "Did all end well?": choice("$count($failed) = 0", "All ended well", "Some failed"),
        "All ended well": {"Type": "Succeed"},
        "Some failed": failure("DatasetsFailed", "'failed, or held back by what it needs: ' & $join($failed, ', ')"),
    }
