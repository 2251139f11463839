"""What the program may declare: one table of resource types, which the deploying role, the walk and the bill are held to.

Hides the fields of an ARN's pattern.
"""

from collections.abc import Iterator
from typing import Literal

from sluice.program.graph import Graph, Node
from sluice.program.iam import PermissionRequest
from sluice.program.resource_types import access, channels, flow, glue, readers, s3, watch
from sluice.program.resource_types.base import Need, ResourceType, pattern_fields

TYPES: dict[str, ResourceType] = (
    s3.TYPES | access.TYPES | glue.TYPES | flow.TYPES | watch.TYPES | channels.TYPES | readers.TYPES
)

Step = Literal["make", "read", "change", "remove"]
__all__ = ["TYPES", "Need", "ResourceType", "Step", "creation_requests", "resource_requests", "step_requests"]


def creation_requests(graph: Graph) -> list[PermissionRequest]:
    """Return what it takes to make everything that a graph declares; raises LookupError for a type without a row."""
    return step_requests(graph, "make")


def step_requests(graph: Graph, *steps: Step) -> list[PermissionRequest]:
    """Return what these steps take for everything that a graph declares; raises LookupError for a type without a row."""
    return [
        request for node in graph.nodes.values() if node.custom for request in resource_requests(node, graph, *steps)
    ]


def resource_requests(node: Node, graph: Graph, *steps: Step) -> Iterator[PermissionRequest]:
    """Yield what these steps take for one resource; without any, what it takes to make it."""
    if node.type not in TYPES:
        raise LookupError(f"{node.type} has no row in sluice/program/resource_types")
    pattern_values = pattern_fields(node, graph)
    for step in steps or ("make",):
        for need in getattr(TYPES[node.type], step):
            yield from need.permission_requests(pattern_values)
