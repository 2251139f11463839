"""How AWS decides a request within one account, from all documents that bear on it.

Source: AWS IAM user guide, How AWS enforcement code logic evaluates requests to allow or deny access
(reference_policies_evaluation-logic_policy-eval-denyallow); AWS KMS developer guide, Key policies.
Organisations' control policies and session policies are not known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sluice.program.iam.statements import PermissionRequest, PolicyKind, UnsupportedPolicy, applying_statements, as_list

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who makes a request: a role by its ARN, with what is attached to it, or a service by its name.

    `session` is the name of the role's session, `federated` the ARN of the provider whose token takes a role.
    """

    arn: str = ""
    identity: Sequence[Document] = ()
    boundary: Document | None = None
    session: str = "session"
    service: str = ""
    federated: str = ""

    @property
    def account(self) -> str:
        """The account of the caller's ARN; "" for a service."""
        return self.arn.split(":")[4] if self.arn else ""

    @property
    def session_arn(self) -> str:
        """The ARN that makes a role's requests (IAM user guide, Role session principals)."""
        partition, role = self.arn.split(":")[1], self.arn.rpartition("/")[2]
        return f"arn:{partition}:sts::{self.account}:assumed-role/{role}/{self.session}"


@dataclass(frozen=True)
class Decision:
    """Whether a request is allowed, and which rule decided; `sids` are the statements that did."""

    allowed: bool
    reason: str
    sids: tuple[str, ...] = ()


def decide_request(request: PermissionRequest, caller: Caller, policy: Document | None = None) -> Decision:
    """Judge a request; `policy` is the one of its resource: a bucket's, a key's, or a role's trust.

    Raises:
        Unjudged: a document is beyond the evaluator, or a key or a role is asked for without its policy.
    """
    request = _with_caller(request, caller)
    kind = PolicyKind.TRUST if request.action.lower().startswith("sts:assumerole") else PolicyKind.RESOURCE
    needs_resource_policy = kind is PolicyKind.TRUST or (
        request.action.lower().startswith("kms:") and ":key/" in request.resource
    )
    if needs_resource_policy and policy is None:
        raise UnsupportedPolicy(
            f"{request.action} on {request.resource}: a key's or a role's own policy decides, and none is given"
        )
    policy_sids = _policy_sids(policy, request, caller, "Allow", kind)
    if denying_sids := _denying_sids(request, caller, _policy_sids(policy, request, caller, "Deny", kind)):
        return Decision(False, "an explicit deny", denying_sids)
    if sids := policy_sids["direct"]:
        return Decision(True, "the resource's policy", sids)
    within_boundary = caller.boundary is None or bool(applying_statements(caller.boundary, request, "Allow"))
    if policy_sids["role"] and within_boundary:
        return Decision(True, "the resource's policy", policy_sids["role"])
    identity = tuple(
        statement["Sid"]
        for document in caller.identity
        for statement in applying_statements(document, request, "Allow")
    )
    if not (identity or policy_sids["role"]) or (
        needs_resource_policy and not policy_sids["account"] and not policy_sids["role"]
    ):
        return Decision(False, "no statement")
    return Decision(True, "the identity's policies", identity) if within_boundary else Decision(False, "the boundary")


def _denying_sids(
    request: PermissionRequest, caller: Caller, sids_by_relation: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the Sids of what denies explicitly, wherever it stands."""
    documents = [*caller.identity, *([caller.boundary] if caller.boundary else [])]
    sids = [statement["Sid"] for document in documents for statement in applying_statements(document, request, "Deny")]
    return (*sids, *(sid for named_sids in sids_by_relation.values() for sid in named_sids))


def _policy_sids(
    policy: Document | None, request: PermissionRequest, caller: Caller, effect: str, kind: PolicyKind
) -> dict[str, tuple[str, ...]]:
    """Return the Sids of a resource's policy that name the caller, by how they name it.

    `direct`: its session, a service, or everyone, which no boundary limits; `role`: its role, which a boundary limits;
    `account`: its account, which only lets identity policies count.
    """
    statements = [] if policy is None else applying_statements(policy, request, effect, kind)
    relations = [(statement["Sid"], _principal_relation(statement["Principal"], caller)) for statement in statements]
    return {
        name: tuple(sid for sid, relation in relations if relation == name) for name in ("direct", "role", "account")
    }


def _principal_relation(principal: Any, caller: Caller) -> str:
    if principal == "*":
        return "direct"
    if caller.service or caller.federated:
        principals = as_list(principal.get("Service", ())), as_list(principal.get("Federated", ()))
        return "direct" if caller.service in principals[0] or caller.federated in principals[1] else ""
    principals = as_list(principal.get("AWS", ()))
    if "*" in principals or caller.session_arn in principals:
        return "direct"
    if caller.arn in principals:
        return "role"
    root = f"arn:{caller.arn.split(':')[1]}:iam::{caller.account}:root"
    return "account" if root in principals or caller.account in principals else ""


def _with_caller(request: PermissionRequest, caller: Caller) -> PermissionRequest:
    """Add what every request of a role carries (IAM user guide, AWS global condition context keys)."""
    if not caller.arn:
        return request
    caller_context = {"aws:PrincipalArn": caller.arn, "aws:PrincipalAccount": caller.account}
    return replace(request, context=caller_context | dict(request.context))
