"""What the flow takes as input, and the end of an execution that was started with anything else.

JSONata takes a single value for a list of it, so the types are checked before any name is looked up. A list is compared
by counts, because `null` in a list is undefined to one engine and a value to another.
Source: AWS Step Functions developer guide, Transforming data with JSONata (version 2.0.6); API reference, StartExecution.
"""

import json
from collections.abc import Sequence
from typing import Any

from components.orchestration.arrival_states import LOOK, choice
from components.orchestration.failure_messages import failure

State = dict[str, Any]
ASKED = "What was asked for"
WRONG = "Wrong input"
LONGEST_INPUT = 200
"""Characters of a refused input in the cause; the execution's record has it whole."""
KEYS = "$keys($states.input)"
OBJECT = "$type($states.input) = 'object'"
NAMES = (
    f"$count({KEYS}) = 1 and $type($states.input.datasets) = 'array' and $count($states.input.datasets) > 0"
    " and $count($states.input.datasets[$type($) = 'string' and $ != '']) = $count($states.input.datasets)"
)
ACCEPTED = f"{OBJECT} ? ($count({KEYS}) = 0 or ({NAMES})) : false"
ARRIVAL = f"{OBJECT} ? $count({KEYS}) = 1 and $states.input.start = 'arrival' : false"


def begin() -> State:
    """Return the first state of a flow that has a queue: it looks there where it was asked to."""
    return choice(ARRIVAL, LOOK, ASKED)


def asked_for(datasets: Sequence[str], first: str, looks: bool) -> dict[str, State]:
    """Return the states that settle which datasets run, each once, and go on to `first`; `looks` where there is a queue."""
    every = json.dumps([*datasets])
    names = f"$exists($states.input.datasets) ? [$distinct($states.input.datasets)] : {every}"
    unknown = f"$states.input.datasets[$not($ in {every})]"
    return {
        ASKED: {
            "Type": "Choice",
            "Choices": [
                {"Condition": f"{{% $not({ACCEPTED}) %}}", "Next": WRONG},
                {"Condition": f"{{% $count({unknown}) > 0 %}}", "Next": "No such dataset"},
            ],
            "Default": "These datasets",
        },
        "These datasets": {
            "Type": "Pass",
            "Assign": {"datasets": f"{{% {names} %}}", "failed": []},
            "Next": first,
        },
        "No such dataset": failure(
            "NoSuchDataset", f"$join([{unknown}], ', ')", f": the flow has {', '.join(datasets)}"
        ),
        WRONG: failure(
            "WrongInput", "'given ' & $string($states.input)", f": {accepted(datasets, looks)}", LONGEST_INPUT
        ),
    }


def accepted(datasets: Sequence[str], looks: bool) -> str:
    """Return the sentence that lists what the flow takes."""
    names = json.dumps({"datasets": [*datasets[:1]]})
    arrival = (
        "to look at what arrived" if looks else "where a stack has datasets that files start, which this one has not"
    )
    return (
        f"the flow takes no input or {{}} for all datasets; {names} for those that it names, at least one; "
        f'{{"start": "arrival"}} {arrival}'
    )
