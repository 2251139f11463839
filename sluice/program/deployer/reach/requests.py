"""The requests that a role may make: what a document's patterns stand for, tried one by one against all documents.

A pattern is not judged as a text. It proposes actions and resources, and the evaluator decides each of them, with the
context that suits the caller best: whatever a caller can choose is chosen.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice.program.deployer.reach.account import ELSEWHERE, Account, Document, Resource, made_up_id
from sluice.program.deployer.reach.actions import ALIAS_ACTIONS, CHOSEN_KEYS, IAM_KINDS, KNOWN_ACTIONS, WITHOUT_RESOURCE
from sluice.program.deployer.reach.roles import Role
from sluice.program.iam import Caller, PermissionRequest, as_list, decide_request, matches_pattern, speaks_of

Context = Mapping[str, Any]
FIXED_KEY_PREFIXES = (
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
class Grant:
    """A pattern of actions on a pattern of resources, and the requests of it that are allowed, with their contexts."""

    action: str
    resource: str
    condition: Mapping[str, Any]
    requests: tuple[tuple[str, Resource, tuple[Context, ...]], ...]


@dataclass
class Requests:
    """Asks the evaluator for one account, and remembers."""

    account: Account
    context_cache: dict[tuple[int, str, str], tuple[Context, ...]] = field(default_factory=dict)
    grants: dict[int, list[Grant]] = field(default_factory=dict)
    resource_cache: dict[str, list[Resource]] = field(default_factory=dict)
    caller_cache: dict[tuple[int, str], Caller] = field(default_factory=dict)
    policy_cache: dict[str, Document | None] = field(default_factory=dict)
    roles: list[Role] = field(default_factory=list)

    def grants_of(self, role: Role) -> list[Grant]:
        """Return what a role's statements allow, as far as its denials and its boundary leave it."""
        if id(role) not in self.grants:
            self.roles.append(role)  # keeps its id from being given to another
            self.grants[id(role)] = list(self._find_grants(role))
        return self.grants[id(role)]

    def _find_grants(self, role: Role) -> Iterator[Grant]:
        statements = [statement for document in role.documents for statement in document["Statement"]]
        for statement in (statement for statement in statements if statement["Effect"] == "Allow"):
            for action, resource in itertools.product(_statement_actions(statement), _statement_resources(statement)):
                if requests := tuple(self._allowed_requests(role, action, resource)):
                    yield Grant(action, resource, statement.get("Condition", {}), requests)

    def _allowed_requests(
        self, role: Role, action: str, pattern: str
    ) -> Iterator[tuple[str, Resource, tuple[Context, ...]]]:
        for name, resource in itertools.product(actions_of(action), self.resources_of(pattern)):
            if is_applicable(name, resource.arn) and (contexts := self.allowed_contexts(role, name, resource.arn)):
                yield name, resource, contexts

    def resources_of(self, pattern: str) -> list[Resource]:
        """Return the resources that a pattern matches, and one that nobody knows, which it matches too."""
        if pattern not in self.resource_cache:
            known_resources = [
                resource for arn, resource in self.account.resources.items() if matches_pattern(pattern, arn)
            ]
            literal = pattern if pattern == "*" else pattern.replace("*", _stand_in_name(pattern)).replace("?", "x")
            self.resource_cache[pattern] = [
                *(known_resources if literal != pattern or pattern == "*" else ()),
                self.account.find_resource(literal),
            ]
        return self.resource_cache[pattern]

    def is_allowed(self, role: Role, action: str, arn: str) -> bool:
        """Return whether a role may do an action on a resource in some context."""
        return bool(self.allowed_contexts(role, action, arn))

    def allowed_contexts(self, role: Role, action: str, arn: str) -> tuple[Context, ...]:
        """Return the contexts under which a role is allowed an action on a resource; none is a refusal."""
        key = (id(role), action, arn)
        if key not in self.context_cache:
            self.roles.append(role)  # keeps its id from being given to another
            caller = self._reduced_caller(role, action)
            policy = self._resource_policy(action, arn)
            resource = self.account.find_resource(arn)
            candidates = (
                {**self._fixed_context(resource), **chosen} for chosen in self._context_choices(caller, action)
            )
            self.context_cache[key] = tuple(
                context
                for context in candidates
                if decide_request(PermissionRequest(action, arn, context), caller, policy).allowed
            )
        return self.context_cache[key]

    def _reduced_caller(self, role: Role, action: str) -> Caller:
        """Return the role with those of its statements that are about the action: the others decide nothing."""
        key = (id(role), action)
        if key not in self.caller_cache:
            reduced = [_reduced_document(document, action) for document in role.documents]
            documents = [document for document in reduced if document["Statement"]]
            boundary = None if role.boundary is None else _reduced_document(role.boundary, action)
            self.caller_cache[key] = Caller(role.arn, documents, boundary)
        return self.caller_cache[key]

    def _resource_policy(self, action: str, arn: str) -> Document | None:
        """Return the policy of a resource: ours, or for another's key or role one that lets the account decide."""
        names = self.account.place.names
        root = {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": names.global_arn("iam", "root")}}
        if action.startswith("sts:AssumeRole"):
            return self.account.trusts.get(arn) or {**VERSION, "Statement": [{**root, "Action": action}]}
        if arn not in self.policy_cache:
            policies = self.account.policies.items()
            self.policy_cache[arn] = next((policy for name, policy in policies if matches_pattern(name, arn)), None)
        if self.policy_cache[arn] or not action.startswith("kms:"):
            return self.policy_cache[arn]
        return {**VERSION, "Statement": [{**root, "Action": "kms:*", "Resource": "*"}]}

    def _fixed_context(self, resource: Resource) -> Context:
        account = self.account.place.names.account
        tags = {f"aws:ResourceTag/{key}": value for key, value in resource.tags.items()}
        return {"aws:SecureTransport": "true", "aws:ResourceAccount": account, "kms:CallerAccount": account, **tags}

    def _context_choices(self, caller: Caller, action: str) -> Iterator[Context]:
        """Yield each choice of values for the keys that matter: those of the statements, another, or none."""
        documents = [*caller.identity, *([caller.boundary] if caller.boundary else [])]
        values: dict[str, set[str]] = {CHOSEN_KEYS[action].key: set()} if action in CHOSEN_KEYS else {}
        multivalued: set[str] = (
            {CHOSEN_KEYS[action].key} if action in CHOSEN_KEYS and CHOSEN_KEYS[action].is_multivalued else set()
        )
        for operator, key, condition_value in (
            triple for document in documents for triple in _condition_items(document)
        ):
            texts = (
                set()
                if operator == "Null"
                else {str(text).replace("*", ELSEWHERE) for text in as_list(condition_value)}
            )
            values.setdefault(key, set()).update(texts)
            multivalued |= {key} if operator.startswith("For") else set()
        free = [key for key in values if _is_free_key(key)]
        for chosen in itertools.product(*(_value_options(values[key], key in multivalued) for key in free)):
            yield {key: value for key, value in zip(free, chosen, strict=True) if value is not None}


def _condition_items(document: Document) -> Iterator[tuple[str, str, Any]]:
    """Yield operator, key and values of each condition of a document."""
    for statement in document["Statement"]:
        for operator, keys in statement.get("Condition", {}).items():
            yield from ((operator, key, condition_value) for key, condition_value in keys.items())


def _value_options(texts: set[str], is_multivalued: bool) -> list[Any]:
    ordered = sorted(texts)
    if is_multivalued:
        return [*((text,) for text in ordered), tuple(ordered), (*ordered, ELSEWHERE), None]
    return [*ordered, ELSEWHERE, None]


def _is_free_key(key: str) -> bool:
    """Whether the caller chooses a key's value."""
    return not key.lower().startswith(FIXED_KEY_PREFIXES) and ":resourcetag/" not in key.lower()


def _stand_in_name(pattern: str) -> str:
    """Return what stands for any name; where AWS makes up an id, one of its form."""
    return made_up_id(ELSEWHERE) if ":redshift-serverless:" in pattern else ELSEWHERE


def _reduced_document(document: Document, action: str) -> Document:
    return {
        **document,
        "Statement": [statement for statement in document["Statement"] if speaks_of(statement, action)],
    }


def _statement_actions(statement: Mapping[str, Any]) -> list[str]:
    return as_list(statement["Action"]) if "Action" in statement else ["*"]


def _statement_resources(statement: Mapping[str, Any]) -> list[str]:
    return as_list(statement["Resource"]) if "Resource" in statement else ["*"]


def actions_of(pattern: str) -> list[str]:
    """Return the actions that a pattern stands for: those known here, and one that nobody knows."""
    if "*" not in pattern and "?" not in pattern:
        return [pattern]
    actions = [action for action in KNOWN_ACTIONS if matches_pattern(pattern.lower(), action.lower())]
    return [*actions, pattern.replace("*", "").replace("?", "x")] if ":" in pattern else actions


def is_applicable(action: str, arn: str) -> bool:
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
    if service == "iam" and (kind := next((kind for fragment, kind in IAM_KINDS.items() if fragment in verb), "")):
        return parts[2] in ("iam", ELSEWHERE) and parts[5].startswith((kind, ELSEWHERE))
    return parts[2] in (SERVICE_OF.get(service, service), ELSEWHERE) or service == "sts"
