"""A role that one service of the flow takes, with one policy of its own."""

import pulumi
import pulumi_aws as aws

from components import access
from components.flow_access import trust
from components.names import Names


class FlowRole(pulumi.ComponentResource):
    """`arn` is known when the policy is attached: Step Functions tries a role when its machine is made."""

    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        names: Names,
        service: str,
        policy: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:FlowRole", name, None, opts)
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        called = names.of("flow", service)
        role = aws.iam.Role(
            f"{name}-role",
            name=called,
            description=f"Taken by {service}.amazonaws.com only",
            assume_role_policy=access.written(trust(names, service)),
            opts=named,
        )
        attached = aws.iam.RolePolicy(f"{name}-policy", name=called, role=role.name, policy=policy, opts=named)
        self.arn = pulumi.Output.all(role.arn, attached.id).apply(lambda made: made[0])
        self.register_outputs({"arn": self.arn})
