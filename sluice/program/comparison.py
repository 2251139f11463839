"""In what two stacks differ, once their own names are left out."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi

from sluice.program.graph import Graph, Node


@dataclass(frozen=True)
class Difference:
    """One value of one resource; None where a stack has none."""

    resource: str
    path: str
    here: Any
    there: Any


def differences(here: Graph, there: Graph) -> list[Difference]:
    """Return every input and option in which two stacks differ, by resource and path."""
    sides = [{place(node): flat(node, graph) for node in graph.nodes.values()} for graph in (here, there)]
    found = []
    for resource in sorted(sides[0].keys() | sides[1].keys()):
        if resource not in sides[0] or resource not in sides[1]:
            found.append(Difference(resource, "", *("there" if resource in side else None for side in sides)))
            continue
        one, other = sides[0][resource], sides[1][resource]
        paths = sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))
        found += [Difference(resource, path, one.get(path), other.get(path)) for path in paths]
    return found


def place(node: Node) -> str:
    """The resource without its stack: type and name."""
    return f"{node.type.rpartition(':')[2]} {node.name}"


def flat(node: Node, graph: Graph) -> dict[str, Any]:
    options = {"protect": node.protect, "retain_on_delete": node.retain}
    return dict(leaves(node.inputs, "", graph)) | {f"option {key}": value for key, value in options.items()}


def leaves(value: Any, path: str, graph: Graph) -> list[tuple[str, Any]]:
    """Every plain value by its path; a document that is written as text is looked into."""
    if isinstance(value, str) and value[:1] in "{[":
        value = parsed(value)
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, f"{path}.{key}".lstrip("."), graph)]
    if isinstance(value, list):
        return [
            leaf for index, item in enumerate(value) for leaf in leaves(item, f"{path}[{called(item, index)}]", graph)
        ]
    if isinstance(value, pulumi.Asset):
        return [(path, getattr(value, "path", None) or getattr(value, "text", None))]
    return [(path, unnamed(value, graph) if isinstance(value, str) else value)]


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def called(item: Any, index: int) -> str:
    """A statement by its Sid and a rule by its id, so that one more shifts none of the others."""
    name = item.get("Sid") or item.get("id") if isinstance(item, dict) else None
    return str(name or index)


def unnamed(text: str, graph: Graph) -> str:
    prefix = graph.config["sluice:prefix"]
    own = {f"{prefix}-{graph.stack}": "<prefix>-<stack>"}
    own[f"{prefix}_{graph.stack}".replace("-", "_")] = "<prefix>_<stack>"
    for name, neutral in own.items():
        text = text.replace(name, neutral)
    return text
