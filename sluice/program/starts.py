"""What starts which dataset of a stack, read from its graph: schedules and arriving files that are switched on."""

import json
from collections.abc import Mapping
from typing import Any

from sluice.program.graph import Graph, Node

SCHEDULE, STATE_MACHINE = "aws:scheduler/schedule:Schedule", "aws:sfn/stateMachine:StateMachine"
RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"


def flow_definition(graph: Graph) -> dict[str, Any]:
    """Return the definition of the flow."""
    return machine_definitions(graph)["flow"]


def flow_stages(definition: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what the flow knows of the datasets of each stage, by the stage's name."""
    states = definition["States"].items()
    return {name: state["Items"] for name, state in states if isinstance(state.get("Items"), list)}


def machine_definitions(graph: Graph) -> dict[str, dict[str, Any]]:
    """Return the definition of each state machine, by how its name ends."""
    return {
        node.inputs["name"].rpartition("-")[2]: json.loads(node.inputs["definition"])
        for node in graph.nodes_of_type(STATE_MACHINE)
    }


def schedule_input(schedule: Node) -> dict[str, Any]:
    """Return the input that a schedule starts the flow with."""
    return json.loads(schedule.inputs["target"]["input"])


def flow_schedules(graph: Graph) -> list[Node]:
    """Return the schedules that start the flow: others start the digest, or the look for what is due."""
    return machine_schedules(graph, "flow")


def machine_schedules(graph: Graph, machine: str) -> list[Node]:
    """Return the schedules that start a machine, named by how its own name ends."""
    ending = f":{machine}-machine"
    return [node for node in graph.nodes_of_type(SCHEDULE) if node.inputs["target"]["arn"].endswith(ending)]


def schedules_by_dataset(graph: Graph) -> dict[str, list[str]]:
    """Return each dataset with the times of the active schedules that start it, as AWS writes cron."""
    schedules = dict[str, list[str]]()
    for node in flow_schedules(graph):
        for dataset in schedule_input(node).get("datasets", []) if node.inputs["state"] == "ENABLED" else []:
            schedules.setdefault(dataset, []).append(node.inputs["scheduleExpression"])
    return schedules


def arrival_windows(graph: Graph) -> list[Node]:
    """Return the active schedules that look at what arrived."""
    return [
        node
        for node in flow_schedules(graph)
        if "datasets" not in schedule_input(node) and node.inputs["state"] == "ENABLED"
    ]


def arrival_groups(graph: Graph) -> list[list[str]]:
    """Return what each dataset's files start, that dataset first; none where no rule is on or nothing looks."""
    rules = {node.inputs["name"]: node for node in graph.nodes_of_type(RULE)}
    groups = [
        json.loads(node.inputs["input"])["datasets"]
        for node in graph.nodes_of_type(TARGET)
        if "input" in node.inputs and rules[node.inputs["rule"]].inputs["state"] == "ENABLED"
    ]
    return groups if arrival_windows(graph) else []


def arrival_datasets(graph: Graph) -> list[str]:
    """Return the datasets that arriving files start, and with them what is built from these."""
    return list(dict.fromkeys(dataset for datasets in arrival_groups(graph) for dataset in datasets))
