"""What the program may declare: one table of resource types, which the deploying role, the walk and the bill are held to."""

from collections.abc import Iterator
from typing import Literal

from sluice.program.graph import Graph, Node
from sluice.program.iam import Ask
from sluice.program.resource_types import access, flow, glue, readers, s3, watch
from sluice.program.resource_types.base import Need, ResourceType, fields

TYPES: dict[str, ResourceType] = s3.TYPES | access.TYPES | glue.TYPES | flow.TYPES | watch.TYPES | readers.TYPES

Step = Literal["make", "read", "change", "remove"]
__all__ = ["TYPES", "Need", "ResourceType", "Step", "creating", "making", "requests"]


def creating(graph: Graph) -> list[Ask]:
    """Return what it takes to make everything that a graph declares; raises LookupError for a type without a row."""
    return requests(graph, "make")


def requests(graph: Graph, *steps: Step) -> list[Ask]:
    """Return what these steps take for everything that a graph declares; raises LookupError for a type without a row."""
    return [ask for node in graph.nodes.values() if node.custom for ask in making(node, graph, *steps)]


def making(node: Node, graph: Graph, *steps: Step) -> Iterator[Ask]:
    """Yield what these steps take for one resource; without any, what it takes to make it."""
    if node.type not in TYPES:
        raise LookupError(f"{node.type} has no row in sluice/program/resource_types")
    described = fields(node, graph)
    for step in steps or ("make",):
        for need in getattr(TYPES[node.type], step):
            yield from need.asks(described)
