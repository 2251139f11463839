"""A role that one service of the flow takes, with one policy of its own."""

import pulumi

from components.access.flow_policies import trust_policy
from components.access.role import RoleArgs, create_role
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
        args = RoleArgs(
            names.resource_name("flow", service), f"{service}.amazonaws.com", trust_policy(names, service), policy
        )
        self.arn = create_role(name, names, args, self)
        self.register_outputs({"arn": self.arn})
