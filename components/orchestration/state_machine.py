"""The flow's state machine as plain data: Amazon States Language with JSONata, written from the list of datasets.

Source: AWS Step Functions developer guide, State machine structure; Transforming data with JSONata; Start an AWS Glue job.
The datasets of a stage are the items of a map, of which Step Functions runs up to 40 at once (Using Map state in Inline mode).
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
                    teller,
                    index,
                    [steps_by_dataset[dataset] for dataset in datasets],
                    docs_url,
                    index + 1 == len(order),
                ).items()
            },
            **ending_states(),
        },
    }


def stage_name(index: int) -> str:
    """Return what a stage is called; they count from 1."""
    return f"Stage {index + 1}"


def stage_states(teller: Teller, index: int, steps: Sequence[FlowStep], docs_url: str, is_last: bool) -> States:
    """The datasets of one stage side by side; none of them fails the stage, what failed is kept in a variable.

    Each dataset is an item of a map: its states stand there once, and the definition grows by the facts of a dataset alone.
    """
    ended = f"{stage_name(index)} ended"
    bad = "$states.input[outcome in ['FAILED', 'HELD BACK']].dataset"
    return {
        stage_name(index): {
            "Type": "Map",
            "Items": [step_item(step) for step in steps],
            "ItemProcessor": dataset_states(teller, index, steps, docs_url),
            "Next": ended,
        },
        ended: {
            "Type": "Pass",
            "Assign": {"failed": f"{{% $append($failed, {bad}) %}}"},
            "Next": "Did all end well?" if is_last else stage_name(index + 1),
        },
    }


def step_item(step: FlowStep) -> dict[str, Any]:
    """Return what the states of a stage know of a dataset."""
    texts = {"dataset": step.dataset, "job": step.job, "verdicts": step.verdicts, "owner": step.owner}
    mute = {name: literal_text(text) for name, text in step.mute.items()}
    stopping_needs = [*step.needs] if step.stops_on_failed_need else []
    literals = {name: literal_text(text) for name, text in texts.items()}
    return {**literals, "mute": mute, "stopping_needs": stopping_needs}


def literal_text(text: str) -> str:
    """Return a text as the machine reads it: one that looks like an expression is written as one."""
    return f"{{% {json.dumps(text)} %}}" if text.startswith("{%") else text


def dataset_states(teller: Teller, index: int, steps: Sequence[FlowStep], docs_url: str) -> State:
    """Return what a stage does with a dataset: run, held back or not asked for; what its run says is told."""
    about = f"in stage {index + 1}"
    run, failed, ended = f"Run {about}", f"How it failed {about}", f"Ended {about}"
    not_asked, held_back = f"Not asked for {about}", f"Held back {about}"
    choices = [{"Condition": "{% $not($states.input.dataset in $datasets) %}", "Next": not_asked}]
    held_back_states: States = {}
    if any(step.stops_on_failed_need and step.needs for step in steps):
        lacks_needs = "{% ($needs := $states.input.stopping_needs; $count($failed[$ in $needs]) > 0) %}"
        choices.append({"Condition": lacks_needs, "Next": held_back})
        held_back_states = {held_back: outcome_state("HELD BACK")}
    job, verdicts, dataset, owner = (f"$states.input.{name}" for name in ("job", "verdicts", "dataset", "owner"))
    crash = crash_words(teller.names, job, verdicts, dataset, owner, docs_url)
    return {
        "StartAt": f"Run it {about}?",
        "States": {
            f"Run it {about}?": {"Type": "Choice", "Choices": choices, "Default": run},
            not_asked: outcome_state("NOT ASKED FOR"),
            **held_back_states,
            run: run_state(teller.names, max(step.timeout for step in steps), failed, read_state(about)),
            failed: ended_run() | {"Next": read_state(about)},
            # what could not be told is left to the watch: it fails no dataset
            **run_message_states(teller, about, crash, done=ended, on_failure=ended),
            ended: outcome_state("{% $states.input.state = 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED' %}"),
        },
    }


def outcome_state(result: str) -> State:
    """Return a state that ends a dataset's way with what became of it."""
    outcome = {"dataset": "{% $states.input.dataset %}", "outcome": result}
    return {"Type": "Pass", "Output": outcome, "End": True}


def run_state(names: Names, timeout: int, failed_state: str, next_state: str) -> State:
    """The job's run to its end; what broke a contract breaks it again, so only a start that found no room is repeated.

    `timeout` is the longest of the stage's jobs, in minutes: each job has a timeout of its own.
    """
    error = "{'Error': $states.errorOutput.Error, 'Cause': $states.errorOutput.Cause}"
    caught = f"{{% $merge([$states.input, {error}]) %}}"
    return {
        "Type": "Task",
        "Resource": names.integration_arn("glue:startJobRun.sync"),
        "Arguments": {"JobName": "{% $states.input.job %}"},
        "TimeoutSeconds": (timeout + MARGIN) * 60,
        "Retry": [
            {
                # as long as the run in the way may take: then there is room
                "ErrorEquals": ["Glue.ConcurrentRunsExceededException", "Glue.ResourceNumberLimitExceededException"],
                **retry_pauses(timeout * 60 // LONGEST_PAUSE + 6),
            },
            # a throttled call to Glue has no exception of its own there: "Glue.AWSGlueException: Rate exceeded"
            {"ErrorEquals": ["Glue.ThrottlingException", "Glue.AWSGlueException"], **retry_pauses(6)},
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Output": caught, "Next": failed_state}],
        "Output": f"{{% {ENDED_WELL} %}}",
        "Next": next_state,
    }


ENDED_WELL = (
    "($id := $states.result.Id; $run := $exists($id) ? $id : ''; $merge([$states.input, {'run': $run, "
    "'state': 'SUCCEEDED', 'error': '', 'key': 'messages/' & $states.input.dataset & '/' & $run & '.json'}]))"
)
"""What is known of a run that ended well; one without an id is left to the watch."""


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
