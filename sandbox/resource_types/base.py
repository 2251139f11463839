"""What a row of the table of resource types holds, and the requests that follow from it for one declared resource."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.names import Names
from sandbox.graph import ACCOUNT, Graph, Node
from sandbox.iam import Ask, listed

ANY_ID = "0f9c"
"""Stands for an id that AWS makes up: of a key, of a namespace."""


@dataclass(frozen=True)
class Need:
    """Actions on one resource; its ARN and the condition keys' values name inputs and parts of names in braces."""

    actions: tuple[str, ...]
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)

    def asks(self, fields: Mapping[str, Any]) -> Iterator[Ask]:
        """Yield a request for each action; raises KeyError where the ARN names an input that the resource lacks."""
        context = {key: value.format_map(fields) for key, value in self.context.items()}
        yield from (Ask(action, self.resource.format_map(fields), context) for action in self.actions)


@dataclass(frozen=True)
class ResourceType:
    """What a deploying role has to be allowed so that a resource of the type is made."""

    make: tuple[Need, ...]


def need(actions: str, resource: str, **context: str) -> Need:
    """Actions separated by spaces; a keyword `iam__PassedToService` is the condition key `iam:PassedToService`."""
    return Need(tuple(actions.split()), resource, {key.replace("__", ":"): value for key, value in context.items()})


def regional(service: str, resource: str) -> str:
    """The pattern of an ARN in the stack's account and region."""
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


def role(name: str) -> str:
    return f"arn:{{partition}}:iam::{{account}}:role/{name}"


def passed(name: str, service: str) -> Need:
    """A role that is handed to a service, by the input that has its ARN."""
    return need("iam:PassRole", role(f"{{{name}}}"), iam__PassedToService=f"{service}.amazonaws.com")


def names_of(graph: Graph) -> Names:
    """The names that a graph's stack was made with."""
    return Names(graph.config["sluice:prefix"], graph.stack, graph.config["aws:region"], ACCOUNT)


def fields(node: Node, graph: Graph) -> dict[str, Any]:
    """Return what the patterns of a resource may name: its inputs, and what the stack is called.

    An input that refers to another resource, by its ARN or id, stands for that resource's name.
    """
    names = names_of(graph)
    inputs = {key: _named(value, graph) for key, value in node.inputs.items()}
    own = {"of": names.of(), "database": names.database, "id": ANY_ID, "attached": _attached(node)}
    whole = {"partition": names.arn("s3", "").split(":")[1], "region": names.region, "account": names.account}
    return inputs | own | whole


def _named(value: Any, graph: Graph) -> Any:
    """The name of the resource that a made-up ARN or id of the graph stands for, else the value itself."""
    if isinstance(value, dict):
        return {key: _named(item, graph) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    logical = (
        value.removeprefix("arn:aws:fake:::") if value.startswith("arn:aws:fake:::") else value.removesuffix("-id")
    )
    refers = [node for node in graph.nodes.values() if logical != value and node.name == logical]
    return refers[0].inputs.get("name", value) if refers else value


def _attached(node: Node) -> str:
    """The name of the queue or topic that a resource policy is attached to, from the ARN in its first statement."""
    if "policy" not in node.inputs:
        return ""
    resource = json.loads(node.inputs["policy"])["Statement"][0].get("Resource", "")
    return listed(resource)[0].rpartition(":")[2]
