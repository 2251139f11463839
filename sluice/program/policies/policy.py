"""A policy, and how one looks at a graph."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from components.names import Names
from components.settings.project_name import option_key
from sluice.program.graph import Graph, Node

BUCKET = "aws:s3/bucket:Bucket"
LOGS = "logs"
Predicate = Callable[[Graph], Iterable[str]]


@dataclass(frozen=True)
class Policy:
    """`breaks` yields a line for each thing in a graph that does not do what `demands` says."""

    id: str
    requirement: str
    source: str
    find_faults: Predicate


POLICIES: list[Policy] = []
"""All of them, in the order of their modules; each stands above its predicate."""


def register_policy(rule: str, requirement: str, source: str) -> Callable[[Predicate], Predicate]:
    """Register a predicate under an id, with what it requires in words and whose rule it is."""

    def add_to_policies(find_faults: Predicate) -> Predicate:
        POLICIES.append(Policy(rule, requirement, source, find_faults))
        return find_faults

    return add_to_policies


def buckets_by_zone(graph: Graph) -> dict[str, Node]:
    """The buckets by zone, from `<prefix>-<stack>-<zone>-<account>`."""
    return {node.inputs["bucket"].split("-")[-2]: node for node in graph.nodes_of_type(BUCKET)}


def side_inputs(graph: Graph, kind: str, bucket: Node) -> dict[str, Any]:
    """The inputs of the one side resource of that type that a bucket has; empty where it has none, or two."""
    sides = [node for node in graph.nodes.values() if node.type == f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"]
    side_resources = [node.inputs for node in sides if node.inputs.get("bucket") == bucket.inputs["bucket"]]
    return side_resources[0] if len(side_resources) == 1 else {}


def policy_statements(document: str | None) -> list[dict[str, Any]]:
    """Return the statements of a policy document's text; none where there is no document."""
    return json.loads(document)["Statement"] if document else []


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def nested_value(value: Any, *path: str | int) -> Any:
    """A value inside nested mappings and lists; None where the way there ends."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def under_this_account(statement: dict[str, Any], graph: Graph) -> bool:
    """Return whether a statement holds for callers of the stack's account alone."""
    return nested_value(statement, "Condition", "StringEquals", "aws:SourceAccount") == stack_account(graph)


def stack_account(graph: Graph) -> str:
    """The account that the names were made for."""
    return graph.nodes_of_type(BUCKET)[0].inputs["bucket"].rpartition("-")[2]


def stack_names(graph: Graph) -> Names:
    """The names that a graph's stack has in its account and region."""
    return Names(graph.config[option_key("prefix")], graph.stack, graph.config["aws:region"], stack_account(graph))


def config_flag(graph: Graph, key: str) -> bool:
    """Return a flag of the stack's configuration."""
    return graph.config[option_key(key)] == "true"
