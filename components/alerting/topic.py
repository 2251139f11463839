"""Where every alarm ends: a topic under the stack's own key, and who reads it."""

import pulumi
import pulumi_aws as aws

from components.access import policy_documents, resource_policies
from components.names import Names


class Topic(pulumi.ComponentResource):
    """`arn` for alarms and rules; `email` is asked by AWS to confirm, and hears nothing before that."""

    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        names: Names,
        key_arn: pulumi.Output[str],
        email: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Topic", name, None, opts)
        child_options = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(
            f"{name}-topic",
            name=names.resource_name("alarms"),
            kms_master_key_id=key_arn,  # alarms and rules cannot publish under alias/aws/sns
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        policy = policy_documents.policy_json(resource_policies.topic_policy(names))
        aws.sns.TopicPolicy(f"{name}-policy", arn=topic.arn, policy=policy, opts=child_options)
        if email:
            aws.sns.TopicSubscription(
                f"{name}-email", topic=topic.arn, protocol="email", endpoint=email, opts=child_options
            )
        self.arn = topic.arn
        self.register_outputs({"arn": self.arn})
