"""Whether a state machine can be walked from its start to an end: the emulator accepts anything, and so does a preview.

Source: Amazon States Language specification; AWS Step Functions developer guide, State machine structure.
"""

from collections.abc import Iterator
from typing import Any

State = dict[str, Any]
States = dict[str, State]
ENDS = ("Succeed", "Fail")
TYPES = {*ENDS, "Task", "Choice", "Pass", "Parallel"}
LONGEST_NAME = 80
ALL = ["States.ALL"]


def faults(machine: State) -> list[str]:
    """Return a line for each thing that is wrong with a machine; none is a good one."""
    found = [fault for scope in scopes(machine) for fault in _scope(scope)]
    names = [name for scope in scopes(machine) for name in scope["States"]]
    found += [f"two states are called {name}" for name in sorted(set(names)) if names.count(name) > 1]
    return found + [f"{name} is too long a name" for name in names if len(name) > LONGEST_NAME]


def scopes(machine: State) -> Iterator[State]:
    """Yield the machine and the branches of its parallel states: whatever has states of its own."""
    yield machine
    for state in machine["States"].values():
        for branch in state.get("Branches", []):
            yield from scopes(branch)


def tasks(machine: State) -> dict[str, State]:
    """Return the states that call a service, by name."""
    every = [pair for scope in scopes(machine) for pair in scope["States"].items()]
    return {name: state for name, state in every if state["Type"] == "Task"}


def after(state: State) -> list[str]:
    """Return where a state may go on to."""
    found = [state[key] for key in ("Next", "Default") if key in state]
    return found + [one["Next"] for key in ("Choices", "Catch") for one in state.get(key, [])]


def _scope(scope: State) -> Iterator[str]:
    states: States = scope["States"]
    for name, state in states.items():
        yield from (
            f"{name} goes on to {one}, which is none of its states" for one in after(state) if one not in states
        )
        yield from _state(name, state)
    reached = _reached(states, scope["StartAt"])
    if not reached:
        yield f"the start {scope['StartAt']} is none of its states"
    yield from (f"{name} is never reached" for name in states if name not in reached)
    for name in states:
        if not any(_ends(states[one]) for one in _reached(states, name)):
            yield f"{name} comes to no end"


def _state(name: str, state: State) -> Iterator[str]:
    kind = state["Type"]
    if kind not in TYPES:
        yield f"{name} is a {kind}, which nobody here has judged"
    if kind == "Choice" and not (state.get("Choices") and state.get("Default")):
        yield f"{name} may have no choice"
    if kind not in (*ENDS, "Choice") and ("Next" in state) is (state.get("End") is True):
        yield f"{name} goes on and ends, or neither"
    if kind == "Task" and [one["ErrorEquals"] for one in state.get("Catch", [])][-1:] != [ALL]:
        yield f"{name} does not catch every error"
    if kind == "Parallel" and not state.get("Branches"):
        yield f"{name} has no branches"


def _reached(states: States, start: str) -> set[str]:
    found, open_ = set[str](), [start]
    while open_:
        name = open_.pop()
        if name in states and name not in found:
            found.add(name)
            open_ += after(states[name])
    return found


def _ends(state: State) -> bool:
    return state["Type"] in ENDS or state.get("End") is True
