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
    BIND,
    CREATE,
    DESCRIBING,
    LIMITS,
    OPENING,
    PASS,
    UNBIND,
    WIDEN,
    WRITE_POLICY,
    reads,
)
from sluice.program.deployer.reach.requests import Context, Granted
from sluice.program.deployer.reach.roles import DEPLOY, PREVIEW


class Kind(enum.Enum):
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
class Shared:
    """What a stack has in common with others: actions on a resource, with the values that a caller has to choose."""

    actions: str
    resource: str
    reason: str
    only: Mapping[str, tuple[str, ...]]


def shared(actions: str, resource: str, reason: str, **only: tuple[str, ...]) -> Shared:
    """`actions` and `resource` are regular expressions; a keyword `aws__TagKeys` is the condition key `aws:TagKeys`."""
    return Shared(actions, resource, reason, {key.replace("__", ":"): values for key, values in only.items()})


CATALOG = (
    "glue:((Batch)?(Get|Create|Update|Delete|Start|Stop)(Database|Table|Partition|Job|JobRun|Trigger|Crawler)s?"
    "|GetTags|GetPartitionIndexes|TagResource|UntagResource)"
)
ID = "[0-9a-f-]{36}"
TAGGED = {"aws:RequestTag/stack": ("{stack}",)}
SHARED = (
    shared("|".join(DESCRIBING), r"\*", "describes the account"),
    shared(CATALOG, r"arn:[\w-]+:glue:.*:catalog", "Glue checks an action on a database on the catalog above it too"),
    shared("glue:GetDatabase", ".*:database/default", "a session asks for it, whatever database it uses"),
    shared(
        "logs:(CreateLogGroup|CreateLogStream|PutLogEvents)",
        r".*:log-group:/aws-glue/crawlers\b.*",
        "all crawlers of an account share a log group",
    ),
    shared("cloudwatch:PutMetricData", r"\*", "takes a namespace", cloudwatch__namespace=("Sluice", "Glue")),
    shared("kms:CreateKey|kms:TagResource", r"\*", "a key has no name before it exists", **TAGGED),
    shared(
        "redshift-serverless:(CreateNamespace|CreateWorkgroup|TagResource)",
        rf"\*|.*:(namespace|workgroup)/{ID}",
        "what is made has an id that nobody knows before",
        **TAGGED,
    ),
    shared("redshift-serverless:(Create|Get|Update|Delete)UsageLimit", r"\*", "AWS knows no resource for limits"),
    shared(
        "iam:CreateServiceLinkedRole",
        ".*:role/aws-service-role/redshift.amazonaws.com/.*",
        "Redshift's own role, which only Redshift takes",
    ),
    shared("s3:GetBucketLocation", "{state}", "Pulumi finds the bucket of all stacks' state"),
    shared("s3:ListBucket", "{state}", "Pulumi finds the files of a stack's state", s3__prefix=("{stack}/*",)),
)
"""Closed by default: what is not here and not the stack's own is a fault."""
SENDS = ("events:PutTargets", "cloudwatch:PutMetricAlarm")
BY_TAG, TAG = ("kms:TagResource", "redshift-serverless:TagResource"), "aws:RequestTag/stack"
"""What decides whose a key or a warehouse is."""


def faults(account: Account, role: str, granted: Granted) -> Iterator[tuple[Kind, str, str]]:
    """Yield the kind, action and resource of each request of a grant that a role may not make."""
    for action, resource, contexts in granted.requests:
        kind = judge(account, action, resource, contexts) or _beyond_its_part(role, action)
        if kind:
            yield kind, action, resource.arn


def _beyond_its_part(role: str, action: str) -> Kind | None:
    """Return what is wrong within the stack: only who deploys changes what is declared."""
    if role == PREVIEW and not reads(action):
        return Kind.CHANGES
    return Kind.OPENS if role != DEPLOY and action in OPENING else None


def knows(account: Account, arn: str) -> bool:
    """Whether the walk can tell whose a resource is: by its name, by its tag, or because all stacks share it."""
    kinds = {by_id.rpartition("/")[0] for by_id in (account.place.key, *account.place.warehouse)}
    named = account.resource(arn).owner is Owner.STACK or arn.rpartition("/")[0] in kinds
    return named or any(re.fullmatch(_resource(account, entry), arn) for entry in SHARED)


def judge(account: Account, action: str, resource: Resource, contexts: tuple[Context, ...]) -> Kind | None:
    """Return what is wrong about a request that is allowed under these contexts; nothing is None."""
    boundary = account.place.names.boundary_arn
    if action == UNBIND or (action in WRITE_POLICY and resource.arn == boundary):
        return Kind.PAST_BOUNDARY
    if resource.owner is not Owner.STACK:
        return (
            None if any(excused(account, entry, action, resource.arn, contexts) for entry in SHARED) else Kind.OUTSIDE
        )
    if action in (CREATE, BIND, *WIDEN) and {context.get("iam:PermissionsBoundary") for context in contexts} != {
        boundary
    }:
        return Kind.PAST_BOUNDARY if action == BIND else Kind.UNBOUNDED
    if action == PASS and not {context.get("iam:PassedToService") for context in contexts} <= account.services:
        return Kind.PASSES
    if action in SENDS and any(_sends_elsewhere(account, action, context) for context in contexts):
        return Kind.SENDS
    given = {context.get(TAG) for context in contexts} - {None, account.place.names.stack}
    return Kind.GIVES if action in BY_TAG and given else None


def _sends_elsewhere(account: Account, action: str, context: Context) -> bool:
    """Whether what an event or an alarm sets off is another's."""
    values = context.get(LIMITS[action].key) or ()
    return any(account.resource(arn).owner is not Owner.STACK for arn in values)


def excused(account: Account, entry: Shared, action: str, arn: str, contexts: tuple[Context, ...]) -> bool:
    """Whether an entry has the action and the resource, and all contexts keep to its values."""
    place = account.place
    if not re.fullmatch(entry.actions, action) or not re.fullmatch(_resource(account, entry), arn):
        return False
    keeps = [
        _keeps(context.get(key), only, place.names.stack) for context in contexts for key, only in entry.only.items()
    ]
    return all(keeps)


def _resource(account: Account, entry: Shared) -> str:
    place = account.place
    return entry.resource.replace("{state}", re.escape(place.names.s3_arn(place.state_bucket)))


def _keeps(value: Any, values: tuple[str, ...], stack: str) -> bool:
    wanted = [re.escape(text.replace("{stack}", stack)).replace(r"\*", ".*") for text in values]
    return isinstance(value, str) and any(re.fullmatch(pattern, value) for pattern in wanted)
