"""A graph with one input of one resource changed, to see which policy notices."""

import copy
from dataclasses import replace
from typing import Any

from sluice.program.graph import Graph

GONE = object()


def altered_graph(graph: Graph, name: str, *path: str | int, to: Any) -> Graph:
    """Return the graph with what stands at `path` in the inputs of `name` replaced, or removed where `to` is GONE."""
    [node] = [node for node in graph.nodes.values() if node.name == name]
    inputs = copy.deepcopy(node.inputs)
    *parents, last = path
    inner: Any = inputs
    for step in parents:
        inner = inner[step]
    assert inner[last] != to, f"{name} has {to!r} already: the changed graph would be the graph itself"
    if to is GONE:
        del inner[last]
    else:
        inner[last] = to
    return Graph(graph.stack, graph.config, graph.nodes | {node.urn: replace(node, inputs=inputs)}, graph.outputs)
