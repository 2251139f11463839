"""What a row of the table of resource types holds, and the requests that follow from it for one declared resource."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.names import Names
from components.settings.project_name import option_key
from sluice.program.graph import Graph, Node
from sluice.program.iam import PermissionRequest, as_list
from sluice.program.stack_files import stack_account

ANY_ID = "0f9c"
"""Stands for an id that AWS makes up: of a key, of a namespace."""


@dataclass(frozen=True)
class Need:
    """Actions on one resource; its ARN and the condition keys' values name inputs and parts of names in braces.

    Where the resource lacks the input `only_with`, nothing is asked for.
    """

    actions: tuple[str, ...]
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)
    only_with: str = ""

    def permission_requests(self, fields: Mapping[str, Any]) -> Iterator[PermissionRequest]:
        """Yield a request for each action; raises KeyError where the ARN names an input that the resource lacks."""
        if self.only_with and self.only_with not in fields:
            return
        context = {key: value.format_map(fields) for key, value in self.context.items()}
        yield from (PermissionRequest(action, self.resource.format_map(fields), context) for action in self.actions)


@dataclass(frozen=True)
class ResourceType:
    """What a deploying role has to be allowed so that a resource of the type is made, changed and removed.

    `read` is what a refresh asks for, which the previewing role takes too. `change` and `remove` are empty where the
    provider replaces the resource, or leaves it.
    """

    make: tuple[Need, ...]
    read: tuple[Need, ...]
    change: tuple[Need, ...] = ()
    remove: tuple[Need, ...] = ()


def need_actions(actions: str, resource: str, **context: str) -> Need:
    """Actions separated by spaces; a keyword `iam__PassedToService` is the condition key `iam:PassedToService`."""
    return Need(tuple(actions.split()), resource, {key.replace("__", ":"): value for key, value in context.items()})


def need_each(actions: str, *resources: str) -> tuple[Need, ...]:
    """The same actions on a thing and on all above it, as Glue checks them."""
    return tuple(need_actions(actions, resource) for resource in resources)


def setting_type(resource: str, read: str, write: str, remove: str = "") -> ResourceType:
    """What is made, changed and, without `remove`, removed by the same call on the thing that it belongs to."""
    write_needs = (need_actions(write, resource),)
    return ResourceType(
        write_needs,
        (need_actions(read, resource),),
        write_needs,
        (need_actions(remove, resource),) if remove else write_needs,
    )


def regional_arn(service: str, resource: str) -> str:
    """The pattern of an ARN in the stack's account and region."""
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


def role_pattern(name: str) -> str:
    """Return the ARN pattern of a role."""
    return f"arn:{{partition}}:iam::{{account}}:role/{name}"


def need_pass_role(name: str, service: str) -> Need:
    """A role that is handed to a service, by the input that has its ARN; none where the resource has no such input."""
    context = {"iam:PassedToService": f"{service}.amazonaws.com"}
    return Need(("iam:PassRole",), role_pattern(f"{{{name}}}"), context, name.partition("[")[0])


def stack_names(graph: Graph) -> Names:
    """The names that a graph's stack was made with."""
    return Names(
        graph.config[option_key("prefix")], graph.stack, graph.config["aws:region"], stack_account(graph.config)
    )


def pattern_fields(node: Node, graph: Graph) -> dict[str, Any]:
    """Return what the patterns of a resource may name: its inputs, and what the stack is called.

    An input that refers to another resource, by its ARN or id, stands for that resource's name.
    """
    names = stack_names(graph)
    inputs = {key: _resolve_name(value, graph) for key, value in node.inputs.items()}
    derived = {
        "of": names.resource_name(),
        "stack": names.stack,
        "database": names.database,
        "boundary": names.boundary_arn,
        "id": ANY_ID,
        "attached": _attached_name(node),
        "sends_to": _notification_target(node, graph),
    }
    common = {"partition": names.arn("s3", "").split(":")[1], "region": names.region, "account": names.account}
    return inputs | derived | common


def _resolve_name(value: Any, graph: Graph) -> Any:
    """The name of the resource that a made-up ARN or id of the graph stands for, else the value itself."""
    if isinstance(value, dict):
        return {key: _resolve_name(item, graph) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    logical = value.rpartition(":fake:::")[2] if ":fake:::" in value else value.removesuffix("-id")
    if logical == value:
        return value
    referred = [node for node in graph.nodes.values() if node.name == logical]
    return referred[0].inputs.get("name", value) if referred else value


def _notification_target(node: Node, graph: Graph) -> str:
    """The ARN of the topic, queue or machine that a rule or an alarm sends to; empty for every other resource."""
    made_up = node.inputs.get("alarmActions", [node.inputs.get("arn", "")])[0]
    if not made_up:
        return ""
    service = {
        "aws:sns/topic:Topic": ("sns", ""),
        "aws:sqs/queue:Queue": ("sqs", ""),
        "aws:sfn/stateMachine:StateMachine": ("states", "stateMachine:"),
        "aws:cloudwatch/eventApiDestination:EventApiDestination": ("events", "api-destination/"),
    }
    logical = made_up.rpartition(":")[2]
    targets = [
        candidate for candidate in graph.nodes.values() if candidate.name == logical and candidate.type in service
    ]
    if not targets:
        return ""
    name, kind = service[targets[0].type]
    ending = f"/{ANY_ID}" if kind == "api-destination/" else ""
    return stack_names(graph).arn(name, f"{kind}{targets[0].inputs['name']}{ending}")


def _attached_name(node: Node) -> str:
    """The name of the queue or topic that a resource policy is attached to, from the ARN in its first statement."""
    if "policy" not in node.inputs:
        return ""
    resource = json.loads(node.inputs["policy"])["Statement"][0].get("Resource", "")
    return as_list(resource)[0].rpartition(":")[2]
