"""Statements of a policy document, and what one document by itself allows.

Source: AWS IAM user guide, IAM JSON policy elements reference.
"""

import copy
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice.program.iam.conditions import UnsupportedPolicy, Value, check_supported, is_satisfied
from sluice.program.iam.patterns import matches_action, matches_pattern

__all__ = [
    "PermissionRequest",
    "PolicyKind",
    "UnsupportedPolicy",
    "allowing_sids",
    "applying_statements",
    "as_list",
    "speaks_of",
    "unused_grants",
]
Document = Mapping[str, Any]
Statement = Mapping[str, Any]


class PolicyKind(enum.Enum):
    """Where a document is attached, which decides the elements that its statements have."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"


PRINCIPALS = {"AWS", "Service", "Federated"}
ACTIONS, RESOURCES = {"Action", "NotAction"}, {"Resource", "NotResource"}
REQUIRED = {
    PolicyKind.IDENTITY: {"Sid", "Effect"},
    PolicyKind.RESOURCE: {"Sid", "Effect", "Principal"},
    PolicyKind.TRUST: {"Sid", "Effect", "Principal"},
}
CHOICES = {
    PolicyKind.IDENTITY: [ACTIONS, RESOURCES],
    PolicyKind.RESOURCE: [ACTIONS, RESOURCES],
    PolicyKind.TRUST: [ACTIONS],
}
"""Pairs of elements of which a statement has one."""
ELEMENTS = {kind: REQUIRED[kind].union({"Condition"}, *CHOICES[kind]) for kind in PolicyKind}


@dataclass(frozen=True)
class PermissionRequest:
    """One permission that a request needs: an action on a resource, with the condition keys that AWS would fill."""

    action: str
    resource: str
    context: Mapping[str, Value] = field(default_factory=dict)


def allowing_sids(document: Document, request: PermissionRequest) -> list[str]:
    """Return the Sids of an identity's statements that allow what is asked; none is a refusal, explicit or implicit.

    Raises:
        Unjudged: the document has an element, an operator or a variable that is not known here.
    """
    granted = applying_statements(document, request, "Allow")
    return [] if applying_statements(document, request, "Deny") else [statement["Sid"] for statement in granted]


def applying_statements(
    document: Document, request: PermissionRequest, effect: str, kind: PolicyKind = PolicyKind.IDENTITY
) -> list[Statement]:
    """Return the statements of one effect that fit action, resource and context; principals are not looked at.

    Raises:
        Unjudged: as `allowing` has it, whether or not the statement would fit.
    """
    if not {"Version", "Statement"} <= document.keys() <= {"Version", "Statement", "Id"}:
        raise UnsupportedPolicy(f"a document has Version and Statement, not {sorted(document)}")
    for statement in document["Statement"]:
        if _CHECKED.get((id(statement), kind.value)) != statement:
            _check_statement(statement, kind)
            _CHECKED[id(statement), kind.value] = copy.deepcopy(statement)
    return [
        statement
        for statement in document["Statement"]
        if statement["Effect"] == effect and _statement_fits(statement, request)
    ]


_CHECKED: dict[tuple[int, str], Statement] = {}
"""Statements as they were when they were checked: one is asked of a thousand times, and checked anew where it has changed."""


def _check_statement(statement: Statement, kind: PolicyKind) -> None:
    location = statement.get("Sid", "a statement without Sid")
    if not REQUIRED[kind] <= statement.keys() <= ELEMENTS[kind]:
        raise UnsupportedPolicy(
            f"{location}: {kind.value} policies are known with {sorted(ELEMENTS[kind])}, not with {sorted(statement)}"
        )
    choices = CHOICES[kind]
    if any(len(choice & statement.keys()) != 1 for choice in choices) or statement["Effect"] not in ("Allow", "Deny"):
        pairs = [tuple(sorted(choice)) for choice in choices]
        raise UnsupportedPolicy(f"{location}: one of {pairs} each and Allow or Deny are known, not {dict(statement)}")
    principal = statement.get("Principal", "*")
    if principal != "*" and not (isinstance(principal, Mapping) and set(principal) <= PRINCIPALS):
        raise UnsupportedPolicy(f"{location}: the principal {principal} is not known")
    if "${" in str([statement.get(element) for element in ("Action", "Resource", "NotResource")]):
        raise UnsupportedPolicy(f"{location}: variables in a resource are not known")
    check_supported(statement.get("Condition", {}), location)


def _statement_fits(statement: Statement, request: PermissionRequest) -> bool:
    return (
        speaks_of(statement, request.action)
        and _covers_resource(statement, request)
        and is_satisfied(statement.get("Condition", {}), request.context)
    )


def speaks_of(statement: Statement, action: str) -> bool:
    """Whether a statement is about an action, on whatever resource."""
    if "NotAction" in statement:
        return not matches_action(as_list(statement["NotAction"]), action)
    return matches_action(as_list(statement["Action"]), action)


def _covers_resource(statement: Statement, request: PermissionRequest) -> bool:
    if "Resource" in statement:
        return any(matches_pattern(pattern, request.resource) for pattern in as_list(statement["Resource"]))
    # a trust policy has neither: it is about the role that it is attached to
    return not any(matches_pattern(pattern, request.resource) for pattern in as_list(statement.get("NotResource", ())))


def as_list(value: str | Iterable[str]) -> list[str]:
    """Return the texts of an element that AWS takes as one text or as several."""
    return [value] if isinstance(value, str) else list(value)


def unused_grants(document: Document, requests: Iterable[PermissionRequest]) -> set[tuple[str, str]]:
    """Return each Sid and action that a document allows and nothing asked for."""
    allowed = [statement for statement in document["Statement"] if statement["Effect"] == "Allow"]
    granted = {(statement["Sid"], action) for statement in allowed for action in as_list(statement["Action"])}
    return granted - {(sid, request.action) for request in requests for sid in allowing_sids(document, request)}
