"""The requests that a role may make: what a document's patterns stand for, tried one by one against all documents.

A pattern is not judged as a text. It proposes actions and resources, and the evaluator decides each of them, with the
context that suits the caller best: whatever a caller can choose is chosen.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice.program.deployer.reach.account import ELSEWHERE, Account, Document, Resource, made_up_id
from sluice.program.deployer.reach.actions import ALIAS_ACTIONS, IAM_KINDS, KNOWN, LIMITS, WITHOUT_RESOURCE
from sluice.program.deployer.reach.roles import Role
from sluice.program.iam import Ask, Caller, decide, listed, matches

Context = Mapping[str, Any]
FACTS = (
    "aws:resourcetag/",
    "aws:resourceaccount",
    "aws:principal",
    "aws:securetransport",
    "aws:source",
    "kms:calleraccount",
)
"""How keys begin that the caller does not choose; all others are taken for chosen.

`iam:PermissionsBoundary` too, though a policy is put on a role that has the boundary that it has: it may have another.
"""
SERVICE_OF = {"redshift-data": "redshift-serverless", "redshift": "redshift-serverless"}
ARN_PARTS = 6
VERSION = {"Version": "2012-10-17"}


@dataclass(frozen=True)
class Granted:
    """A pattern of actions on a pattern of resources, and the requests of it that are allowed, with their contexts."""

    action: str
    resource: str
    condition: Mapping[str, Any]
    requests: tuple[tuple[str, Resource, tuple[Context, ...]], ...]


@dataclass
class Requests:
    """Asks the evaluator for one account, and remembers."""

    account: Account
    known: dict[tuple[int, str, str], tuple[Context, ...]] = field(default_factory=dict)
    grants: dict[int, list[Granted]] = field(default_factory=dict)
    matching: dict[str, list[Resource]] = field(default_factory=dict)
    reduced: dict[tuple[int, str], Caller] = field(default_factory=dict)
    roles: list[Role] = field(default_factory=list)

    def granted(self, role: Role) -> list[Granted]:
        """Return what a role's statements allow, as far as its denials and its boundary leave it."""
        if id(role) not in self.grants:
            self.roles.append(role)  # keeps its id from being given to another
            self.grants[id(role)] = list(self._granted(role))
        return self.grants[id(role)]

    def _granted(self, role: Role) -> Iterator[Granted]:
        statements = [statement for document in role.documents for statement in document["Statement"]]
        for statement in (statement for statement in statements if statement["Effect"] == "Allow"):
            for action, resource in itertools.product(_actions(statement), _resources(statement)):
                if requests := tuple(self._allowed(role, action, resource)):
                    yield Granted(action, resource, statement.get("Condition", {}), requests)

    def _allowed(self, role: Role, action: str, pattern: str) -> Iterator[tuple[str, Resource, tuple[Context, ...]]]:
        for name, resource in itertools.product(actions_of(action), self.resources_of(pattern)):
            if about(name, resource.arn) and (contexts := self.contexts(role, name, resource.arn)):
                yield name, resource, contexts

    def resources_of(self, pattern: str) -> list[Resource]:
        """Return the resources that a pattern matches, and one that nobody knows, which it matches too."""
        if pattern not in self.matching:
            there = [resource for arn, resource in self.account.resources.items() if matches(pattern, arn)]
            literal = pattern if pattern == "*" else pattern.replace("*", _unknown(pattern)).replace("?", "x")
            self.matching[pattern] = [
                *(there if literal != pattern or pattern == "*" else ()),
                self.account.resource(literal),
            ]
        return self.matching[pattern]

    def can(self, role: Role, action: str, arn: str) -> bool:
        return bool(self.contexts(role, action, arn))

    def contexts(self, role: Role, action: str, arn: str) -> tuple[Context, ...]:
        """Return the contexts under which a role is allowed an action on a resource; none is a refusal."""
        key = (id(role), action, arn)
        if key not in self.known:
            self.roles.append(role)  # keeps its id from being given to another
            caller = self._caller(role, action)
            policy = self._policy(action, arn)
            resource = self.account.resource(arn)
            tried = ({**self._facts(resource), **chosen} for chosen in self._choices(caller, action))
            self.known[key] = tuple(each for each in tried if decide(Ask(action, arn, each), caller, policy).allowed)
        return self.known[key]

    def _caller(self, role: Role, action: str) -> Caller:
        """Return the role with those of its statements that are about the action: the others decide nothing."""
        key = (id(role), action)
        if key not in self.reduced:
            documents = [_about(document, action) for document in role.documents]
            boundary = None if role.boundary is None else _about(role.boundary, action)
            self.reduced[key] = Caller(role.arn, documents, boundary)
        return self.reduced[key]

    def _policy(self, action: str, arn: str) -> Document | None:
        """Return the policy of a resource: ours, or for another's key or role one that lets the account decide."""
        names = self.account.place.names
        root = {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": names.global_arn("iam", "root")}}
        if action.startswith("sts:AssumeRole"):
            return self.account.trusts.get(arn) or {**VERSION, "Statement": [{**root, "Action": action}]}
        named = [policy for pattern, policy in self.account.policies.items() if matches(pattern, arn)]
        if named or not action.startswith("kms:"):
            return named[0] if named else None
        return {**VERSION, "Statement": [{**root, "Action": "kms:*", "Resource": "*"}]}

    def _facts(self, resource: Resource) -> Context:
        account = self.account.place.names.account
        tags = {f"aws:ResourceTag/{key}": value for key, value in resource.tags.items()}
        return {"aws:SecureTransport": "true", "aws:ResourceAccount": account, "kms:CallerAccount": account, **tags}

    def _choices(self, caller: Caller, action: str) -> Iterator[Context]:
        """Yield each choice of values for the keys that matter: those of the statements, another, or none."""
        documents = [*caller.identity, *([caller.boundary] if caller.boundary else [])]
        values: dict[str, set[str]] = {LIMITS[action].key: set()} if action in LIMITS else {}
        several: set[str] = {LIMITS[action].key} if action in LIMITS and LIMITS[action].several else set()
        for operator, key, wanted in (triple for document in documents for triple in _conditions(document)):
            texts = set() if operator == "Null" else {str(word).replace("*", ELSEWHERE) for word in listed(wanted)}
            values.setdefault(key, set()).update(texts)
            several |= {key} if operator.startswith("For") else set()
        free = [key for key in values if _free(key)]
        for chosen in itertools.product(*(_options(values[key], key in several) for key in free)):
            yield {key: value for key, value in zip(free, chosen, strict=True) if value is not None}


def _conditions(document: Document) -> Iterator[tuple[str, str, Any]]:
    """Yield operator, key and values of each condition of a document."""
    for statement in document["Statement"]:
        for operator, keys in statement.get("Condition", {}).items():
            yield from ((operator, key, wanted) for key, wanted in keys.items())


def _options(texts: set[str], several: bool) -> list[Any]:
    ordered = sorted(texts)
    if several:
        return [*((text,) for text in ordered), tuple(ordered), (*ordered, ELSEWHERE), None]
    return [*ordered, ELSEWHERE, None]


def _free(key: str) -> bool:
    """Whether the caller chooses a key's value."""
    return not key.lower().startswith(FACTS) and ":resourcetag/" not in key.lower()


def _unknown(pattern: str) -> str:
    """Return what stands for any name; where AWS makes up an id, one of its form."""
    return made_up_id(ELSEWHERE) if ":redshift-serverless:" in pattern else ELSEWHERE


def _about(document: Document, action: str) -> Document:
    return {**document, "Statement": [each for each in document["Statement"] if _speaks(each, action)]}


def _speaks(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return True
    return any(matches(pattern.lower(), action.lower()) for pattern in listed(statement["Action"]))


def _actions(statement: Mapping[str, Any]) -> list[str]:
    return listed(statement["Action"]) if "Action" in statement else ["*"]


def _resources(statement: Mapping[str, Any]) -> list[str]:
    return listed(statement["Resource"]) if "Resource" in statement else ["*"]


def actions_of(pattern: str) -> list[str]:
    """Return the actions that a pattern stands for: those known here, and one that nobody knows."""
    if "*" not in pattern and "?" not in pattern:
        return [pattern]
    actions = [action for action in KNOWN if matches(pattern.lower(), action.lower())]
    return [*actions, pattern.replace("*", "").replace("?", "x")] if ":" in pattern else actions


def about(action: str, arn: str) -> bool:
    """Whether an action can be on a resource: a statement may list actions and resources of several kinds."""
    service, _, verb = action.partition(":")
    parts = arn.split(":", 5)
    if action in WITHOUT_RESOURCE or arn == "*":
        return arn == "*"
    if len(parts) < ARN_PARTS:
        return True  # a pattern that ends early, such as arn:aws:s3*
    if service == "kms" and ":alias/" in arn:
        return action in ALIAS_ACTIONS
    if service == "s3" and "/" in arn and ("Bucket" in verb or verb.endswith("Configuration")):
        return False
    if service == "iam" and (kind := next((kind for word, kind in IAM_KINDS.items() if word in verb), "")):
        return parts[2] in ("iam", ELSEWHERE) and parts[5].startswith((kind, ELSEWHERE))
    return parts[2] in (SERVICE_OF.get(service, service), ELSEWHERE) or service == "sts"
