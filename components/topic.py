"""Where every alarm ends: a topic under the stack's own key, and who reads it."""

import json

import pulumi
import pulumi_aws as aws

from components import access
from components.names import Names


class Topic(pulumi.ComponentResource):
    """`arn` for alarms and rules."""

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, names: Names, key_arn: pulumi.Output[str], email: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:  # fmt: skip
        super().__init__("sluice:lake:Topic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # neither alarms nor EventBridge can publish under alias/aws/sns (CloudWatch, Troubleshooting alarms)
        topic = aws.sns.Topic(
            f"{name}-topic", name=names.of("alarms"), kms_master_key_id=key_arn,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )  # fmt: skip
        aws.sns.TopicPolicy(f"{name}-policy", arn=topic.arn, policy=json.dumps(access.topic(names)), opts=child)
        if email:
            aws.sns.TopicSubscription(f"{name}-email", topic=topic.arn, protocol="email", endpoint=email, opts=child)
        self.arn = topic.arn
        self.register_outputs({"arn": self.arn})
