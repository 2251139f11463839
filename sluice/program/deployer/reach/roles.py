"""The roles that we describe: those of a stack's program, and the two that GitHub takes for it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from components.access.policy_documents import Document
from sluice.program.deployer.reach.account import StackPlace
from sluice.program.graph import Graph, Node
from sluice.program.iam import as_list

DEPLOY, PREVIEW, ANY_BOUNDED = "deploy", "preview", "any role within the boundary"
JOB, MACHINE = "aws:glue/job:Job", "aws:sfn/stateMachine:StateMachine"
SCHEDULE = "aws:scheduler/schedule:Schedule"
ROLE, POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
WAREHOUSE, KEY = "aws:redshiftserverless/namespace:Namespace", "aws:kms/key:Key"
WITH_OWN_POLICY = (
    *("aws:s3/bucketPolicy:BucketPolicy", "aws:sns/topicPolicy:TopicPolicy", "aws:sqs/queuePolicy:QueuePolicy"),
    KEY,
)
"""The types whose `policy` is a resource's own."""


@dataclass(frozen=True)
class Role:
    """A role: what is attached to it, and what runs as it.

    `boundary` is the document of `boundary_arn`; `code` are the objects that its jobs run or obey, `runs` the jobs,
    machines, schedules and warehouses that run as it.
    """

    name: str
    arn: str
    documents: tuple[Document, ...]
    trust: Document
    boundary: Document | None = None
    boundary_arn: str = ""
    code: tuple[str, ...] = ()
    runners: tuple[str, ...] = ()

    @property
    def services(self) -> list[str]:
        """Return the services that its trust names, sorted."""
        principals = [statement["Principal"] for statement in self.trust["Statement"]]
        return sorted(
            {name for principal in principals if principal != "*" for name in as_list(principal.get("Service", ()))}
        )

    @property
    def taken_by(self) -> list[str]:
        """Return everyone whom its trust names; for a provider of tokens, the environment that it asks for."""
        return sorted({name for statement in self.trust["Statement"] for name in _trusted_names(statement)})


def _trusted_names(statement: Mapping[str, Any]) -> list[str]:
    principal = statement["Principal"]
    if principal == "*":
        return ["everyone"]
    if "Federated" in principal:
        claims = statement.get("Condition", {}).get("StringEquals", {})
        return [f"{as_list(value)[0]} on GitHub" for key, value in claims.items() if key.endswith(":environment")]
    return [name for names in principal.values() for name in as_list(names)]


def declared_roles(graph: Graph, place: StackPlace, boundary: Document | None) -> dict[str, Role]:
    """Return the roles that a program declares, by their names; `boundary` is the document of its boundary's ARN."""
    arns = real_arns(graph, place)
    return {
        node.inputs["name"]: _declared_role(node, graph, place, arns, boundary) for node in graph.nodes_of_type(ROLE)
    }


def _declared_role(
    node: Node, graph: Graph, place: StackPlace, arns: Mapping[str, str], boundary: Document | None
) -> Role:
    name, boundary_arn = node.inputs["name"], node.inputs.get("permissionsBoundary") or ""
    attached = [policy.inputs for policy in _nodes_of_type(graph, POLICY) if policy.inputs["role"] == name]
    users = [user for user in graph.nodes.values() if fake_arn(place, node) in _all_texts(user.inputs)]
    code = {place.names.s3_arn(uri.removeprefix("s3://")) for user in users for uri in _code_objects(user)}
    return Role(
        name,
        arns[fake_arn(place, node)],
        tuple(json.loads(_with_real_arns(policy["policy"], arns)) for policy in attached),
        json.loads(_with_real_arns(node.inputs["assumeRolePolicy"], arns)),
        boundary if boundary_arn else None,
        boundary_arn,
        tuple(sorted(code)),
        tuple(arns[fake_arn(place, user)] for user in users if fake_arn(place, user) in arns),
    )


def _nodes_of_type(graph: Graph, kind: str) -> list[Node]:
    return [node for node in graph.nodes.values() if node.type == kind]


def _all_texts(value: Any) -> list[str]:
    """Return all texts in a resource's inputs."""
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _all_texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _all_texts(item)]
    return [value] if isinstance(value, str) else []


def _code_objects(node: Node) -> list[str]:
    """Return the objects below `code/` and `contracts/` that a job names: what it runs, and what it obeys."""
    if node.type != JOB:
        return []
    texts = [part for text in _all_texts(node.inputs) for part in text.split(",")]
    return [text for text in texts if text.startswith("s3://") and text.split("/")[3] in ("code", "contracts")]


def real_arns(graph: Graph, place: StackPlace) -> dict[str, str]:
    """Return what AWS would call the resources whose ARNs a run under mocks makes up."""
    names = place.names
    kinds = {
        ROLE: lambda node: names.global_arn("iam", f"role/{node.inputs['name']}"),
        JOB: lambda node: names.arn("glue", f"job/{node.inputs['name']}"),
        MACHINE: lambda node: names.arn("states", f"stateMachine:{node.inputs['name']}"),
        SCHEDULE: lambda node: names.arn("scheduler", f"schedule/default/{node.inputs['name']}"),
        WAREHOUSE: lambda _: place.warehouse[1],
        KEY: lambda _: place.key,
    }
    return {fake_arn(place, node): kinds[node.type](node) for node in graph.nodes.values() if node.type in kinds}


def fake_arn(place: StackPlace, node: Node) -> str:
    """Return the ARN that `sandbox.graph.Fakes` makes up for a resource."""
    return f"arn:{place.names.partition}:fake:::{node.name}"


def _with_real_arns(text: str, arns: Mapping[str, str]) -> str:
    for made_up in sorted(arns, key=len, reverse=True):
        text = text.replace(made_up, arns[made_up])
    return text


def policies_of(graph: Graph, place: StackPlace) -> dict[str, Document]:
    """Return the policies of the stack's buckets, key, topics and queues, by ARN or pattern."""
    arns = real_arns(graph, place)
    policies: dict[str, Document] = {}
    for kind in WITH_OWN_POLICY:
        for node in _nodes_of_type(graph, kind):
            policy: Document = json.loads(_with_real_arns(node.inputs["policy"], arns))
            resources = [place.key] if kind == KEY else _policy_resources(policy)
            policies.update((resource, policy) for resource in resources)
    return policies


def _policy_resources(policy: Document) -> list[str]:
    return [arn for statement in policy["Statement"] for arn in as_list(statement["Resource"])]


def any_bounded_role(place: StackPlace, boundary: Document, trust: Document) -> Role:
    """Return what a role of the stack can become at most: the boundary, with a policy that grants all of it."""
    allowed = [statement for statement in boundary["Statement"] if statement["Effect"] == "Allow"]
    everything = {**boundary, "Statement": allowed}
    return Role(ANY_BOUNDED, place.names.role_arn("new"), (everything,), trust, boundary, place.names.boundary_arn)


def as_documents(policies: Document | Mapping[str, Document]) -> tuple[Document, ...]:
    """Return the documents of a role, which is described by one or by several with names."""
    values: Iterable[Any] = [policies] if "Statement" in policies else policies.values()
    return tuple(values)
