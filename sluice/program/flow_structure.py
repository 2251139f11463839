"""Whether a state machine can be walked from its start to an end: the emulator accepts anything, and so does a preview.

Source: Amazon States Language specification; AWS Step Functions developer guide, State machine structure.
"""

from collections.abc import Iterator
from typing import Any

State = dict[str, Any]
States = dict[str, State]
END_TYPES = ("Succeed", "Fail")
STATE_TYPES = {*END_TYPES, "Task", "Choice", "Pass", "Parallel", "Map", "Wait"}
LONGEST_NAME = 80
ALL_ERRORS = ["States.ALL"]


def machine_faults(machine: State) -> list[str]:
    """Return a line for each thing that is wrong with a machine; none is a good one."""
    # what a map runs is caught by the map, where that catches
    mapped = [
        id(state["ItemProcessor"])
        for state in _states_of(machine)
        if state.get("ItemProcessor") and _catches_all(state)
    ]
    faults = [
        fault
        for scope in machine_scopes(machine)
        for fault in _scope_faults(scope, is_uncaught=id(scope) not in mapped)
    ]
    names = [name for scope in machine_scopes(machine) for name in scope["States"]]
    faults += [f"two states are called {name}" for name in sorted(set(names)) if names.count(name) > 1]
    return faults + [f"{name} is too long a name" for name in names if len(name) > LONGEST_NAME]


def machine_scopes(machine: State) -> Iterator[State]:
    """Yield the machine, the branches of its parallel states and what maps run: whatever has states of its own."""
    yield machine
    for state in machine["States"].values():
        for scope in (*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])):
            yield from machine_scopes(scope)


def task_states(machine: State) -> dict[str, State]:
    """Return the states that call a service, by name."""
    named_states = [pair for scope in machine_scopes(machine) for pair in scope["States"].items()]
    return {name: state for name, state in named_states if state["Type"] == "Task"}


def next_states(state: State) -> list[str]:
    """Return where a state may go on to."""
    targets = [state[key] for key in ("Next", "Default") if key in state]
    return targets + [transition["Next"] for key in ("Choices", "Catch") for transition in state.get(key, [])]


def _states_of(machine: State) -> Iterator[State]:
    for scope in machine_scopes(machine):
        yield from scope["States"].values()


def _scope_faults(scope: State, is_uncaught: bool) -> Iterator[str]:
    states: States = scope["States"]
    for name, state in states.items():
        yield from (
            f"{name} goes on to {target}, which is none of its states"
            for target in next_states(state)
            if target not in states
        )
        yield from _state_faults(name, state, is_uncaught)
    reached = reachable_states(states, scope["StartAt"])
    if not reached:
        yield f"the start {scope['StartAt']} is none of its states"
    yield from (f"{name} is never reached" for name in states if name not in reached)
    for name in states:
        if not any(_is_end_state(states[reachable]) for reachable in reachable_states(states, name)):
            yield f"{name} comes to no end"


def _state_faults(name: str, state: State, is_uncaught: bool) -> Iterator[str]:
    kind = state["Type"]
    if kind not in STATE_TYPES:
        yield f"{name} is a {kind}, which nobody here has judged"
    if kind == "Choice" and not (state.get("Choices") and state.get("Default")):
        yield f"{name} may have no choice"
    if kind not in (*END_TYPES, "Choice") and ("Next" in state) is (state.get("End") is True):
        yield f"{name} goes on and ends, or neither"
    if is_uncaught and kind == "Task" and not _catches_all(state):
        yield f"{name} does not catch every error"
    if kind == "Map" and not state.get("ItemProcessor"):
        yield f"{name} has nothing to run"
    if kind == "Wait" and not state.get("Seconds"):
        yield f"{name} does not say how long it waits"
    if kind == "Parallel" and not state.get("Branches"):
        yield f"{name} has no branches"


def _catches_all(state: State) -> bool:
    return [catcher["ErrorEquals"] for catcher in state.get("Catch", [])][-1:] == [ALL_ERRORS]


def reachable_states(states: States, start: str) -> set[str]:
    """Return the names of the states of a scope that are reached from one of them, that one among them."""
    reached, pending = set[str](), [start]
    while pending:
        name = pending.pop()
        if name in states and name not in reached:
            reached.add(name)
            pending += next_states(states[name])
    return reached


def _is_end_state(state: State) -> bool:
    return state["Type"] in END_TYPES or state.get("End") is True
