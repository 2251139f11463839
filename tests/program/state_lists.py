"""What must stay of a deployed lake, as lines of text: `python -m tests.program.state_lists` writes them anew.

A URN or a name in AWS that changes makes the engine replace the resource. An argument, a key or a metric that changes leaves
jobs, objects, alarms and dashboards of deployed stacks without what they look for. So a line may be added, and none may go.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

from sluice.program.graph import Graph, run_program
from sluice.program.stack_files import stack_names
from tests.lake import LAKE
from tests.program.deployment import ALL_OPTIONS

LISTS = Path(__file__).with_name("urns")
EVERY_OPTION = "every_option"
"""The list of a stack with every option, beside those of the tests' stacks, which are called as these are."""
PHYSICAL_NAMES = (
    *("bucket", "catalogId", "dashboardName", "databaseName", "key", "name", "namespaceName", "role", "rule"),
    *("targetId", "usageType", "workgroup", "workgroupName"),
)
"""Inputs that AWS knows a resource by, or finds it in."""
CONTENT_HASH = re.compile(r"\b[0-9a-f]{16,64}\b")
PLACES = ("s3://", "lake.", "/aws-glue/")
"""How an argument begins whose value is a place: what lies there was left by earlier runs."""
JOB, ALARM = "aws:glue/job:Job", "aws:cloudwatch/metricAlarm:MetricAlarm"


def state_lines(graph: Graph) -> list[str]:
    """Return a line for each resource with its names in AWS, each argument of a job, each alarm's metric, each output."""
    parts = (resource_lines, argument_lines, metric_lines, output_lines)
    return [CONTENT_HASH.sub("<hash>", line) for part in parts for line in part(graph)]


def resource_lines(graph: Graph) -> Iterator[str]:
    """Yield each URN with its resource's names."""
    for urn, node in sorted(graph.nodes.items()):
        names = [f"{key}={node.inputs[key]}" for key in PHYSICAL_NAMES if isinstance(node.inputs.get(key), str)]
        yield " ".join((urn, *names))


def argument_lines(graph: Graph) -> Iterator[str]:
    """Yield the arguments of each job, with the value of those that name a place."""
    for job in sorted(graph.nodes_of_type(JOB), key=lambda node: node.name):
        for name, value in sorted(job.inputs["defaultArguments"].items()):
            place = f"={value}" if value.startswith(PLACES) else ""
            yield f"argument {job.inputs['name']} {name}{place}"


def metric_lines(graph: Graph) -> Iterator[str]:
    """Yield the metric of each alarm: namespace, name and dimensions."""
    for alarm in sorted(graph.nodes_of_type(ALARM), key=lambda node: node.name):
        dimensions = [f"{key}={value}" for key, value in sorted(alarm.inputs.get("dimensions", {}).items())]
        metric = " ".join((alarm.inputs["namespace"], alarm.inputs["metricName"], *dimensions))
        yield f"metric {alarm.inputs['name']} {metric}"


def output_lines(graph: Graph) -> Iterator[str]:
    """Yield the names of the stack's outputs."""
    yield from (f"output {name}" for name in sorted(graph.outputs))


def write_lists() -> None:
    """Write the list of each sample stack, and of one with every option."""
    graphs = {stack: run_program(stack, folder=LAKE) for stack in stack_names(LAKE)}
    graphs[EVERY_OPTION] = run_program("prod", changed=ALL_OPTIONS, folder=LAKE)
    for name, graph in graphs.items():
        (LISTS / f"{name}.txt").write_text("\n".join(state_lines(graph)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # no list needs a bundle of wheels
    write_lists()
