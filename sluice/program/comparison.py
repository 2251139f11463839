"""In what two stacks differ, once their own names are left out."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi

from components.settings.project_name import option_key
from sluice.program.graph import Graph, Node
from sluice.program.secret_inputs import SECRET


@dataclass(frozen=True)
class Difference:
    """One value of one resource; None where a stack has none."""

    resource: str
    path: str
    here: Any
    there: Any


def find_differences(here_graph: Graph, there_graph: Graph) -> list[Difference]:
    """Return every input and option in which two stacks differ, by resource and path."""
    values_by_resource = [
        {resource_label(node): flatten_node(node, graph) for node in graph.nodes.values()}
        for graph in (here_graph, there_graph)
    ]
    differences = []
    for resource in sorted(values_by_resource[0].keys() | values_by_resource[1].keys()):
        if resource not in values_by_resource[0] or resource not in values_by_resource[1]:
            differences.append(
                Difference(
                    resource,
                    "",
                    *("there" if resource in resource_values else None for resource_values in values_by_resource),
                )
            )
            continue
        here_values, there_values = values_by_resource[0][resource], values_by_resource[1][resource]
        paths = sorted(
            path for path in here_values.keys() | there_values.keys() if here_values.get(path) != there_values.get(path)
        )
        differences += [Difference(resource, path, here_values.get(path), there_values.get(path)) for path in paths]
    return differences


def resource_label(node: Node) -> str:
    """The resource without its stack: type and name."""
    return f"{node.type.rpartition(':')[2]} {node.name}"


def flatten_node(node: Node, graph: Graph) -> dict[str, Any]:
    """Return a resource's inputs and options by path."""
    options = {"protect": node.protect, "retain_on_delete": node.retain}
    inputs = {key: SECRET if key in node.secret else value for key, value in node.inputs.items()}
    return dict(leaf_values(inputs, "", graph)) | {f"option {key}": value for key, value in options.items()}


def leaf_values(value: Any, path: str, graph: Graph) -> list[tuple[str, Any]]:
    """Every plain value by its path; a document that is written as text is looked into."""
    if isinstance(value, str) and value[:1] in "{[":
        value = parse_json(value)
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaf_values(item, f"{path}.{key}".lstrip("."), graph)]
    if isinstance(value, list):
        return [
            leaf
            for index, item in enumerate(value)
            for leaf in leaf_values(item, f"{path}[{item_label(item, index)}]", graph)
        ]
    if isinstance(value, pulumi.Asset):
        return [(path, getattr(value, "path", None) or getattr(value, "text", None))]
    return [(path, without_stack_name(value, graph) if isinstance(value, str) else value)]


def parse_json(text: str) -> Any:
    """Return a text's JSON value; the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def item_label(item: Any, index: int) -> str:
    """A statement by its Sid and a rule by its id, so that one more shifts none of the others."""
    name = item.get("Sid") or item.get("id") if isinstance(item, dict) else None
    return str(name or index)


def without_stack_name(text: str, graph: Graph) -> str:
    """Return a text with a placeholder for the stack's own names."""
    prefix = graph.config[option_key("prefix")]
    replacements = {f"{prefix}-{graph.stack}": "<prefix>-<stack>"}
    replacements[f"{prefix}_{graph.stack}".replace("-", "_")] = "<prefix>_<stack>"
    replacements[f"--stack {graph.stack}"] = "--stack <stack>"
    for name, placeholder in replacements.items():
        text = text.replace(name, placeholder)
    return text
