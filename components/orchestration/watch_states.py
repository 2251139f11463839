"""The watch as plain data: it hears of runs, alarms and the flow from AWS itself, and tells what nobody else told.

Its input is an event as EventBridge sends it, or `{"drill": MESSAGE}` of the command. After a run it waits: who ran it tells
first. It fails where it could not tell, and an alarm watches that.
Source: AWS Glue, Automating with EventBridge; Amazon CloudWatch, Alarm events; AWS Step Functions, Execution status changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from components.access.message_policies import DUE
from components.names import FORGET, Names
from components.orchestration.arrival_states import choice_state
from components.orchestration.failure_messages import fail_state
from components.orchestration.message_states import ALL_ERRORS, Teller, publish_states, settle_state
from components.orchestration.run_message_states import read_state, run_message_states
from components.orchestration.run_words import crash_words
from components.orchestration.watch_words import (
    alarm_words,
    flow_words,
    forget_words,
    late_forget_words,
    late_words,
    look_words,
    maintenance_words,
)

State = dict[str, Any]
States = dict[str, State]
MINUTES_FOR_OTHERS = 15
"""Minutes after a run's end in which whoever started it tells of it."""
METRIC_NAMESPACE, BROKEN_METRIC = "Sluice", "Broken"
RUN, OTHER = "of the run", "of the event"
TOLD, NOT_TOLD = "Told", "Not told"


@dataclass(frozen=True)
class WatchedDataset:
    """What the watch knows of a dataset: its contract's owner, hours between two publishes, minutes until a run is late.

    `active` says whether something starts it; `mute` is as in `FlowStep`.
    """

    dataset: str
    owner: str
    hours: int
    late_minutes: int
    active: bool
    mute: Mapping[str, str] = field(default_factory=dict)


def watch_definition(teller: Teller, datasets: Sequence[WatchedDataset], docs_url: str = "") -> State:
    """Return the machine; the runbook is below `docs_url`."""
    names = teller.names
    facts = {watched.dataset: asdict(watched) for watched in datasets}
    verdicts = f"'s3://{teller.assets}/verdicts/' & $states.input.dataset & '/'"
    crash = crash_words(names, "$states.input.job", verdicts, "$states.input.dataset", "$states.input.owner", docs_url)
    return {
        "Comment": "Tells what nobody else told",
        "QueryLanguage": "JSONata",
        "StartAt": "What happened?",
        "States": {
            **_entry_states(names, facts),
            **_run_states(teller, names.resource_name("")),
            **run_message_states(teller, RUN, crash, done=TOLD, on_failure=NOT_TOLD),
            **_event_states(names, docs_url),
            **_told_before_states(teller),
            **publish_states(teller, OTHER, done=TOLD, on_failure=NOT_TOLD),
            TOLD: {"Type": "Succeed"},
            NOT_TOLD: fail_state("NotTold", "$states.input.key"),
        },
    }


def _entry_states(names: Names, facts: Mapping[str, Mapping[str, Any]]) -> States:
    """By what came: a drill has its message with it; of an event, first which dataset it is about."""
    event = "$states.input.event"
    kinds = {
        "Glue Job State Change": "Which run",
        "Glue Job Run Status": "A late run",
        "CloudWatch Alarm State Change": "Which alarm?",
        "Step Functions Execution Status Change": "Why did the flow end?",
    }
    of_forget = f"{event}.detail.jobName = '{names.resource_name(FORGET)}' and {event}.`detail-type` = "
    choices = [
        {"Condition": f"{{% {condition} %}}", "Next": state}
        for condition, state in (
            (f"{of_forget}'Glue Job State Change'", "A forget failed"),
            (f"{of_forget}'Glue Job Run Status'", "A late forget"),
            *((f"{event}.`detail-type` = '{kind}'", state) for kind, state in kinds.items()),
        )
    ]
    key = "'messages/stack/drill-' & $states.context.Execution.Name & '.json'"
    drill = f"{{'message': $states.input.drill, 'key': {key}, 'mute': {{}}}}"
    return {
        "What happened?": choice_state("$exists($states.input.drill)", "A drill", "What is known"),
        "A drill": {"Type": "Pass", "Output": f"{{% {drill} %}}", "Next": settle_state(OTHER)},
        # plain JSON beside the event: an expression with all of it might be too long
        "What is known": {
            "Type": "Pass",
            "Output": {"event": "{% $states.input %}", "datasets": dict(facts)},
            "Next": "Which event?",
        },
        "Which event?": {"Type": "Choice", "Choices": choices, "Default": "Unknown event"},
        "Unknown event": fail_state("WrongInput", "'given ' & $string($states.input.event)"),
    }


def _run_states(teller: Teller, job_prefix: str) -> States:
    """A run's end: a killed run counts as bad at once, what it says is told after a while unless it was told."""
    which = (
        "($detail := $states.input.event.detail; "
        f"$facts := $lookup($states.input.datasets, $substringAfter($detail.jobName, '{job_prefix}')); "
        "$exists($facts) ? $merge([$facts, {'job': $detail.jobName, 'run': $detail.jobRunId, 'state': $detail.state, "
        "'error': $string($detail.message), 'key': 'messages/' & $facts.dataset & '/' & $detail.jobRunId & '.json'}]) "
        ": $states.input)"
    )
    outbox_key = "{% 'outbox/' & $states.input.dataset & '/' & $states.input.run & '.json' %}"
    read = {"Bucket": teller.assets, "Key": outbox_key}
    metric = {
        "MetricName": BROKEN_METRIC,
        "Value": 1,
        "Dimensions": [{"Name": "JobName", "Value": "{% $states.input.job %}"}],
    }
    on_missing: State = {"ErrorEquals": ALL_ERRORS, "Output": "{% $states.input %}"}
    get_object = teller.names.integration_arn("aws-sdk:s3:getObject")
    return {
        "Which run": {"Type": "Pass", "Output": f"{{% {which} %}}", "Next": "Of which job?"},
        "Of which job?": choice_state("$exists($states.input.run)", "Did it end well?", "A run of maintenance"),
        "Did it end well?": choice_state(
            "$states.input.state = 'SUCCEEDED'", "Leave it to others", "Did it leave a message?"
        ),
        "Did it leave a message?": {
            "Type": "Task",
            "Resource": get_object,
            "Arguments": read,
            "Output": "{% $states.input %}",
            "Catch": [on_missing | {"Next": "Count it as bad"}],
            "Next": "Leave it to others",
        },
        "Count it as bad": {
            "Type": "Task",
            "Resource": teller.names.integration_arn("aws-sdk:cloudwatch:putMetricData"),
            "Arguments": {"Namespace": METRIC_NAMESPACE, "MetricData": [metric]},
            "Output": "{% $states.input %}",
            "Catch": [on_missing | {"Next": "Leave it to others"}],
            "Next": "Leave it to others",
        },
        "Leave it to others": {"Type": "Wait", "Seconds": MINUTES_FOR_OTHERS * 60, "Next": "Was the run told?"},
        "Was the run told?": {
            "Type": "Task",
            "Resource": get_object,
            "Arguments": {"Bucket": teller.assets, "Key": "{% $states.input.key %}"},
            "Output": "{% $states.input %}",
            "Catch": [on_missing | {"Next": read_state(RUN)}],
            "Next": TOLD,
        },
    }


def _event_states(names: Names, docs_url: str) -> States:
    """Each event that is about no run that ended: its message is made here, and its key says how often it is told."""
    described = {
        "Type": "Task",
        "Resource": names.integration_arn("aws-sdk:sfn:describeExecution"),
        "Arguments": {"ExecutionArn": "{% $states.input.event.detail.executionArn %}"},
        "Output": "{% $merge([$states.input, {'error': $string($states.result.Error), "
        "'cause': $string($states.result.Cause)}]) %}",
        "Catch": [
            {
                "ErrorEquals": ALL_ERRORS,
                "Output": "{% $merge([$states.input, {'error': 'unknown', 'cause': ''}]) %}",
                "Next": "The flow broke",
            }
        ],
        "Next": "Is each dataset told?",
    }
    alarm = "$states.input.event.detail.alarmName"
    labels = {"missing": "It never came", "stale": "Nothing new came"}
    choices = [
        {"Condition": f"{{% $contains({alarm}, /-{label}$/) %}}", "Next": state} for label, state in labels.items()
    ]
    stack_alarms = {
        names.resource_name("undelivered"): "Something was not delivered",
        names.resource_name("watch"): "The watch failed",
    }
    choices += [{"Condition": f"{{% {alarm} = '{name}' %}}", "Next": state} for name, state in stack_alarms.items()]
    expressions = {
        "A run of maintenance": maintenance_words(names, docs_url),
        "A forget failed": forget_words(names, docs_url),
        "A late forget": late_forget_words(names, docs_url),
        "A late run": late_words(names, docs_url),
        "It never came": alarm_words(names, "missing", docs_url),
        "Nothing new came": alarm_words(names, "stale", docs_url),
        "Something was not delivered": alarm_words(names, "undelivered", docs_url),
        "The watch failed": alarm_words(names, "watch", docs_url),
        "The flow broke": flow_words(names, docs_url),
        "The look broke": look_words(names, docs_url),
    }
    return {
        "Which alarm?": {"Type": "Choice", "Choices": choices, "Default": TOLD},
        "Why did the flow end?": described,
        # each dataset that failed was told of by itself
        "Is each dataset told?": choice_state("$states.input.error = 'DatasetsFailed'", TOLD, "Which machine broke?"),
        "Which machine broke?": choice_state(
            f"$contains($states.input.event.detail.executionArn, ':{names.resource_name(DUE)}:')",
            "The look broke",
            "The flow broke",
        ),
        **{
            state: {"Type": "Pass", "Output": f"{{% {expression} %}}", "Next": "Does it rest?"}
            for state, expression in expressions.items()
        },
        # an alarm changes its state also where its actions are off
        "Does it rest?": choice_state("$states.input.active = false", TOLD, "Was it told before?"),
    }


def _told_before_states(teller: Teller) -> States:
    """What is about no run that ended is told once by its key."""
    return {
        "Was it told before?": {
            "Type": "Task",
            "Resource": teller.names.integration_arn("aws-sdk:s3:getObject"),
            "Arguments": {"Bucket": teller.assets, "Key": "{% $states.input.key %}"},
            "Output": "{% $states.input %}",
            "Catch": [{"ErrorEquals": ALL_ERRORS, "Output": "{% $states.input %}", "Next": settle_state(OTHER)}],
            "Next": TOLD,
        }
    }
