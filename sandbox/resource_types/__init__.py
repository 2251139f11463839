"""What the program may declare: one table of resource types, which the deploying role, the walk and the bill are held to."""

from collections.abc import Iterator

from sandbox.graph import Graph, Node
from sandbox.iam import Ask
from sandbox.resource_types import access, flow, glue, readers, s3, watch
from sandbox.resource_types.base import Need, ResourceType, fields

TYPES: dict[str, ResourceType] = s3.TYPES | access.TYPES | glue.TYPES | flow.TYPES | watch.TYPES | readers.TYPES

__all__ = ["TYPES", "Need", "ResourceType", "creating", "making"]


def creating(graph: Graph) -> list[Ask]:
    """Return what it takes to make everything that a graph declares; raises LookupError for a type without a row."""
    return [ask for node in graph.nodes.values() if node.custom for ask in making(node, graph)]


def making(node: Node, graph: Graph) -> Iterator[Ask]:
    """Yield what it takes to make one resource."""
    if node.type not in TYPES:
        raise LookupError(f"{node.type} has no row in sandbox/resource_types")
    for need in TYPES[node.type].make:
        yield from need.asks(fields(node, graph))
