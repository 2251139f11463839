"""The flow's first states where files arrive: look into the queue, empty it, and only then let jobs list raw.

The queue only says *look*; the ledger says what is unread. So an event is forgotten before the listing that makes it
superfluous: what arrives after that listing leaves an event for the next look. Messages are received and deleted rather
than purged: a purge may delete what is sent up to a minute after it (Amazon SQS API, PurgeQueue), after the listing even.
"""

import json
from collections.abc import Iterable
from typing import Any

from components.names import Names
from components.orchestration.failure_messages import fail_state

State = dict[str, Any]
LOOK_STATE = "Is a run under way?"
MAX_BATCHES = 500
"""Of ten messages, about 6,000 events of an execution's history, which ends at 25,000; what is left is for the next look."""
ON_LOOK_FAILED = [{"ErrorEquals": ["States.ALL"], "Next": "The look failed"}]
ON_BROKEN_OFF = [{"ErrorEquals": ["States.ALL"], "Next": "Had anything arrived?"}]
"""What was deleted before the fault is known to this execution alone: it has to run it, or nobody would."""


def queue_states(names: Names, queue: str, queued: Iterable[str], next_state: str) -> dict[str, State]:
    """Return the states from `LOOK_STATE` on.

    They go on to `next_state` where something arrived and no other run is under way.
    """
    # a rule's message is {"datasets": ["orders"]}; what else lies in the queue names nothing and is dropped
    named_datasets = f"{json.dumps([*queued])}[$contains($bodies, '\"' & $ & '\"')]"
    arrived = f"($bodies := $join($states.result.Messages.Body, ' '); $distinct($append($arrived, {named_datasets})))"
    received = "[$states.result.Messages.{'Id': MessageId, 'ReceiptHandle': ReceiptHandle}]"
    other_executions = "$count($states.result.Executions[Name != $states.context.Execution.Name])"
    return {
        LOOK_STATE: {
            "Type": "Task",
            "Resource": names.integration_arn("aws-sdk:sfn:listExecutions"),
            "Arguments": {"StateMachineArn": "{% $states.context.StateMachine.Id %}", "StatusFilter": "RUNNING"},
            "Assign": {"others": f"{{% {other_executions} %}}", "arrived": [], "failed": [], "batches": 0},
            "Catch": ON_LOOK_FAILED,
            "Next": "Alone?",
        },
        "Alone?": choice_state("$others > 0", "A run is under way", "Receive"),
        "A run is under way": {"Type": "Succeed"},
        "Receive": {
            "Type": "Task",
            "Resource": names.integration_arn("aws-sdk:sqs:receiveMessage"),
            # a wait, however short, asks all of the queue's servers (Amazon SQS, Short and long polling)
            "Arguments": {"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1},
            "Assign": {"arrived": f"{{% {arrived} %}}", "batches": "{% $batches + 1 %}"},
            "Output": {"Entries": f"{{% {received} %}}"},
            "Catch": ON_BROKEN_OFF,
            "Next": "Empty?",
        },
        "Empty?": choice_state(
            f"$count($states.input.Entries) = 0 or $batches > {MAX_BATCHES}", "Did anything arrive?", "Delete"
        ),
        "Delete": {
            "Type": "Task",
            "Resource": names.integration_arn("aws-sdk:sqs:deleteMessageBatch"),
            "Arguments": {"QueueUrl": queue, "Entries": "{% $states.input.Entries %}"},
            "Catch": ON_BROKEN_OFF,
            "Next": "Receive",
        },
        "Had anything arrived?": choice_state("$count($arrived) > 0", "What arrived", "The look failed"),
        "Did anything arrive?": choice_state("$count($arrived) = 0", "Nothing arrived", "What arrived"),
        "Nothing arrived": {"Type": "Succeed"},
        "What arrived": {"Type": "Pass", "Assign": {"datasets": "{% $arrived %}"}, "Next": next_state},
        "The look failed": fail_state("LookFailed", "$states.input.Error & ': ' & $states.input.Cause"),
    }


def choice_state(condition: str, next_state: str, otherwise: str) -> State:
    """Return a state that goes on to one of two by a JSONata condition."""
    return {
        "Type": "Choice",
        "Choices": [{"Condition": f"{{% {condition} %}}", "Next": next_state}],
        "Default": otherwise,
    }
