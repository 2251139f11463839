"""What no role of a stack may reach: others' things, a role without the boundary, the boundary itself.

Closed by default: whatever is not the stack's own, by name or by tag, and not in `SHARED`, is a fault.
"""

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sluice.program.deployer.reach.account import Account, Owner, Resource
from sluice.program.deployer.reach.actions import (
    BIND_BOUNDARY,
    CHOSEN_KEYS,
    CREATE_ROLE,
    DESCRIBING_ACTIONS,
    PASS_ROLE,
    POLICY_CHANGES,
    UNBIND_BOUNDARY,
    WIDENING_ACTIONS,
    WRITE_POLICY,
    is_read_only,
)
from sluice.program.deployer.reach.requests import Context, Grant
from sluice.program.deployer.reach.roles import DEPLOY, PREVIEW


class FaultKind(enum.Enum):
    """What is wrong about a request that is allowed."""

    OUTSIDE = "reaches what is not the stack's"
    UNBOUNDED = "leaves a role without the boundary"
    PAST_BOUNDARY = "changes or removes the boundary"
    BECOMES = "becomes a role that it is not meant to be"
    OPENS = "changes a resource's own policy, which no boundary limits"
    CHANGES = "changes what it is only to read"
    TAKEN = "is taken by others than services"
    PASSES = "passes a role to a service that takes none of the stack's"
    SENDS = "lets a rule or an alarm act on what is not the stack's"
    GIVES = "gives what is the stack's to another by its tag"


@dataclass(frozen=True)
class SharedResource:
    """What a stack has in common with others: actions on a resource, with the values that a caller has to choose."""

    actions: str
    resource: str
    reason: str
    allowed_values: Mapping[str, tuple[str, ...]]


def shared_resource(actions: str, resource: str, reason: str, **allowed_values: tuple[str, ...]) -> SharedResource:
    """`actions` and `resource` are regular expressions; a keyword `aws__TagKeys` is the condition key `aws:TagKeys`."""
    return SharedResource(
        actions, resource, reason, {key.replace("__", ":"): values for key, values in allowed_values.items()}
    )


CATALOG = (
    "glue:((Batch)?(Get|Create|Update|Delete|Start|Stop)(Database|Table|Partition|Job|JobRun|Trigger|Crawler)s?"
    "|GetTags|GetPartitionIndexes|TagResource|UntagResource)"
)
ID = "[0-9a-f-]{36}"
TAGGED = {"aws:RequestTag/stack": ("{stack}",)}
SHARED = (
    shared_resource("|".join(DESCRIBING_ACTIONS), r"\*", "describes the account"),
    shared_resource(
        CATALOG, r"arn:[\w-]+:glue:.*:catalog", "Glue checks an action on a database on the catalog above it too"
    ),
    shared_resource("glue:GetDatabase", ".*:database/default", "a session asks for it, whatever database it uses"),
    shared_resource(
        "logs:(CreateLogGroup|CreateLogStream|PutLogEvents)",
        r".*:log-group:/aws-glue/crawlers\b.*",
        "all crawlers of an account share a log group",
    ),
    shared_resource("cloudwatch:PutMetricData", r"\*", "takes a namespace", cloudwatch__namespace=("Sluice", "Glue")),
    shared_resource("kms:CreateKey|kms:TagResource", r"\*", "a key has no name before it exists", **TAGGED),
    shared_resource(
        "redshift-serverless:(CreateNamespace|CreateWorkgroup|TagResource)",
        rf"\*|.*:(namespace|workgroup)/{ID}",
        "what is made has an id that nobody knows before",
        **TAGGED,
    ),
    shared_resource(
        "redshift-serverless:(Create|Get|Update|Delete)UsageLimit", r"\*", "AWS knows no resource for limits"
    ),
    shared_resource(
        "iam:CreateServiceLinkedRole",
        ".*:role/aws-service-role/redshift.amazonaws.com/.*",
        "Redshift's own role, which only Redshift takes",
    ),
    shared_resource(
        "iam:CreateServiceLinkedRole",
        ".*:role/aws-service-role/apidestinations.events.amazonaws.com/.*",
        "EventBridge's own role, which only EventBridge takes",
    ),
    shared_resource(
        "events:PutEvents", ".*:event-bus/default", "all put on the account's bus", events__source=("sluice.*-{stack}",)
    ),
    shared_resource(
        "chatbot:Create(Slack|MicrosoftTeams)ChannelConfiguration",
        r"\*",
        "a chat has no name before it exists, and takes only a role that may be passed",
    ),
    shared_resource("s3:GetBucketLocation", "{state}", "Pulumi finds the bucket of all stacks' state"),
    shared_resource("s3:ListBucket", "{state}", "Pulumi finds the files of a stack's state", s3__prefix=("{stack}/*",)),
)
"""Closed by default: what is not here and not the stack's own is a fault."""
SENDING_ACTIONS = ("events:PutTargets", "cloudwatch:PutMetricAlarm")
BY_TAG, TAG = ("kms:TagResource", "redshift-serverless:TagResource"), "aws:RequestTag/stack"
"""What decides whose a key or a warehouse is."""


def grant_faults(account: Account, role: str, grant: Grant) -> Iterator[tuple[FaultKind, str, str]]:
    """Yield the kind, action and resource of each request of a grant that a role may not make."""
    for action, resource, contexts in grant.requests:
        kind = judge_request(account, action, resource, contexts) or _beyond_its_role(role, action)
        if kind:
            yield kind, action, resource.arn


def _beyond_its_role(role: str, action: str) -> FaultKind | None:
    """Return what is wrong within the stack: only who deploys changes what is declared."""
    if role == PREVIEW and not is_read_only(action):
        return FaultKind.CHANGES
    return FaultKind.OPENS if role != DEPLOY and action in POLICY_CHANGES else None


def is_known_resource(account: Account, arn: str) -> bool:
    """Whether the walk can tell whose a resource is: by its name, by its tag, or because all stacks share it."""
    kinds = {by_id.rpartition("/")[0] for by_id in (account.place.key, *account.place.warehouse)}
    has_own_name = account.find_resource(arn).owner is Owner.STACK or arn.rpartition("/")[0] in kinds
    return has_own_name or any(re.fullmatch(_resource_pattern(account, entry), arn) for entry in SHARED)


def judge_request(account: Account, action: str, resource: Resource, contexts: tuple[Context, ...]) -> FaultKind | None:
    """Return what is wrong about a request that is allowed under these contexts; nothing is None."""
    boundary = account.place.names.boundary_arn
    if action == UNBIND_BOUNDARY or (action in WRITE_POLICY and resource.arn == boundary):
        return FaultKind.PAST_BOUNDARY
    if resource.owner is not Owner.STACK:
        return (
            None
            if any(is_shared(account, entry, action, resource.arn, contexts) for entry in SHARED)
            else FaultKind.OUTSIDE
        )
    if action in (CREATE_ROLE, BIND_BOUNDARY, *WIDENING_ACTIONS) and {
        context.get("iam:PermissionsBoundary") for context in contexts
    } != {boundary}:
        return FaultKind.PAST_BOUNDARY if action == BIND_BOUNDARY else FaultKind.UNBOUNDED
    if action == PASS_ROLE and not {context.get("iam:PassedToService") for context in contexts} <= account.services:
        return FaultKind.PASSES
    if action in SENDING_ACTIONS and any(_sends_elsewhere(account, action, context) for context in contexts):
        return FaultKind.SENDS
    foreign_tags = {context.get(TAG) for context in contexts} - {None, account.place.names.stack}
    return FaultKind.GIVES if action in BY_TAG and foreign_tags else None


def _sends_elsewhere(account: Account, action: str, context: Context) -> bool:
    """Whether what an event or an alarm sets off is another's."""
    values = context.get(CHOSEN_KEYS[action].key) or ()
    return any(account.find_resource(arn).owner is not Owner.STACK for arn in values)


def is_shared(account: Account, entry: SharedResource, action: str, arn: str, contexts: tuple[Context, ...]) -> bool:
    """Whether an entry has the action and the resource, and all contexts keep to its values."""
    place = account.place
    if not re.fullmatch(entry.actions, action) or not re.fullmatch(_resource_pattern(account, entry), arn):
        return False
    kept_values = [
        _is_allowed_value(context.get(key), allowed_values, place.names.stack)
        for context in contexts
        for key, allowed_values in entry.allowed_values.items()
    ]
    return all(kept_values)


def _resource_pattern(account: Account, entry: SharedResource) -> str:
    place = account.place
    return entry.resource.replace("{state}", re.escape(place.names.s3_arn(place.state_bucket)))


def _is_allowed_value(value: Any, values: tuple[str, ...], stack: str) -> bool:
    patterns = [re.escape(text.replace("{stack}", stack)).replace(r"\*", ".*") for text in values]
    return isinstance(value, str) and any(re.fullmatch(pattern, value) for pattern in patterns)
