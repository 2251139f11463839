"""The account that a walk takes place in: what is the stack's own, and neighbours that it must not reach.

No account is asked. The neighbours are made up: another stack of the same prefix, another lake, and what others have.
"""

import enum
import functools
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.names import Names
from sluice.program.iam import matches_pattern

Document = Mapping[str, Any]
ELSEWHERE = "elsewhere"
"""Stands for every name that no document has."""


class Owner(enum.Enum):
    """Whose a resource is."""

    STACK = "the stack"
    ADMINISTRATOR = "the administrator"
    OTHER_STACK = "another stack"
    OTHER_LAKE = "another lake"
    ACCOUNT = "the account"


@dataclass(frozen=True)
class Resource:
    """A resource by its ARN, with the tags that conditions see of it."""

    arn: str
    owner: Owner
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StackPlace:
    """Names of a stack, the bucket and key of its state, and the tags that its provider gives."""

    names: Names
    state_bucket: str
    state_key: str
    tags: Mapping[str, str]

    @property
    def key(self) -> str:
        """The stack's data key, whose id AWS makes up."""
        return self.names.arn("kms", f"key/{made_up_id(self.names.resource_name())}")

    @property
    def warehouse(self) -> list[str]:
        """Namespace and workgroup of a warehouse, whose ids AWS makes up."""
        kinds = ("namespace", "workgroup")
        return [
            self.names.arn("redshift-serverless", f"{kind}/{made_up_id(self.names.resource_name())}") for kind in kinds
        ]

    @property
    def state(self) -> str:
        """The file of the stack's state."""
        path = f"{self.names.stack}/.pulumi/stacks/sluice/{self.names.stack}.json"
        return self.names.s3_arn(f"{self.state_bucket}/{path}")


def made_up_id(text: str) -> str:
    """Return an id as AWS makes them up, the same for the same text."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text))


def name_patterns(place: StackPlace) -> list[str]:
    """Return the patterns that match a stack's resources by name; keys and warehouses go by ids and tags."""
    names, start = place.names, place.names.resource_name()
    regional = {
        "glue": [f"database/{names.database}"]
        + [f"{kind}/{names.database}/*" for kind in ("table", "userDefinedFunction")]
        + [f"{kind}/{start}-*" for kind in ("job", "trigger", "crawler")],
        "states": [f"stateMachine:{start}-*", f"execution:{start}-*"],
        "scheduler": [f"schedule/default/{start}-*"],
        "sqs": [f"{start}-*"],
        "sns": [f"{start}-*"],
        "events": [f"{kind}/{start}-*" for kind in ("rule", "connection", "api-destination")],
        "logs": [f"log-group:{names.log_group_prefix}/*"],
        "cloudwatch": [f"alarm:{start}-*", f"alarm-mute-rule:{start}-*"],
        "athena": [f"workgroup/{start}"],
        "secretsmanager": [f"secret:redshift!{start}-*", f"secret:events!connection/{start}-*"],
        "kms": [f"alias/{start}"],
    }
    return [
        *(names.arn(service, resource) for service, kinds in regional.items() for resource in kinds),
        names.s3_arn(f"{start}-*"),
        names.s3_arn(f"{place.state_bucket}/{names.stack}/*"),
        names.role_arn("*"),
        names.global_arn("cloudwatch", f"dashboard/{start}"),
        names.global_arn("chatbot", f"chat-configuration/slack-channel/{start}-*"),
        names.global_arn("chatbot", f"chat-configuration/microsoft-teams-channel/{start}-*"),
    ]


def example_resources(place: StackPlace, owner: Owner) -> list[Resource]:
    """Return one resource of a stack for each kind that documents speak of."""
    names = place.names
    objects = ("raw", "/trades/1.csv"), ("processed", "/parquet/trades/data/a.parquet"), ("logs", "/raw/1")
    code = ("assets", "/code/etl-1.zip"), ("assets", "/contracts/trades/input-1.json")
    named_arns = [pattern.replace("*", "trades") for pattern in name_patterns(place) if ":s3:" not in pattern]
    buckets = [names.bucket_arn(zone, key) for zone, path in (*objects, *code) for key in ("", path)]
    arns = [*buckets, *named_arns, place.state, place.key, *place.warehouse]
    tagged = [Resource(arn, owner, place.tags) for arn in arns]
    return [*tagged, Resource(place.state_key, owner), *administrator_resources(place)]


def administrator_resources(place: StackPlace) -> list[Resource]:
    """Return what an administrator makes for a stack: its boundary, and the roles that GitHub takes."""
    names = place.names
    roles = [f"{names.prefix}-{kind}-{names.stack}" for kind in ("deploy", "preview")]
    paths = [f"{kind}/{role}{end}" for role in roles for kind, end in (("role", ""), ("policy", "-state"))]
    arns = [names.boundary_arn, *(names.global_arn("iam", path) for path in paths)]
    return [Resource(arn, Owner.ADMINISTRATOR) for arn in arns]


def foreign_resources(place: StackPlace) -> list[Resource]:
    """Return what an account has besides: an administrator's role, keys without tags, other teams' things."""
    names = place.names
    untagged = made_up_id("untagged")
    regional = {
        "kms": [f"key/{untagged}", "alias/other"],
        "secretsmanager": ["secret:other"],
        "lambda": ["function:other"],
        "glue": ["job/other", "database/default", "catalog"],
        "sns": ["other"],
        "sqs": ["other"],
        "events": ["rule/other", "event-bus/default"],
        "states": ["stateMachine:other"],
        "redshift-serverless": [f"workgroup/{untagged}", f"namespace/{untagged}"],
        "logs": ["log-group:other"],
    }
    principals = ["role/admin", "policy/other", "user/somebody", "group/admins", f"role/{names.prefix}-ci"]
    provider = "oidc-provider/token.actions.githubusercontent.com"
    buckets = ["company-data", "company-data/a", place.state_bucket, f"{place.state_bucket}/.pulumi/meta.yaml"]
    arns = [
        *(names.arn(service, name) for service, kinds in regional.items() for name in kinds),
        *(names.global_arn("iam", name) for name in (*principals, provider)),
        *(names.s3_arn(name) for name in buckets),
    ]
    return [Resource(arn, Owner.ACCOUNT) for arn in arns]


def neighbour_place(place: StackPlace, prefix: str, stack: str) -> StackPlace:
    """Return another stack of the account, whose state lies in the same bucket."""
    names = Names(prefix, stack, place.names.region, place.names.account)
    return StackPlace(
        names,
        place.state_bucket,
        names.arn("kms", f"key/{made_up_id(f'state of {stack}')}"),
        {**place.tags, "stack": stack},
    )


@dataclass(frozen=True)
class Account:
    """What a walk looks at: a stack's place, the policies of its resources by ARN, and its roles' trusts by ARN.

    `services` are those that take a role of the stack.
    """

    place: StackPlace
    services: frozenset[str]
    policies: Mapping[str, Document] = field(default_factory=dict)
    trusts: Mapping[str, Document] = field(default_factory=dict)

    @functools.cached_property
    def resources(self) -> dict[str, Resource]:
        """All resources by ARN, the neighbours' first: what matches a name of theirs is theirs."""
        stack = "prod" if self.place.names.stack != "prod" else "dev"
        other_stack = neighbour_place(self.place, self.place.names.prefix, stack)
        other_lake = neighbour_place(self.place, "lake" if self.place.names.prefix != "lake" else "sluice", "test")
        resources: Iterable[Resource] = (
            *(Resource(arn, Owner.STACK) for arn in self.trusts),
            *example_resources(self.place, Owner.STACK),
            *foreign_resources(self.place),
            *example_resources(other_lake, Owner.OTHER_LAKE),
            *example_resources(other_stack, Owner.OTHER_STACK),
        )
        return {resource.arn: resource for resource in resources}

    @functools.cached_property
    def own_patterns(self) -> list[str]:
        """The patterns of all names that are the stack's."""
        return name_patterns(self.place)

    def find_resource(self, arn: str) -> Resource:
        """Return a resource that is known, or one of that ARN without tags: the stack's where its name is."""
        if arn in self.resources:
            return self.resources[arn]
        has_own_name = any(matches_pattern(pattern, arn) for pattern in self.own_patterns)
        return Resource(arn, Owner.STACK if has_own_name else Owner.ACCOUNT)
