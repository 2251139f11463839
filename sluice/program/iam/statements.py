"""Statements of a policy document, and what one document by itself allows.

Source: AWS IAM user guide, IAM JSON policy elements reference.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice.program.iam.conditions import Unjudged, Value, check, satisfied
from sluice.program.iam.patterns import matches

__all__ = ["Ask", "Kind", "Unjudged", "allowing", "applies", "listed", "unused"]
Document = Mapping[str, Any]
Statement = Mapping[str, Any]


class Kind(enum.Enum):
    """Where a document is attached, which decides the elements that its statements have."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"


ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"}
PRINCIPALS = {"AWS", "Service", "Federated"}


@dataclass(frozen=True)
class Ask:
    """One permission that a request needs: an action on a resource, with the condition keys that AWS would fill."""

    action: str
    resource: str
    context: Mapping[str, Value] = field(default_factory=dict)


def allowing(document: Document, ask: Ask) -> list[str]:
    """Return the Sids of an identity's statements that allow what is asked; none is a refusal, explicit or implicit.

    Raises:
        Unjudged: the document has an element, an operator or a variable that is not known here.
    """
    granted = applies(document, ask, "Allow")
    return [] if applies(document, ask, "Deny") else [statement["Sid"] for statement in granted]


def applies(document: Document, ask: Ask, effect: str, kind: Kind = Kind.IDENTITY) -> list[Statement]:
    """Return the statements of one effect that fit action, resource and context; principals are not looked at.

    Raises:
        Unjudged: as `allowing` has it, whether or not the statement would fit.
    """
    if not {"Version", "Statement"} <= set(document) <= {"Version", "Statement", "Id"}:
        raise Unjudged(f"a document has Version and Statement, not {sorted(document)}")
    statements = [_checked(statement, kind) for statement in document["Statement"]]
    return [statement for statement in statements if statement["Effect"] == effect and _fits(statement, ask)]


def _checked(statement: Statement, kind: Kind) -> Statement:
    where = statement.get("Sid", "a statement without Sid")
    needed = {"Sid", "Effect"} | ({"Principal"} if kind is not Kind.IDENTITY else set())
    pairs = [("Action", "NotAction")] + ([("Resource", "NotResource")] if kind is not Kind.TRUST else [])
    elements = needed | {element for pair in pairs for element in pair} | {"Condition"}
    if not needed <= set(statement) <= elements:
        raise Unjudged(
            f"{where}: {kind.value} policies are known with {sorted(elements)}, not with {sorted(statement)}"
        )
    if any(len(set(pair) & set(statement)) != 1 for pair in pairs) or statement["Effect"] not in ("Allow", "Deny"):
        raise Unjudged(f"{where}: one of {pairs} each and Allow or Deny are known, not {dict(statement)}")
    principal = statement.get("Principal", "*")
    if principal != "*" and not (isinstance(principal, Mapping) and set(principal) <= PRINCIPALS):
        raise Unjudged(f"{where}: the principal {principal} is not known")
    if "${" in str([statement.get(element) for element in ("Action", "Resource", "NotResource")]):
        raise Unjudged(f"{where}: variables in a resource are not known")
    check(statement.get("Condition", {}), where)
    return statement


def _fits(statement: Statement, ask: Ask) -> bool:
    action = ask.action.lower()
    acts = any(matches(pattern.lower(), action) for pattern in listed(statement.get("Action", ())))
    without = "NotAction" in statement and not any(
        matches(pattern.lower(), action) for pattern in listed(statement["NotAction"])
    )
    return (acts or without) and _reaches(statement, ask) and satisfied(statement.get("Condition", {}), ask.context)


def _reaches(statement: Statement, ask: Ask) -> bool:
    if "Resource" in statement:
        return any(matches(pattern, ask.resource) for pattern in listed(statement["Resource"]))
    # a trust policy has neither: it is about the role that it is attached to
    return not any(matches(pattern, ask.resource) for pattern in listed(statement.get("NotResource", ())))


def listed(value: str | Iterable[str]) -> list[str]:
    """Return the texts of an element that AWS takes as one text or as several."""
    return [value] if isinstance(value, str) else list(value)


def unused(document: Document, asks: Iterable[Ask]) -> set[tuple[str, str]]:
    """Return each Sid and action that a document allows and nothing asked for."""
    allowed = [statement for statement in document["Statement"] if statement["Effect"] == "Allow"]
    granted = {(statement["Sid"], action) for statement in allowed for action in listed(statement["Action"])}
    return granted - {(sid, ask.action) for ask in asks for sid in allowing(document, ask)}
