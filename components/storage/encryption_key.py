"""The stack's own key: alarms and rules publish through it, logs are encrypted with it, buckets where the stack says."""

import pulumi
import pulumi_aws as aws

from components.access import policy_documents, resource_policies
from components.names import Names


class Key(pulumi.ComponentResource):
    """A key that AWS rotates every year; `arn` for those who use it."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, names: Names, protect: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Key", name, None, opts)
        key = aws.kms.Key(
            f"{name}-key",
            description=f"{names.resource_name()}: topic, logs and buckets",
            policy=policy_documents.policy_json(resource_policies.key_policy(names)),
            enable_key_rotation=True,
            deletion_window_in_days=30,
            # without its key a bucket that was kept is unreadable
            opts=pulumi.ResourceOptions(parent=self, protect=protect, retain_on_delete=protect),
        )
        aws.kms.Alias(
            f"{name}-alias",
            name=f"alias/{names.resource_name()}",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})
