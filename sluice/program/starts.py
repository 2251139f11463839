"""What starts which dataset of a stack, read from its graph: schedules and arriving files that are switched on."""

import json
from typing import Any

from sluice.program.graph import Graph, Node

SCHEDULE, MACHINE = "aws:scheduler/schedule:Schedule", "aws:sfn/stateMachine:StateMachine"
RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"


def machine(graph: Graph) -> dict[str, Any]:
    """Return the definition of the flow."""
    (found,) = graph.of(MACHINE)
    return json.loads(found.inputs["definition"])


def given(schedule: Node) -> dict[str, Any]:
    """Return the input that a schedule starts the flow with."""
    return json.loads(schedule.inputs["target"]["input"])


def by_schedule(graph: Graph) -> dict[str, list[str]]:
    """Return each dataset with the times of the active schedules that start it, as AWS writes cron."""
    found = dict[str, list[str]]()
    for node in graph.of(SCHEDULE):
        for dataset in given(node).get("datasets", []) if node.inputs["state"] == "ENABLED" else []:
            found.setdefault(dataset, []).append(node.inputs["scheduleExpression"])
    return found


def windows(graph: Graph) -> list[Node]:
    """Return the active schedules that look at what arrived."""
    return [node for node in graph.of(SCHEDULE) if "datasets" not in given(node) and node.inputs["state"] == "ENABLED"]


def heard(graph: Graph) -> list[list[str]]:
    """Return what each dataset's files start, that dataset first; none where no rule is on or nothing looks."""
    rules = {node.inputs["name"]: node for node in graph.of(RULE)}
    sent = [
        json.loads(node.inputs["input"])["datasets"]
        for node in graph.of(TARGET)
        if "input" in node.inputs and rules[node.inputs["rule"]].inputs["state"] == "ENABLED"
    ]
    return sent if windows(graph) else []


def by_arrival(graph: Graph) -> list[str]:
    """Return the datasets that arriving files start, and with them what is built from these."""
    return list(dict.fromkeys(dataset for datasets in heard(graph) for dataset in datasets))
