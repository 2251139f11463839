"""The states that tell of a run: its message is read, published once to a topic by its severity, and kept.

The flow and the watch have the same states, under roles of their own: what one did not tell, the other does. A state's input
is one object: `dataset`, `run` (a run's id, or what stands for it), `state` (Glue's word), `key` (where the message is kept),
`mute` (`until` and `why`, or empty), and, once it is read, `message` as the job left it in `outbox/`.
Source: AWS Step Functions developer guide, Call Amazon SNS, Catching errors; Amazon SNS API reference, Publish.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.access.message_policies import DETAIL_TYPE
from components.names import Names
from components.orchestration.message_words import TODAY

State = dict[str, Any]
States = dict[str, State]
FLOW, WATCH, DIGEST, DUE = "flow", "watch", "digest", "due"
"""Who tells; it stands in `told_by` of what is kept."""
ALL_ERRORS = ["States.ALL"]


@dataclass(frozen=True)
class ChannelTopic:
    """The topic of a channel that hears not all: by severity the owners that it hears (`only`) or not (`but`)."""

    arn: str
    heard: Mapping[str, Mapping[str, Sequence[str]]]

    def as_json(self) -> dict[str, Any]:
        """Return it as the machine reads it."""
        return {"topic": self.arn, **{severity: dict(owners) for severity, owners in self.heard.items()}}


@dataclass(frozen=True)
class Teller:
    """Who tells, and where to.

    `topics` are the ARNs of the messages topics by severity, `channel_topics` those of single channels. `event_source` is
    what messages are put on the event bus as, "" where nobody listens there. `assets` is the bucket's name.
    """

    names: Names
    told_by: str
    assets: str
    topics: Mapping[str, str]
    channel_topics: Sequence[ChannelTopic] = field(default=())
    event_source: str = ""


def publish_states(teller: Teller, about: str, done: str, on_failure: str) -> States:
    """Return the states from `settle_state(about)` on, which go on to `done`, or to `on_failure` where a call failed.

    Before them `message` is there. It is kept only when all of it was told: else whoever looks for it tells it again.
    """
    tell_state, event_state, keep_state = f"Tell {about}", f"Send the event {about}", f"Keep the message {about}"
    catch = [{"ErrorEquals": ALL_ERRORS, "Output": "{% $states.input %}", "Next": on_failure}]
    states: States = {
        settle_state(about): {
            "Type": "Pass",
            "Output": f"{{% {_settled_expression(teller)} %}}",
            "Next": f"Anything to tell {about}?",
        },
        f"Anything to tell {about}?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.message.send = true %}", "Next": tell_state}],
            "Default": keep_state,
        },
        tell_state: _tell_state(teller, about, event_state if teller.event_source else keep_state, catch),
        keep_state: _keep_state(teller, done, catch),
    }
    if teller.event_source:
        states[event_state] = _event_state(teller, keep_state, catch)
    return states


def _tell_state(teller: Teller, about: str, next_state: str, catch: list[State]) -> State:
    """Each topic of the message."""
    return {
        "Type": "Map",
        "Items": "{% $states.input.topics %}",
        "ItemSelector": {
            "topic": "{% $states.context.Map.Item.Value %}",
            "message": "{% $states.input.message %}",
        },
        "ItemProcessor": {
            "StartAt": f"Publish {about}",
            "States": {f"Publish {about}": _publish_state(teller.names)},
        },
        "Output": "{% $states.input %}",
        "Catch": catch,
        "Next": next_state,
    }


def _keep_state(teller: Teller, next_state: str, catch: list[State]) -> State:
    """What was told, or why nobody was, as an object that others look for."""
    return {
        "Type": "Task",
        "Resource": teller.names.integration_arn("aws-sdk:s3:putObject"),
        "Arguments": {
            "Bucket": teller.assets,
            "Key": "{% $states.input.key %}",
            "Body": f"{{% {_kept_expression(teller)} %}}",
            "ContentType": "application/json",
        },
        "Output": "{% $states.input %}",
        "Catch": catch,
        "Next": next_state,
    }


def settle_state(about: str) -> str:
    """Return the name of the first of `publish_states`."""
    return f"Settle what to tell {about}"


def _settled_expression(teller: Teller) -> str:
    """Of a muted dataset nothing is sent; the topics are those of its severity and of the channels that hear its owner."""
    extra = json.dumps([topic.as_json() for topic in teller.channel_topics])
    hears = (
        "$hears := function($owners) { $exists($owners.but) ? $not($m.owner in $owners.but) "
        ": $exists($owners.only) ? $m.owner in $owners.only : false }"
    )
    steps = (
        "$m := $states.input.message",
        "$mute := $states.input.mute",
        f"$muted := $exists($mute.until) and {TODAY} <= $mute.until",
        hears,
        f"$extra := $filter({extra}, function($t) {{ $hears($lookup($t, $m.severity)) }}).topic",
        f"$topics := $append([$lookup({json.dumps(dict(teller.topics))}, $m.severity)], $extra)",
        "$why := $muted and $m.send ? 'muted until ' & $mute.until & ': ' & $mute.why : $m.why_not",
        "$sent := $merge([$m, {'send': $m.send and $not($muted), 'why_not': $why}])",
    )
    return f"({'; '.join(steps)}; $merge([$states.input, {{'message': $sent, 'topics': [$topics], 'muted': $muted}}]))"


def _kept_expression(teller: Teller) -> str:
    telling = f"{{'told_by': '{teller.told_by}', 'topics': $states.input.message.send ? $states.input.topics : []"
    return f"$merge([$states.input.message, {telling}, 'muted': $states.input.muted}}])"


def _publish_state(names: Names) -> State:
    """One topic: the text for people, the chat's own form over HTTPS; what a subscription filters by are attributes."""
    message = (
        "($m := $states.input.message; $string({'default': $m.email, 'email': $m.email, 'https': $string($m.chat)}))"
    )
    return {
        "Type": "Task",
        "Resource": names.integration_arn("sns:publish"),
        "Arguments": {
            "TopicArn": "{% $states.input.topic %}",
            "Subject": "{% $states.input.message.subject %}",
            "MessageStructure": "json",
            "Message": f"{{% {message} %}}",
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": f"{{% $states.input.message.{name} %}}"}
                for name in ("dataset", "owner", "severity", "kind")
            },
        },
        "End": True,
    }


def _event_state(teller: Teller, next_state: str, catch: list[State]) -> State:
    """For endpoints that are no topic's: a rule for each sends it on."""
    entry = {
        "Source": teller.event_source,
        "DetailType": DETAIL_TYPE,
        "Detail": "{% $states.input.message.event %}",
    }
    return {
        "Type": "Task",
        "Resource": teller.names.integration_arn("events:putEvents"),
        "Arguments": {"Entries": [entry]},
        "Output": "{% $states.input %}",
        "Catch": catch,
        "Next": next_state,
    }
