"""A role that Glue takes, with one policy of its own."""

from collections.abc import Callable

import pulumi
import pulumi_aws as aws

from components import access
from components.names import Names


class GlueRole(pulumi.ComponentResource):
    """`arn` is known when the policy is attached: Glue tries a crawler's role when the crawler is made."""

    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        names: Names,
        called: str,
        policy: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:GlueRole", name, None, opts)
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        role = aws.iam.Role(
            f"{name}-role",
            name=called,
            description="Taken by AWS Glue only",
            assume_role_policy=access.written(access.glue_trust(names)),
            opts=named,
        )
        attached = aws.iam.RolePolicy(f"{name}-policy", name=called, role=role.name, policy=policy, opts=named)
        self.arn = pulumi.Output.all(role.arn, attached.id).apply(lambda made: made[0])
        self.register_outputs({"arn": self.arn})


def with_key(
    policy: Callable[[Names, str, str | None], access.Document],
    names: Names,
    dataset: str,
    key_arn: pulumi.Output[str] | None,
) -> pulumi.Input[str]:
    """The document as text, once the ARN of the buckets' key is known."""
    if key_arn is None:
        return access.written(policy(names, dataset, None))
    return key_arn.apply(lambda arn: access.written(policy(names, dataset, arn)))
