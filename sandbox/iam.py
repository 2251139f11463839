"""What a policy document allows, as AWS decides it: as much of that as our documents use, and nothing by guess.

Source: AWS IAM user guide, Policy evaluation logic; IAM JSON policy elements.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ELEMENTS = {"Sid", "Effect", "Action", "Resource", "Condition"}


class Unjudged(ValueError):
    """The document says something that this evaluator does not know; it never guesses."""


@dataclass(frozen=True)
class Ask:
    """One permission that a request needs: an action on a resource, with the condition keys that AWS would fill."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def matches(pattern: str, value: str) -> bool:
    """Whether a pattern with `*` and `?` covers the whole value."""
    parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern)
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


OPERATORS: dict[str, Callable[[str, str], bool]] = {"StringEquals": str.__eq__, "StringLike": matches}


def allowing(document: Mapping[str, Any], ask: Ask) -> list[str]:
    """Return the Sids of the statements that allow what is asked; none is a refusal.

    Raises Unjudged where the document has a Deny, an element or an operator that is not known here.
    """
    if set(document) != {"Version", "Statement"}:
        raise Unjudged(f"a document has Version and Statement, not {sorted(document)}")
    return [one["Sid"] for one in map(known, document["Statement"]) if allows(one, ask)]


def known(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    where = statement.get("Sid", "a statement without Sid")
    if set(statement) - {"Condition"} != ELEMENTS - {"Condition"} or statement["Effect"] != "Allow":
        raise Unjudged(f"{where}: only Sid, Allow, Action, Resource and Condition are known, not {dict(statement)}")
    unknown = set(statement.get("Condition", {})) - set(OPERATORS)
    if unknown:
        raise Unjudged(f"{where}: the operators {sorted(unknown)} are not known, only {sorted(OPERATORS)}")
    return statement


def allows(statement: Mapping[str, Any], ask: Ask) -> bool:
    return (
        any(matches(one.lower(), ask.action.lower()) for one in listed(statement["Action"]))
        and any(matches(one, ask.resource) for one in listed(statement["Resource"]))
        and all(holds(operator, keys, ask.context) for operator, keys in statement.get("Condition", {}).items())
    )


def holds(operator: str, keys: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    """All keys of an operator have to match, each one of its values; a key that the request lacks does not match."""
    test = OPERATORS[operator]
    return all(key in context and any(test(one, context[key]) for one in listed(value)) for key, value in keys.items())


def listed(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def unused(document: Mapping[str, Any], asks: Iterable[Ask]) -> set[tuple[str, str]]:
    """Return each Sid and action of a document that nothing asked for."""
    granted = {(one["Sid"], action) for one in document["Statement"] for action in listed(one["Action"])}
    return granted - {(sid, ask.action) for ask in asks for sid in allowing(document, ask)}
