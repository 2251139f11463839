"""Policies on roles: who takes them, and what they may do."""

from collections.abc import Iterator

from sluice.program.graph import Graph
from sluice.program.policies.policy import inside, listed, policy, statements, under_this_account

ROLE, ROLE_POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
REDSHIFT = ("redshift.amazonaws.com", "redshift-serverless.amazonaws.com")
SERVICES = ("glue.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com", *REDSHIFT)
LONGEST = 10240
NAMESPACES = {"StringEquals": {"cloudwatch:namespace": ["Sluice", "Glue"]}}


@policy(
    "role.trust",
    "only one service, which the lake uses, takes a role, and only in this account",
    "AWS IAM, The confused deputy problem; AWS Glue, Cross-service confused deputy prevention",
)
def trust(graph: Graph) -> Iterator[str]:
    for role in graph.of(ROLE):
        for one in statements(role.inputs["assumeRolePolicy"]):
            if one["Principal"] not in [{"Service": service} for service in SERVICES] or not under_this_account(
                one, graph
            ):
                yield f"{role.name} is taken by {one['Principal']}, from any account"


@policy("role.own-policy", "a role has one policy of its own, and none of AWS's", "AWS Security Hub, IAM.1; IAM.21")
def own_policy(graph: Graph) -> Iterator[str]:
    written = [node.inputs["role"] for node in graph.of(ROLE_POLICY)]
    for role in graph.of(ROLE):
        if written.count(role.inputs["name"]) != 1 or {"managedPolicyArns", "inlinePolicies"} & set(role.inputs):
            yield f"{role.name} has {written.count(role.inputs['name'])} policies of its own"
    for node in graph.nodes.values():
        if node.type in ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/policy:Policy"):
            yield f"{node.name} attaches a managed policy"


@policy(
    "role.bounded",
    "where a stack names a permissions boundary every role has it",
    "AWS IAM, Permissions boundaries for IAM entities",
)
def bounded(graph: Graph) -> Iterator[str]:
    expected = graph.config["sluice:boundary"] or None
    for role in graph.of(ROLE):
        boundary = role.inputs.get("permissionsBoundary")
        if boundary != expected:
            yield f"{role.name} has the boundary {boundary}"


@policy("role.statements", "every statement says by its Sid what for, and only allows", "Sluice: a reviewer reads Sids")
def named(graph: Graph) -> Iterator[str]:
    for node in graph.of(ROLE_POLICY):
        sids = [one.get("Sid") for one in statements(node.inputs["policy"])]
        if None in sids or len(set(sids)) != len(sids):
            yield f"{node.name} has statements without a Sid of their own"
        if any(one["Effect"] != "Allow" for one in statements(node.inputs["policy"])):
            yield f"{node.name} denies, which the evaluator does not know"


@policy("role.actions", "no action has a wildcard", "AWS Security Hub, IAM.21: no wildcard actions for services")
def actions(graph: Graph) -> Iterator[str]:
    for node in graph.of(ROLE_POLICY):
        for one in statements(node.inputs["policy"]):
            yield from (f"{node.name} allows {action}" for action in listed(one["Action"]) if "*" in action)


@policy(
    "role.resources",
    "no resource is `*`, but for metrics, which have none, under their namespaces",
    "AWS Service Authorization Reference, Amazon CloudWatch: PutMetricData has no resource types",
)
def resources(graph: Graph) -> Iterator[str]:
    for node in graph.of(ROLE_POLICY):
        for one in statements(node.inputs["policy"]):
            metrics = one["Action"] == ["cloudwatch:PutMetricData"] and one.get("Condition") == NAMESPACES
            if any(inside(arn.split(":", 5), -1) in ("*", None) for arn in listed(one["Resource"])) and not metrics:
                yield f"{node.name} allows {one['Sid']} on everything"


@policy("role.length", "a role's own policy fits", "AWS IAM, Quotas: 10240 characters for a role's inline policies")
def fits(graph: Graph) -> Iterator[str]:
    for node in graph.of(ROLE_POLICY):
        if len("".join(node.inputs["policy"].split())) > LONGEST:
            yield f"{node.name} is longer than {LONGEST} characters"
