"""How the messages of a topic leave the emulator: into the mailbox, and over the network to this machine alone.

Knows MiniStack's inside as `glue_adapter` does: it takes `ministack.services.sns._fanout`, `_deliver_to_http`,
`_send_subscription_confirmation` and `_list_subscriptions_by_topic`. Addresses beyond loopback are confirmed at once, as a
person or a service would, and nothing is sent to them.
"""

from typing import Any
from urllib.parse import urlsplit

from ministack.services import sns

from sluice.sandbox.emulator.mailbox import MailboxWriter
from sluice.sandbox.jobs.environment import LOOPBACK

KEPT_PROTOCOLS = ("email", "email-json", "http", "https")
PENDING = "PendingConfirmation"
_original_fanout = sns._fanout
_original_deliver_to_http = sns._deliver_to_http
_original_send_confirmation = sns._send_subscription_confirmation
_original_list = sns._list_subscriptions_by_topic
_mailboxes: list[MailboxWriter] = []


def install_topics(mailbox: MailboxWriter) -> None:
    """Take the places in MiniStack; called once, before it serves."""
    _mailboxes.append(mailbox)
    sns._fanout = fan_out
    sns._deliver_to_http = deliver_to_http
    sns._send_subscription_confirmation = confirm_subscription
    sns._list_subscriptions_by_topic = list_subscriptions


def is_on_this_machine(url: str) -> bool:
    """Whether a URL leads to loopback."""
    return urlsplit(url).hostname in (LOOPBACK, "localhost")


def endpoint_name(endpoint: str) -> str:
    """Return how the mailbox calls an endpoint: a URL by its fragment or host, since its path may be a secret."""
    parts = urlsplit(endpoint)
    return (parts.fragment or parts.netloc.rpartition("@")[2]) if parts.scheme else endpoint


def fan_out(topic_arn: str, message_id: str, message: str, *options: Any, **named_options: Any) -> None:
    """Deliver a message of a topic, and keep it for each endpoint of a person or a service; options as MiniStack's."""
    _original_fanout(topic_arn, message_id, message, *options, **named_options)
    subject, structure, attributes, *_ = *options, *("", "", None)[len(options) :]
    structure = named_options.get("message_structure", structure)
    attributes = named_options.get("message_attributes", attributes) or {}
    for subscription in _subscriptions(topic_arn):
        protocol = subscription["protocol"]
        text = sns._resolve_message_for_protocol(message, structure, protocol)
        is_heard = subscription["confirmed"] and sns._matches_filter_policy(subscription, attributes, text)
        if protocol in KEPT_PROTOCOLS and is_heard:
            topic, endpoint = topic_arn.rpartition(":")[2], endpoint_name(subscription["endpoint"])
            _mailboxes[-1].keep(protocol, endpoint, topic, named_options.get("subject", subject) or "", text)


async def deliver_to_http(endpoint: str, payload: str) -> None:
    """Send an envelope to an endpoint on this machine; to no other."""
    if is_on_this_machine(endpoint):
        await _original_deliver_to_http(endpoint, payload)


async def confirm_subscription(topic_arn: str, subscription: dict[str, Any]) -> None:
    """Ask an endpoint on this machine to confirm; any other has done so."""
    if is_on_this_machine(subscription["endpoint"]):
        return await _original_send_confirmation(topic_arn, subscription)
    subscription |= {"confirmed": True, "token": None}
    subscription["attributes"] |= {"PendingConfirmation": "false", "ConfirmationWasAuthenticated": "true"}
    return None


def list_subscriptions(params: dict[str, Any]) -> Any:
    """Answer with `PendingConfirmation` for the ARN of what is not confirmed (SNS API reference, ListSubscriptionsByTopic)."""
    status, headers, body = _original_list(params)
    text = body.decode() if isinstance(body, bytes) else body
    for subscription in _subscriptions(sns._p(params, "TopicArn")):
        if not subscription["confirmed"]:
            text = text.replace(f"<SubscriptionArn>{subscription['arn']}<", f"<SubscriptionArn>{PENDING}<")
    return status, headers, text.encode()


def _subscriptions(topic_arn: str) -> list[dict[str, Any]]:
    topic = sns._topic_by_arn_any_scope(topic_arn)
    return list(topic["subscriptions"]) if topic else []
