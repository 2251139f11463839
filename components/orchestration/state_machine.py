"""The flow's state machine as plain data: Amazon States Language with JSONata, written from the list of datasets.

Source: AWS Step Functions developer guide, State machine structure; Transforming data with JSONata; Start an AWS Glue job.
Parallel states use neither Output nor Assign, so that a machine runs the same on AWS and in the sandbox's emulator.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.names import Names
from components.orchestration.arrival_states import choice_state, queue_states
from components.orchestration.dataset_order import execution_stages
from components.orchestration.failure_messages import ended_run, fail_state
from components.orchestration.flow_input import REQUEST_STATE, begin_state, input_states
from components.orchestration.message_states import Teller
from components.orchestration.run_message_states import read_state, run_message_states
from components.orchestration.run_words import crash_words

State = dict[str, Any]
States = dict[str, State]
FIRST_PAUSE, LONGEST_PAUSE = 2, 120
"""Seconds between two tries to start a job."""
MARGIN = 10
"""Minutes for Glue to start a run and to tell of its end, over the job's own timeout."""


@dataclass(frozen=True)
class FlowStep:
    """One dataset's job and its place in the flow.

    `needs` run before it; where one of them failed it is held back if it `stops_on_failed_need`, else it runs all
    the same. `timeout` in
    minutes; `verdicts` is the URI that a run's id is put after. `owner` is the contract's; `mute` says `until` when and `why`
    nothing is told of the dataset, and is empty where all is.
    """

    dataset: str
    job: str
    timeout: int
    verdicts: str
    needs: tuple[str, ...] = ()
    stops_on_failed_need: bool = False
    owner: str = "stack"
    mute: Mapping[str, str] = field(default_factory=dict)


def machine_definition(
    teller: Teller, steps: Sequence[FlowStep], queue: str | None, queued: Iterable[str], docs_url: str = ""
) -> State:
    """Return the machine; `queue` is the URL of the queue whose messages name the datasets `queued`, None without one.

    `flow_input` says what it takes as input. What runs say is told as `teller` tells; the runbook is below `docs_url`.
    """
    names = teller.names
    order = execution_stages({step.dataset: step.needs for step in steps})
    steps_by_dataset = {step.dataset: step for step in steps}
    first = stage_name(0)
    return {
        "Comment": "Runs each dataset's job after those that it needs",
        "QueryLanguage": "JSONata",
        "StartAt": "Begin" if queue else REQUEST_STATE,
        "States": {
            **({"Begin": begin_state(), **queue_states(names, queue, queued, first)} if queue else {}),
            **input_states([*steps_by_dataset], first, has_queue=bool(queue)),
            **{
                name: state
                for index, datasets in enumerate(order)
                for name, state in stage_states(
                    index,
                    [dataset_branch(teller, steps_by_dataset[dataset], docs_url) for dataset in datasets],
                    index + 1 == len(order),
                ).items()
            },
            **ending_states(),
        },
    }


def stage_name(index: int) -> str:
    """Return what a stage is called; they count from 1."""
    return f"Stage {index + 1}"


def stage_states(index: int, branches: list[State], is_last: bool) -> States:
    """The datasets of one stage side by side; none of them fails the stage, what failed is kept in a variable."""
    ended = f"{stage_name(index)} ended"
    bad = "$states.input[outcome in ['FAILED', 'HELD BACK']].dataset"
    return {
        stage_name(index): {
            "Type": "Parallel",
            "Branches": branches,
            "Next": ended,
        },
        ended: {
            "Type": "Pass",
            "Assign": {"failed": f"{{% $append($failed, {bad}) %}}"},
            "Next": "Did all end well?" if is_last else stage_name(index + 1),
        },
    }


def dataset_branch(teller: Teller, step: FlowStep, docs_url: str) -> State:
    """Return the branch of a dataset: run, held back or not asked for; what its run says is told."""
    name = step.dataset
    about, ended = f"of {name}", f"{name} ended"
    choices = [{"Condition": f"{{% $not('{name}' in $datasets) %}}", "Next": f"{name} not asked for"}]
    held_back: States = {}
    if step.stops_on_failed_need and step.needs:
        lacks_needs = f"{{% $count($failed[$ in {json.dumps(step.needs)}]) > 0 %}}"
        choices.append({"Condition": lacks_needs, "Next": f"{name} held back"})
        held_back = {f"{name} held back": outcome_state(name, "HELD BACK")}
    crash = crash_words(
        teller.names, f"'{step.job}'", f"'{step.verdicts}'", f"'{name}'", json.dumps(step.owner), docs_url
    )
    return {
        "StartAt": f"Run {name}?",
        "States": {
            f"Run {name}?": {"Type": "Choice", "Choices": choices, "Default": name},
            f"{name} not asked for": outcome_state(name, "NOT ASKED FOR"),
            **held_back,
            name: run_state(teller.names, step, f"How {name} failed"),
            f"How {name} failed": ended_run(name, step.mute) | {"Next": read_state(about)},
            # what could not be told is left to the watch: it fails no dataset
            **run_message_states(teller, about, crash, done=ended, on_failure=ended),
            ended: outcome_state(name, "{% $states.input.state = 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED' %}"),
        },
    }


def outcome_state(dataset: str, result: str) -> State:
    """Return a state that ends a branch with what became of its dataset."""
    return {"Type": "Pass", "Output": {"dataset": dataset, "outcome": result}, "End": True}


def run_state(names: Names, step: FlowStep, failed_state: str) -> State:
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
                **retry_pauses(step.timeout * 60 // LONGEST_PAUSE + 6),
            },
            # a throttled call to Glue has no exception of its own there: "Glue.AWSGlueException: Rate exceeded"
            {"ErrorEquals": ["Glue.ThrottlingException", "Glue.AWSGlueException"], **retry_pauses(6)},
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": failed_state}],
        "Output": f"{{% {ended_well_expression(step)} %}}",
        "Next": read_state(f"of {step.dataset}"),
    }


def ended_well_expression(step: FlowStep) -> str:
    """Return the JSONata of what is known of a run that ended well; one without an id is left to the watch."""
    return (
        "($id := $states.result.Id; $run := $exists($id) ? $id : ''; "
        f"{{'dataset': '{step.dataset}', 'run': $run, 'state': 'SUCCEEDED', 'error': '', "
        f"'key': 'messages/{step.dataset}/' & $run & '.json', 'mute': {json.dumps(dict(step.mute))}}})"
    )


def retry_pauses(tries: int) -> State:
    """Return the pauses between tries, in seconds, which double up to the longest."""
    return {
        "IntervalSeconds": FIRST_PAUSE,
        "BackoffRate": 2,
        "MaxDelaySeconds": LONGEST_PAUSE,
        "MaxAttempts": tries,
    }


def ending_states() -> States:
    """Return the states that end the flow well or badly, by which datasets failed."""
    return {
        "Did all end well?": choice_state("$count($failed) = 0", "All ended well", "Some failed"),
        "All ended well": {"Type": "Succeed"},
        "Some failed": fail_state("DatasetsFailed", "'failed, or held back by what it needs: ' & $join($failed, ', ')"),
    }
