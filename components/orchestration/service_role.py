"""A role that one service takes to run a machine or to start one, with one policy of its own."""

import pulumi

from components.access.flow_policies import MACHINE, trust_policy
from components.access.role import RoleArgs, create_role
from components.names import Names


class FlowRole(pulumi.ComponentResource):
    """`arn` is known when the policy is attached: Step Functions tries a role when its machine is made.

    The role is called by the `machine` that it is about and the `service` that takes it.
    """

    arn: pulumi.Output[str]

    def __init__(  # noqa: PLR0913  each is a part of what it stands on
        self,
        name: str,
        names: Names,
        service: str,
        policy: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
        machine: str = MACHINE,
    ) -> None:
        super().__init__("sluice:lake:FlowRole", name, None, opts)
        args = RoleArgs(
            names.resource_name(machine, service), f"{service}.amazonaws.com", trust_policy(names, service), policy
        )
        self.arn = create_role(name, names, args, self)
        self.register_outputs({"arn": self.arn})
