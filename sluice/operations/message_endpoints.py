"""Who hears a stack's messages and alarms: the endpoints of its topics and of its rules, and which of them is still pending.

Source: Amazon SNS API reference, ListSubscriptionsByTopic (`PendingConfirmation` stands for the ARN of what is not confirmed);
Amazon EventBridge API reference, ListApiDestinations and DescribeConnection.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from etl.contract.severity import Severity
from sluice.operations.account import Account

PENDING, READY = "pending", "ready"
CHAT_HOST = "global.sns-api.chatbot.amazonaws.com"
MESSAGES, ALARMS = "messages", "alarms"


@dataclass(frozen=True)
class Endpoint:
    """Who is told: an address or a name, by what (email, chat, https, webhook), messages or alarms, of which severities.

    `state` is ready, or pending where somebody has to confirm or to authorize it first.
    """

    name: str
    protocol: str
    hears: str
    severities: tuple[str, ...]
    state: str

    @property
    def is_pending(self) -> bool:
        """Whether it hears nothing yet."""
        return self.state != READY


def find_endpoints(account: Account, prefix: str) -> list[Endpoint]:
    """Return the endpoints of the stack whose names begin with `prefix`, such as `sluice-prod`."""
    return [*merge_severities(_topic_endpoints(account, prefix)), *_webhooks(account, prefix)]


def _topic_endpoints(account: Account, prefix: str) -> Iterator[Endpoint]:
    sns = account.client("sns")
    topics = [topic["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for topic in page["Topics"]]
    for topic in sorted(topics):
        name = topic.rpartition(":")[2].removeprefix(f"{prefix}-")
        hears, _, ending = name.partition("-")
        if hears not in (MESSAGES, ALARMS) or f"{prefix}-{name}" != topic.rpartition(":")[2]:
            continue
        severities = (ending or Severity.CRITICAL,) if ending in ("", *Severity) else ()
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic):
            for subscription in page["Subscriptions"]:
                is_pending = not subscription["SubscriptionArn"].startswith("arn:")
                label, protocol = _describe_endpoint(subscription["Protocol"], subscription["Endpoint"])
                label = label if severities else f"{label} ({ending})"
                yield Endpoint(label, protocol, hears, severities, PENDING if is_pending else READY)


def _describe_endpoint(protocol: str, address: str) -> tuple[str, str]:
    """Return name and protocol; of a URL its host alone, since the rest may be a secret."""
    parts = urlsplit(address)
    if protocol not in ("http", "https"):
        return address, protocol
    return (parts.fragment or parts.hostname or "?", "chat" if parts.hostname == CHAT_HOST else protocol)


def merge_severities(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """Return each endpoint once, with all severities that it hears; it is pending where one of its subscriptions is."""
    merged: dict[tuple[str, str, str], Endpoint] = {}
    for endpoint in endpoints:
        identity = (endpoint.name, endpoint.protocol, endpoint.hears)
        before = merged.get(identity, endpoint)
        heard = {*before.severities, *endpoint.severities}
        state = PENDING if PENDING in (before.state, endpoint.state) else READY
        merged[identity] = Endpoint(*identity, tuple(severity for severity in Severity if severity in heard), state)
    return list(merged.values())


def _webhooks(account: Account, prefix: str) -> Iterator[Endpoint]:
    events = account.client("events")
    for destination in events.list_api_destinations(NamePrefix=f"{prefix}-")["ApiDestinations"]:
        connection = events.describe_connection(Name=destination["ConnectionArn"].split("connection/")[1].split("/")[0])
        states = (destination["ApiDestinationState"], connection["ConnectionState"])
        state = READY if states == ("ACTIVE", "AUTHORIZED") else PENDING
        name = destination["Name"].removeprefix(f"{prefix}-").removeprefix("channel-")
        yield Endpoint(name, "webhook", MESSAGES, (), state)
