"""Rules that call a URL: one try and one retry, then the target's dead-letter queue; nothing leaves this machine.

Knows MiniStack's inside as `glue_adapter` does: it takes `ministack.services.eventbridge._invoke_target` and
`_dispatch_to_api_destination`, which drops what a destination refuses, and puts messages by `ministack.services.sqs`. What AWS
tries again, and the attributes of a dead letter: EventBridge user guide, API destinations; Using dead-letter queues.
"""

import contextvars
import threading
import time
import urllib.error
import urllib.request
from typing import Any, NamedTuple

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, sqs

from sluice.sandbox.emulator.mailbox import MailboxWriter
from sluice.sandbox.emulator.topic_adapter import is_on_this_machine

RETRIED_STATUSES = (401, 407, 409, 429)
SECONDS_FOR_AN_ANSWER = 2
"""EventBridge waits five."""
MOST_RETRIES, SECONDS_BETWEEN_TRIES = 1, 0.2
"""For any retry policy that has some: a day of them is too long to look on."""
_original_invoke = eventbridge._invoke_target
_mailboxes: list[MailboxWriter] = []
Record = dict[str, Any]


class Refusal(NamedTuple):
    """Why a destination did not take an event, and whether it is tried again."""

    message: str
    is_retried: bool


def install_destinations(mailbox: MailboxWriter) -> None:
    """Take the places in MiniStack; called once, before it serves."""
    _mailboxes.append(mailbox)
    eventbridge._invoke_target = invoke_target
    eventbridge._dispatch_to_api_destination = dispatch_event


def invoke_target(target: Record, event: Any, rule: Record, view: Any = None) -> None:
    """Invoke a target of a rule, whose ARN its dead letter names."""
    _original_invoke({**target, "RuleArn": rule["Arn"]}, event, rule, view)


def dispatch_event(destination_arn: Any, payload: str, target: Record) -> None:
    """Send an event to a destination, in a thread of its own."""
    name = destination_arn.resource.split("/", 2)[1]
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=[_deliver_event, name, payload, target], daemon=True).start()


def _deliver_event(name: str, payload: str, target: Record) -> None:
    destination = eventbridge._api_destinations[name]
    if not is_on_this_machine(destination["InvocationEndpoint"]):
        return _keep(name, payload, target)
    connection = eventbridge._connections[destination["ConnectionArn"].rsplit("/", 1)[-1]]
    request = eventbridge._build_api_destination_request(
        destination, connection, target.get("HttpParameters") or {}, payload
    )
    token_key = (get_account_id(), get_region(), connection["Name"])
    headers = request["headers"] | eventbridge._connection_auth_headers(connection, token_key)
    retries = min(MOST_RETRIES, int(target.get("RetryPolicy", {}).get("MaximumRetryAttempts", MOST_RETRIES)))
    refusal = send_request(request | {"headers": headers})
    while refusal and refusal.is_retried and retries > 0:
        retries -= 1
        time.sleep(SECONDS_BETWEEN_TRIES)
        refusal = send_request(request | {"headers": headers})
    if refusal:
        return _bury(payload, target, refusal)
    return _keep(name, payload, target)


def send_request(request: Record) -> Refusal | None:
    """Send a request once; return why it was refused, None where it was taken."""
    prepared = urllib.request.Request(  # noqa: S310  the emulator took http and https alone
        request["url"],
        data=request["body"].encode(),
        headers=eventbridge._finalize_api_dest_headers(request["headers"]),
        method=request["method"],
    )
    try:
        with eventbridge._http_open(prepared, timeout=SECONDS_FOR_AN_ANSWER) as answer:
            return None if 200 <= answer.status < 300 else Refusal(f"HTTP status {answer.status}", is_retried=False)
    except urllib.error.HTTPError as error:
        return Refusal(f"HTTP status {error.code}", error.code in RETRIED_STATUSES or error.code >= 500)
    except OSError as error:
        return Refusal(f"no answer: {error}", is_retried=True)


def _keep(name: str, payload: str, target: Record) -> None:
    _mailboxes[-1].keep("event", name, target["RuleArn"].rpartition("/")[2], "", payload)


def _bury(payload: str, target: Record, refusal: Refusal) -> None:
    """Leave an event in the target's dead-letter queue, where it has one."""
    queue = sqs._queue_by_arn(target.get("DeadLetterConfig", {}).get("Arn", ""))
    if queue is None:
        return
    texts = {
        "RULE_ARN": target["RuleArn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": "SDK_CLIENT_ERROR",
        "ERROR_MESSAGE": refusal.message,
    }
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
    sqs._act_send_message({"MessageBody": payload, "MessageAttributes": attributes}, queue["url"])
