"""Who tells by which ways in one stack: what its channels add to the topics of each severity."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.access.message_policies import MessagePaths, event_source
from components.lake import Lake
from components.names import Names
from components.orchestration.message_states import ChannelTopic, Teller
from components.settings.audience import heard_by
from components.settings.stack_settings import Settings


def message_paths(lake: Lake, stack: Settings) -> MessagePaths:
    """Return the ways of a message beside the topics of each severity."""
    has_endpoints = any(channel.kind == "https" for channel in stack.channels)
    return MessagePaths(tuple(lake.channel_topics), has_endpoints)


def teller_inputs(lake: Lake) -> dict[str, pulumi.Input[Any]]:
    """Return the outputs that a teller is made of, by name."""
    return {"assets": lake.assets, "messages": dict(lake.messages), "channel_topics": dict(lake.channel_topics)}


def make_teller(names: Names, stack: Settings, told_by: str, values: Mapping[str, Any]) -> Teller:
    """Return the teller from the values of `teller_inputs`, once they are known."""
    return Teller(
        names,
        told_by,
        values["assets"],
        values["messages"],
        channel_topics=_channel_topics(stack, values["channel_topics"]),
        event_source=event_source(names) if any(channel.kind == "https" for channel in stack.channels) else "",
    )


def _channel_topics(stack: Settings, arns: Mapping[str, str]) -> list[ChannelTopic]:
    return [
        ChannelTopic(
            arns[channel.name],
            {
                severity: heard_by(channel, severity, stack.channels, stack.owners).as_json()
                for severity in channel.severities
            },
        )
        for channel in stack.channels
        if channel.name in arns
    ]
