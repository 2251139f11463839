"""How AWS decides a request within one account, from all documents that bear on it.

Source: AWS IAM user guide, How AWS enforcement code logic evaluates requests to allow or deny access
(reference_policies_evaluation-logic_policy-eval-denyallow); AWS KMS developer guide, Key policies.
Organisations' control policies and session policies are not known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sluice.program.iam.statements import Ask, Kind, Unjudged, applies, listed

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
    by: str
    sids: tuple[str, ...] = ()


def decide(ask: Ask, caller: Caller, policy: Document | None = None) -> Decision:
    """Judge a request; `policy` is the one of its resource: a bucket's, a key's, or a role's trust.

    Raises:
        Unjudged: a document is beyond the evaluator, or a key or a role is asked for without its policy.
    """
    ask = _with_caller(ask, caller)
    kind = Kind.TRUST if ask.action.lower().startswith("sts:assumerole") else Kind.RESOURCE
    needed = kind is Kind.TRUST or (ask.action.lower().startswith("kms:") and ":key/" in ask.resource)
    if needed and policy is None:
        raise Unjudged(f"{ask.action} on {ask.resource}: a key's or a role's own policy decides, and none is given")
    granted = _named(policy, ask, caller, "Allow", kind)
    if refused := _denied(ask, caller, _named(policy, ask, caller, "Deny", kind)):
        return Decision(False, "an explicit deny", refused)
    if sids := granted["direct"]:
        return Decision(True, "the resource's policy", sids)
    bounded = caller.boundary is None or bool(applies(caller.boundary, ask, "Allow"))
    if granted["role"] and bounded:
        return Decision(True, "the resource's policy", granted["role"])
    identity = tuple(statement["Sid"] for document in caller.identity for statement in applies(document, ask, "Allow"))
    if not (identity or granted["role"]) or (needed and not granted["account"] and not granted["role"]):
        return Decision(False, "no statement")
    return Decision(True, "the identity's policies", identity) if bounded else Decision(False, "the boundary")


def _denied(ask: Ask, caller: Caller, named: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the Sids of what denies explicitly, wherever it stands."""
    documents = [*caller.identity, *([caller.boundary] if caller.boundary else [])]
    sids = [statement["Sid"] for document in documents for statement in applies(document, ask, "Deny")]
    return (*sids, *(sid for named_sids in named.values() for sid in named_sids))


def _named(policy: Document | None, ask: Ask, caller: Caller, effect: str, kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return the Sids of a resource's policy that name the caller, by how they name it.

    `direct`: its session, a service, or everyone, which no boundary limits; `role`: its role, which a boundary limits;
    `account`: its account, which only lets identity policies count.
    """
    statements = [] if policy is None else applies(policy, ask, effect, kind)
    ways = [(statement["Sid"], _way(statement["Principal"], caller)) for statement in statements]
    return {name: tuple(sid for sid, way in ways if way == name) for name in ("direct", "role", "account")}


def _way(principal: Any, caller: Caller) -> str:
    if principal == "*":
        return "direct"
    if caller.service or caller.federated:
        named = listed(principal.get("Service", ())), listed(principal.get("Federated", ()))
        return "direct" if caller.service in named[0] or caller.federated in named[1] else ""
    named = listed(principal.get("AWS", ()))
    if "*" in named or caller.session_arn in named:
        return "direct"
    if caller.arn in named:
        return "role"
    root = f"arn:{caller.arn.split(':')[1]}:iam::{caller.account}:root"
    return "account" if root in named or caller.account in named else ""


def _with_caller(ask: Ask, caller: Caller) -> Ask:
    """Add what every request of a role carries (IAM user guide, AWS global condition context keys)."""
    if not caller.arn:
        return ask
    carried = {"aws:PrincipalArn": caller.arn, "aws:PrincipalAccount": caller.account}
    return replace(ask, context=carried | dict(ask.context))
