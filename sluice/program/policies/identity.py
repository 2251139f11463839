"""Policies on roles: who takes them, and what they may do."""

import json
from collections.abc import Iterator

from components.access.channel_policies import chat_policy
from components.names import FORGET
from components.settings.project_name import option_key
from sluice.program.graph import Graph, Node
from sluice.program.policies.policy import (
    as_list,
    nested_value,
    policy_statements,
    register_policy,
    stack_names,
    under_this_account,
)

ROLE, ROLE_POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
REDSHIFT = ("redshift.amazonaws.com", "redshift-serverless.amazonaws.com")
SERVICES = (
    *("glue.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com", "events.amazonaws.com"),
    *REDSHIFT,
)
CHAT = "chatbot.amazonaws.com"
"""The one service that AWS documents no condition key of: its role reads CloudWatch and nothing else."""
MAX_POLICY_LENGTH = 10240
NAMESPACES = {"StringEquals": {"cloudwatch:namespace": ["Sluice", "Glue"]}}


@register_policy(
    "role.trust",
    "only one service, which the lake uses, takes a role, and only in this account",
    "AWS IAM, The confused deputy problem; AWS Glue, Cross-service confused deputy prevention",
)
def check_trust(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `role.trust`."""
    for role in graph.nodes_of_type(ROLE):
        for statement in policy_statements(role.inputs["assumeRolePolicy"]):
            if statement["Principal"] == {"Service": CHAT} and reads_cloudwatch_only(graph, role):
                continue
            if statement["Principal"] not in [{"Service": service} for service in SERVICES] or not under_this_account(
                statement, graph
            ):
                yield f"{role.name} is taken by {statement['Principal']}, from any account"


def reads_cloudwatch_only(graph: Graph, role: Node) -> bool:
    """Whether a role's policy is that of the chat."""
    policies = [node.inputs for node in graph.nodes_of_type(ROLE_POLICY)]
    documents = [json.loads(policy["policy"]) for policy in policies if policy["role"] == role.inputs["name"]]
    return documents == [chat_policy()]


@register_policy(
    "role.own-policy", "a role has one policy of its own, and none of AWS's", "AWS Security Hub, IAM.1; IAM.21"
)
def check_own_policy(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `role.own-policy`."""
    role_names = [node.inputs["role"] for node in graph.nodes_of_type(ROLE_POLICY)]
    for role in graph.nodes_of_type(ROLE):
        if role_names.count(role.inputs["name"]) != 1 or {"managedPolicyArns", "inlinePolicies"} & set(role.inputs):
            yield f"{role.name} has {role_names.count(role.inputs['name'])} policies of its own"
    for node in graph.nodes.values():
        if node.type in ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/policy:Policy"):
            yield f"{node.name} attaches a managed policy"


@register_policy(
    "role.bounded",
    "where a stack names a permissions boundary every role has it",
    "AWS IAM, Permissions boundaries for IAM entities",
)
def check_boundary(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `role.bounded`."""
    expected = graph.config[option_key("boundary")] or None
    for role in graph.nodes_of_type(ROLE):
        boundary = role.inputs.get("permissionsBoundary")
        if boundary != expected:
            yield f"{role.name} has the boundary {boundary}"


@register_policy(
    "role.statements", "every statement says by its Sid what for, and only allows", "Sluice: a reviewer reads Sids"
)
def check_sids(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `role.statements`."""
    for node in graph.nodes_of_type(ROLE_POLICY):
        sids = [statement.get("Sid") for statement in policy_statements(node.inputs["policy"])]
        if None in sids or len(set(sids)) != len(sids):
            yield f"{node.name} has statements without a Sid of their own"
        if any(statement["Effect"] != "Allow" for statement in policy_statements(node.inputs["policy"])):
            yield f"{node.name} denies, which the evaluator does not know"


@register_policy(
    "role.actions", "no action has a wildcard", "AWS Security Hub, IAM.21: no wildcard actions for services"
)
def check_actions(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `role.actions`."""
    for node in graph.nodes_of_type(ROLE_POLICY):
        for statement in policy_statements(node.inputs["policy"]):
            yield from (f"{node.name} allows {action}" for action in as_list(statement["Action"]) if "*" in action)


@register_policy(
    "role.resources",
    "no resource is `*`, but for metrics, which have none: put under their namespaces, and read by a chat",
    "AWS Service Authorization Reference, Amazon CloudWatch: PutMetricData has no resource types",
)
def check_resources(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `role.resources`."""
    for node in graph.nodes_of_type(ROLE_POLICY):
        for statement in policy_statements(node.inputs["policy"]):
            metrics = statement["Action"] == ["cloudwatch:PutMetricData"] and statement.get("Condition") == NAMESPACES
            metrics = metrics or statement in chat_policy()["Statement"]
            if (
                any(nested_value(arn.split(":", 5), -1) in ("*", None) for arn in as_list(statement["Resource"]))
                and not metrics
            ):
                yield f"{node.name} allows {statement['Sid']} on everything"


@register_policy(
    "role.forgets",
    "no role but that of the job that forgets rows removes a version of an object",
    "Amazon S3, Deleting object versions from a versioning-enabled bucket",
)
def check_version_removal(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `role.forgets`."""
    forgets = stack_names(graph).resource_name(FORGET)
    for node in graph.nodes_of_type(ROLE_POLICY):
        actions = {
            action for statement in policy_statements(node.inputs["policy"]) for action in as_list(statement["Action"])
        }
        if "s3:DeleteObjectVersion" in actions and node.inputs["role"] != forgets:
            yield f"{node.name} removes versions of objects"
        if node.inputs["role"] == forgets and "s3:DeleteObjectVersion" not in actions:
            yield f"{node.name} leaves older versions of what it forgets"


@register_policy(
    "role.length", "a role's own policy fits", "AWS IAM, Quotas: 10240 characters for a role's inline policies"
)
def check_length(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `role.length`."""
    for node in graph.nodes_of_type(ROLE_POLICY):
        if len("".join(node.inputs["policy"].split())) > MAX_POLICY_LENGTH:
            yield f"{node.name} is longer than {MAX_POLICY_LENGTH} characters"
