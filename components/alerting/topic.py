"""Where alarms and messages end: a topic of each kind and severity, under the stack's own key."""

import pulumi
import pulumi_aws as aws

from components.access import policy_documents, resource_policies
from components.access.message_policies import SEVERITIES, alarms_topic, messages_topic
from components.names import Names
from etl.contract.severity import Severity


class Topic(pulumi.ComponentResource):
    """One topic, `arn`, whose name ends as `ending` says; `policy` is its own."""

    arn: pulumi.Output[str]

    def __init__(  # noqa: PLR0913  each is a part of the topic
        self,
        name: str,
        names: Names,
        ending: str,
        key_arn: pulumi.Output[str],
        policy: policy_documents.Document,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Topic", name, None, opts)
        topic = aws.sns.Topic(
            f"{name}-topic",
            name=names.resource_name(ending),
            kms_master_key_id=key_arn,  # alarms cannot publish under alias/aws/sns
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=policy_documents.policy_json(policy),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = topic.arn
        self.register_outputs({"arn": self.arn})


class Topics:
    """The stack's topics: `alarms` and `messages` have the ARNs by severity; `key_arn` is the key that all are under.

    To the first CloudWatch publishes its own JSON, which machines read; to the second our messages go, which people read.
    `former` is the component of the topic that there was before the others.
    """

    alarms: dict[str, pulumi.Output[str]]
    messages: dict[str, pulumi.Output[str]]
    former: Topic

    def __init__(self, names: Names, key_arn: pulumi.Output[str]) -> None:
        self.key_arn = key_arn
        components = {}
        for severity in SEVERITIES:
            ending = alarms_topic(severity)
            policy = resource_policies.alarms_topic_policy(names, ending)
            components[severity] = Topic(ending, names, ending, key_arn, policy)
        self.former = components[Severity.CRITICAL]
        self.alarms = {severity: component.arn for severity, component in components.items()}
        self.messages = {}
        for severity in SEVERITIES:
            ending = messages_topic(severity)
            policy = resource_policies.messages_topic_policy(names, ending)
            self.messages[severity] = Topic(ending, names, ending, key_arn, policy).arn
