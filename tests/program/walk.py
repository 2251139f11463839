"""The emulator's Step Functions in this process: a machine's first states walked, and its expressions evaluated."""

import json
from dataclasses import dataclass
from typing import Any

from ministack.services import stepfunctions

State = dict[str, Any]


@dataclass(frozen=True)
class WalkResult:
    """The states that an input went through, the last among them; how it failed, and the datasets that would run."""

    states: tuple[str, ...]
    error: str = ""
    cause: str = ""
    datasets: tuple[str, ...] = ()


def walk_machine(machine: State, execution_input: object) -> WalkResult:
    """Walk from the start to the first state that ends the flow or calls a service."""
    context: State = {"QueryLanguage": "JSONata", "variables": {}, "State": {}}
    name, states, value = machine["StartAt"], list[str](), json.loads(json.dumps(execution_input))
    while True:
        states.append(name)
        state = machine["States"][name]
        if state["Type"] == "Fail":
            error, cause = map(str, stepfunctions._fail_state_error(state, value, context))
            return WalkResult(tuple(states), error, cause)
        if state["Type"] not in ("Choice", "Pass"):
            return WalkResult(tuple(states), datasets=tuple(context["variables"].get("datasets", ())))
        step = stepfunctions._execute_choice if state["Type"] == "Choice" else stepfunctions._execute_pass
        value, name = step(state, value, context)


def evaluate_field(field: str, state_input: object, **variables: object) -> Any:
    """Return the value of a field `{% ... %}` for a state's input."""
    context = {"variables": variables, "Execution": {"Id": "arn:aws:states:the-execution", "Name": "the-execution"}}
    return stepfunctions._evaluate_jsonata(field[2:-2], state_input, context)
