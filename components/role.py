"""A role that Glue takes, with one policy of its own."""

import json
from collections.abc import Callable

import pulumi
import pulumi_aws as aws

from components import access
from components.names import Names


class GlueRole(pulumi.ComponentResource):
    """`arn` is ready when the policy is attached: Glue checks a crawler's role when the crawler is made."""

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, names: Names, called: str, policy: Callable[[str | None], access.Document],
        key_arn: pulumi.Output[str] | None, opts: pulumi.ResourceOptions | None = None,
    ) -> None:  # fmt: skip
        super().__init__("sluice:lake:GlueRole", name, None, opts)
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        role = aws.iam.Role(
            f"{name}-role", name=called, description="Taken by AWS Glue only",
            assume_role_policy=json.dumps(access.glue_trust(names)), opts=named,
        )  # fmt: skip
        written = (
            json.dumps(policy(None)) if key_arn is None else key_arn.apply(lambda arn: json.dumps(policy(arn)))
        )
        attached = aws.iam.RolePolicy(f"{name}-policy", name=called, role=role.name, policy=written, opts=named)
        self.arn = pulumi.Output.all(role.arn, attached.id).apply(lambda made: made[0])
        self.register_outputs({"arn": self.arn})
