"""Where the stack is heard: e-mail and chats on topics of messages, pagers on topics of alarms, endpoints by EventBridge."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.access import channel_policies, message_policies, policy_documents, resource_policies
from components.access.role import RoleArgs, create_role
from components.alerting.topic import Topic, Topics
from components.names import Names
from components.settings.audience import Heard, heard_by, hears_all
from components.settings.channels import ALARM_EMAIL_CHANNEL, Channel
from components.settings.stack_settings import Settings
from etl.contract.severity import Severity

GUARDRAIL = "arn:{partition}:iam::aws:policy/CloudWatchReadOnlyAccess"
"""What nobody in a chat gets beyond; without one it is administrator (AWS Chatbot API reference)."""
HOURS_TRIED, TIMES_TRIED = 1, 20
"""For how long, and how often, an endpoint that hangs or refuses is tried before the message waits undelivered."""


class Channels(pulumi.ComponentResource):
    """Each channel with what it needs; `topics` are those of chats that do not hear all, by the channel's name."""

    topics: dict[str, pulumi.Output[str]]

    def __init__(  # noqa: PLR0913  each is a part of what it stands on
        self,
        name: str,
        names: Names,
        topics: Topics,
        stack: Settings,
        undelivered: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Channels", name, None, opts)
        self.name, self.names, self.stack_topics, self.stack = name, names, topics, stack
        self.undelivered = undelivered
        self.options = pulumi.ResourceOptions(parent=self)
        self.named_options = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        self.topics = {}
        declare: Mapping[str, Callable[[Channel], None]] = {
            "email": self.subscribe_email,
            "pagerduty": self.subscribe_pager,
            "slack": self.connect_slack,
            "teams": self.connect_teams,
            "https": self.connect_endpoint,
        }
        kinds = {channel.kind for channel in stack.channels}
        self.chat_role = self.create_chat_role() if kinds & {"slack", "teams"} else None
        self.endpoint_role = self.create_endpoint_role() if "https" in kinds else None
        for channel in stack.channels:
            declare[channel.kind](channel)
        self.register_outputs({})

    def heard(self, channel: Channel, severity: str) -> Heard:
        """Return the owners that a channel hears at a severity."""
        return heard_by(channel, severity, self.stack.channels, self.stack.owners)

    def subscribe_email(self, channel: Channel) -> None:
        """A subscription for each severity, whose filter knows the owners; AWS asks the address to confirm each."""
        is_former = channel.name == ALARM_EMAIL_CHANNEL and bool(self.stack.options.alarm_email)
        for severity in channel.severities:
            heard = self.heard(channel, severity)
            label = f"{self.name}-{channel.name}-{severity}"
            options = self.options
            if is_former and severity == Severity.CRITICAL:
                # below the topic of alarms, where it was before there were topics of messages: its URN stays
                label, options = "alarms-email", pulumi.ResourceOptions(parent=self.stack_topics.former)
            aws.sns.TopicSubscription(
                label,
                topic=self.stack_topics.messages[severity],
                protocol="email",
                endpoint=channel.values["to"],
                filter_policy=None if heard.is_all else json.dumps({"owner": heard.filter_values()}),
                opts=options,
            )

    def subscribe_pager(self, channel: Channel) -> None:
        """CloudWatch's own JSON, which says ALARM and OK; PagerDuty confirms by itself."""
        for severity in channel.severities:
            aws.sns.TopicSubscription(
                f"{self.name}-{channel.name}-{severity}",
                topic=self.stack_topics.alarms[severity],
                protocol="https",
                endpoint=pulumi.Output.secret(channel.values["url"]),
                endpoint_auto_confirms=True,
                opts=self.options,
            )

    def connect_slack(self, channel: Channel) -> None:
        """A channel of a workspace that somebody connected in the console before (docs/deploying.md, Chat)."""
        aws.chatbot.SlackChannelConfiguration(
            f"{self.name}-{channel.name}",
            configuration_name=self.names.resource_name(channel.name),
            slack_team_id=channel.values["workspace"],
            slack_channel_id=channel.values["channel"],
            **self.chat_arguments(channel),
            opts=self.named_options,
        )

    def connect_teams(self, channel: Channel) -> None:
        """The same in a team of Microsoft Teams."""
        aws.chatbot.TeamsChannelConfiguration(
            f"{self.name}-{channel.name}",
            configuration_name=self.names.resource_name(channel.name),
            tenant_id=channel.values["tenant"],
            team_id=channel.values["workspace"],
            channel_id=channel.values["channel"],
            **self.chat_arguments(channel),
            opts=self.named_options,
        )

    def chat_arguments(self, channel: Channel) -> dict[str, Any]:
        """Return what both chats take: the topics, the role, and what nobody there gets beyond."""
        return {
            "sns_topic_arns": self.chat_topics(channel),
            "iam_role_arn": self.chat_role,
            "guardrail_policy_arns": [GUARDRAIL.format(partition=self.names.partition)],
            "logging_level": "NONE",
        }

    def chat_topics(self, channel: Channel) -> list[pulumi.Output[str]]:
        """The stack's topics where the chat hears all, else one of its own: a chat takes whole topics."""
        if hears_all(channel, self.stack.channels, self.stack.owners):
            return [self.stack_topics.messages[severity] for severity in channel.severities]
        ending = message_policies.messages_topic(channel.name)
        policy = resource_policies.messages_topic_policy(self.names, ending)
        self.topics[channel.name] = Topic(
            ending, self.names, ending, self.stack_topics.key_arn, policy, self.options
        ).arn
        return [self.topics[channel.name]]

    def create_chat_role(self) -> pulumi.Output[str]:
        """The role that the chat takes: it shows graphs of CloudWatch, and does nothing else."""
        args = RoleArgs(
            self.names.resource_name("chat"),
            "chatbot.amazonaws.com",
            channel_policies.chat_trust(),
            policy_documents.policy_json(channel_policies.chat_policy()),
        )
        return create_role(f"{self.name}-chat", self.names, args, self)

    def create_endpoint_role(self) -> pulumi.Output[str]:
        """The role by which rules call the stack's endpoints."""
        args = RoleArgs(
            self.names.resource_name("endpoints", "events"),
            "events.amazonaws.com",
            channel_policies.trust_policy(self.names, "events"),
            policy_documents.policy_json(channel_policies.endpoint_policy(self.names)),
        )
        return create_role(f"{self.name}-endpoints", self.names, args, self)

    def connect_endpoint(self, channel: Channel) -> None:
        """A rule that sends each message that the channel hears; what is refused for an hour waits undelivered."""
        called, label = self.names.resource_name("channel", channel.name), f"{self.name}-{channel.name}"
        connection = aws.cloudwatch.EventConnection(
            f"{label}-connection",
            name=called,
            description=f"The key of the channel {channel.name}",
            authorization_type="API_KEY",
            auth_parameters={
                "api_key": {"key": channel.values["header"], "value": pulumi.Output.secret(channel.values["key"])}
            },
            opts=self.named_options,
        )
        destination = aws.cloudwatch.EventApiDestination(
            f"{label}-destination",
            name=called,
            description=f"The endpoint of the channel {channel.name}",
            connection_arn=connection.arn,
            http_method="POST",
            invocation_endpoint=pulumi.Output.secret(channel.values["url"]),
            opts=self.named_options,
        )
        rule = aws.cloudwatch.EventRule(
            f"{label}-rule",
            name=called,
            description=f"Messages for the channel {channel.name}",
            event_pattern=json.dumps(self.event_pattern(channel)),
            state="ENABLED",
            opts=self.named_options,
        )
        aws.cloudwatch.EventTarget(
            f"{label}-target",
            rule=rule.name,
            arn=destination.arn,
            role_arn=self.endpoint_role,
            target_id="endpoint",
            input_transformer={
                "input_paths": {"message": "$.detail"},
                "input_template": f'{{"stack": "{self.names.resource_name()}", "message": <message>}}',
            },
            retry_policy={"maximum_event_age_in_seconds": HOURS_TRIED * 3600, "maximum_retry_attempts": TIMES_TRIED},
            dead_letter_config={"arn": self.undelivered},
            opts=self.options,
        )

    def event_pattern(self, channel: Channel) -> dict[str, Any]:
        """Return the events of the stack's own source that a channel hears."""
        levels: list[dict[str, Any]] = []
        for severity in channel.severities:
            heard = self.heard(channel, severity)
            owner = {} if heard.is_all else {"owner": heard.filter_values()}
            levels.append({"severity": [severity], **owner})
        return {
            "source": [message_policies.event_source(self.names)],
            "detail-type": [message_policies.DETAIL_TYPE],
            "detail": levels[0] if len(levels) == 1 else {"$or": levels},
        }
