"""What each dataset needs before it: named in the configuration, or read by its contract."""

import json
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from components.settings.config_reader import Answers
from components.settings.contracts import Terms
from etl.contract.faults import likely

Needs = Mapping[str, tuple[str, ...]]


def of(answers: Answers, own: Mapping[str, Any], terms: Terms) -> tuple[str, ...]:
    """Return what one dataset needs: its `needs`, then the sources of its contract."""
    given = own.get("needs", [])
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        answers.refuse("needs", "a list of datasets, such as [customers, products]")
        given = []
    if len(set(given)) < len(given):
        answers.refuse("needs", "each dataset once")
    return tuple(dict.fromkeys([*given, *terms.sources]))


def check(stack: Answers, needs: Needs, sources: Needs) -> None:
    """Keep a fault for each name that no dataset has, and one for a cycle; `sources` are what contracts read."""
    where, there = f"{stack.path}datasets", ", ".join(needs)
    for name, wanted in needs.items():
        for strange in (one for one in wanted if one not in needs):
            alike = likely(strange, needs)
            if strange in sources[name]:
                stack.faults.append(
                    f"{where}.{name}: takes its sources too, and {where} lacks {strange}, which "
                    f"expectations/{name}/input.json reads; it has {there}: add {strange}{alike}"
                )
            else:
                stack.faults.append(
                    f"{where}.{name}.needs is {json.dumps([*wanted])}: takes names of {where}, which lacks {strange}; "
                    f"it has {there}: add {strange}, or drop the name{alike}"
                )
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # Each name of the cycle is needed by the one after it (graphlib).
        first, *others = reversed(error.args[1])
        told = f"{first} needs {', which needs '.join(others)}"
        stack.faults.append(f"{where}: takes needs that end somewhere, and {told}: drop one of them")


def active(switched: Mapping[str, bool], sources: Needs) -> dict[str, bool]:
    """Return which datasets are started: what is built from tables is where one of its sources is, whatever it says itself.

    `switched` is what each says; `sources` must have no cycle.
    """

    def starts(name: str) -> bool:
        return any(map(starts, sources[name])) if sources[name] else switched[name]

    return {name: starts(name) for name in switched}
