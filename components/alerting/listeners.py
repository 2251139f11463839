"""All that a stack is heard by: its topics, the queue of what was not delivered, and its channels."""

from typing import TypedDict

import pulumi

from components.alerting.channels import Channels
from components.alerting.dead_letters import DeadLetterQueue
from components.alerting.topic import Topics
from components.names import Names
from components.settings.stack_settings import Settings
from etl.contract.severity import Severity


class Listeners(TypedDict):
    """Topics by severity, the topics of single channels by their names, and the ARN of the queue."""

    alarms: dict[str, pulumi.Output[str]]
    messages: dict[str, pulumi.Output[str]]
    channel_topics: dict[str, pulumi.Output[str]]
    undelivered: pulumi.Output[str]


def declare_listeners(names: Names, key_arn: pulumi.Output[str], stack: Settings) -> Listeners:
    """Declare them; the topics are under the stack's own key."""
    topics = Topics(names, key_arn)
    undelivered = DeadLetterQueue("undelivered", names, topics.alarms[Severity.CRITICAL]).queue
    channels = Channels("channel", names, topics, stack, undelivered)
    return Listeners(
        alarms=topics.alarms, messages=topics.messages, channel_topics=channels.topics, undelivered=undelivered
    )
