"""The roles of GitHub for a stack as one document each, and what the tests ask of them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from components.access.policy_documents import policy_document
from components.names import Names
from sluice.program.deployer.target import DeployTarget
from sluice.program.graph import ACCOUNT
from sluice.program.stack_files import load_stack_file
from tests.lake import LAKE

STATE_BUCKET, STATE_KEY = "sluice-state", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a1b"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET_URL, SECRET_KEY = "https://hooks.acme.de/s3cr3t-p4th", "Bearer s3cr3t-k3y"
PAGER_URL = "https://events.pagerduty.com/integration/s3cr3t-p4ger/enqueue"
ALL_CHANNELS = {
    "all-mail": {"kind": "email", "to": "all@acme.de", "severities": ["info", "warning"]},
    "trades-mail": {"kind": "email", "to": "trades@acme.de"},
    "chat": {"kind": "slack", "workspace": "T0ABC", "channel": "C0ABC"},
    "trades-chat": {"kind": "slack", "workspace": "T0ABC", "channel": "C0TRADES", "severities": ["critical"]},
    "team": {"kind": "teams", "tenant": UUID, "workspace": UUID, "channel": "19:abc@thread.tacv2"},
    "pager": {"kind": "pagerduty", "url": PAGER_URL, "severities": ["critical"]},
    "hook": {"kind": "https", "url": SECRET_URL, "key": SECRET_KEY},
}
"""A channel of each kind, and chats with and without all owners."""
ALL_OWNERS = {
    "trades-data": ["trades-mail", "trades-chat", "all-mail"],
    "crm-data": ["chat"],
    "catalogue-data": ["hook", "team"],
}


ONE_DATASET = {"sluice:datasets": '{"buyers": {}}'}
"""A stack of one dataset, which is declared in a third of the time: for what does not depend on the datasets."""


def muted_until(days: int = 10) -> str:
    """A day from now."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


ALL_OPTIONS = {
    "sluice:channels": json.dumps(ALL_CHANNELS),
    "sluice:owners": json.dumps(ALL_OWNERS),
    "sluice:docs_url": "https://git.acme.de/lake/docs",
    "sluice:site_url": "https://lake.acme.de/",
    "sluice:datasets": json.dumps(
        load_stack_file("prod", LAKE)["sluice:datasets"]
        | {"trades": {"mute": {"until": muted_until(), "why": "the source moves"}}}
    ),
    "sluice:start": "arrival",
    "sluice:redshift": "true",
    "sluice:redshift_subnets": "subnet-1,subnet-2,subnet-3",
    "sluice:redshift_security_groups": "sg-1",
}
"""Every option that adds resources."""


def make_names(stack: str, prefix: str = "sluice") -> Names:
    return Names(prefix, stack, "eu-west-1", ACCOUNT)


def make_target(stack: str, prefix: str = "sluice", redshift: bool = False, destroyable: bool = False) -> DeployTarget:
    return DeployTarget(make_names(stack, prefix), STATE_BUCKET, STATE_KEY, redshift, destroyable)


def merged_policy(policies: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A role's managed policies as one document, which AWS reads them as."""
    return policy_document(*(statement for policy in policies.values() for statement in policy["Statement"]))
