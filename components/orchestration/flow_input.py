"""What the flow takes as input, and the end of an execution that was started with anything else.

JSONata takes a single value for a list of it, so the types are checked before any name is looked up. A list is compared
by counts, because `null` in a list is undefined to one engine and a value to another.
Source: AWS Step Functions developer guide, Transforming data with JSONata (version 2.0.6); API reference, StartExecution.
"""

import json
from collections.abc import Sequence
from typing import Any

from components.orchestration.arrival_states import LOOK_STATE, choice_state
from components.orchestration.failure_messages import fail_state

State = dict[str, Any]
REQUEST_STATE = "What was asked for"
WRONG_INPUT_STATE = "Wrong input"
LONGEST_INPUT = 200
"""Characters of a refused input in the cause; the execution's record has it whole."""
KEYS = "$keys($states.input)"
IS_OBJECT = "$type($states.input) = 'object'"
HAS_DATASET_NAMES = (
    f"$count({KEYS}) = 1 and $type($states.input.datasets) = 'array' and $count($states.input.datasets) > 0"
    " and $count($states.input.datasets[$type($) = 'string' and $ != '']) = $count($states.input.datasets)"
)
IS_ACCEPTED = f"{IS_OBJECT} ? ($count({KEYS}) = 0 or ({HAS_DATASET_NAMES})) : false"
IS_ARRIVAL = f"{IS_OBJECT} ? $count({KEYS}) = 1 and $states.input.start = 'arrival' : false"


def begin_state() -> State:
    """Return the first state of a flow that has a queue: it looks there where it was asked to."""
    return choice_state(IS_ARRIVAL, LOOK_STATE, REQUEST_STATE)


def input_states(datasets: Sequence[str], first: str, has_queue: bool) -> dict[str, State]:
    """Return the states that settle which datasets run, each once, and go on to `first`; `has_queue` where there is a queue."""
    all_names = json.dumps([*datasets])
    names = f"$exists($states.input.datasets) ? [$distinct($states.input.datasets)] : {all_names}"
    unknown = f"$states.input.datasets[$not($ in {all_names})]"
    return {
        REQUEST_STATE: {
            "Type": "Choice",
            "Choices": [
                {"Condition": f"{{% $not({IS_ACCEPTED}) %}}", "Next": WRONG_INPUT_STATE},
                {"Condition": f"{{% $count({unknown}) > 0 %}}", "Next": "No such dataset"},
            ],
            "Default": "These datasets",
        },
        "These datasets": {
            "Type": "Pass",
            "Assign": {"datasets": f"{{% {names} %}}", "failed": []},
            "Next": first,
        },
        "No such dataset": fail_state(
            "NoSuchDataset", f"$join([{unknown}], ', ')", f": the flow has {', '.join(datasets)}"
        ),
        WRONG_INPUT_STATE: fail_state(
            "WrongInput",
            "'given ' & $string($states.input)",
            f": {describe_accepted_input(datasets, has_queue)}",
            LONGEST_INPUT,
        ),
    }


def describe_accepted_input(datasets: Sequence[str], has_queue: bool) -> str:
    """Return the sentence that lists what the flow takes."""
    names = json.dumps({"datasets": [*datasets[:1]]})
    arrival = (
        "to look at what arrived"
        if has_queue
        else "where a stack has datasets that files start, which this one has not"
    )
    return (
        f"the flow takes no input or {{}} for all datasets; {names} for those that it names, at least one; "
        f'{{"start": "arrival"}} {arrival}'
    )
