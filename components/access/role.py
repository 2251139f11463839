"""A role with one policy of its own, under the stack's permissions boundary; and the component of those that Glue takes."""

from collections.abc import Callable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.access import policy_documents
from components.names import Names


@dataclass(frozen=True)
class RoleArgs:
    """What a role is called, who takes it, in words and by its trust, and what it may do."""

    name: str
    taker: str
    trust: policy_documents.Document
    policy: pulumi.Input[str]


def create_role(name: str, names: Names, args: RoleArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Make a role and its policy, both called alike, under the stack's boundary: every role of the stack is made here.

    Return its ARN, which is known when the policy is attached: services try a role when they are given it.
    """
    named_options = pulumi.ResourceOptions(parent=parent, delete_before_replace=True)
    iam_role = aws.iam.Role(
        f"{name}-role",
        name=args.name,
        description=f"Taken by {args.taker} only",
        assume_role_policy=policy_documents.policy_json(args.trust),
        permissions_boundary=names.boundary or None,
        opts=named_options,
    )
    attached = aws.iam.RolePolicy(
        f"{name}-policy", name=args.name, role=iam_role.name, policy=args.policy, opts=named_options
    )
    return pulumi.Output.all(iam_role.arn, attached.id).apply(lambda outputs: outputs[0])


class GlueRole(pulumi.ComponentResource):
    """`arn` is known when the policy is attached: Glue tries a crawler's role when the crawler is made."""

    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        names: Names,
        role_name: str,
        policy: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:GlueRole", name, None, opts)
        self.arn = create_role(
            name, names, RoleArgs(role_name, "AWS Glue", policy_documents.glue_trust(names), policy), self
        )
        self.register_outputs({"arn": self.arn})


def policy_with_key(
    policy: Callable[[Names, str, str | None], policy_documents.Document],
    names: Names,
    dataset: str,
    key_arn: pulumi.Output[str] | None,
) -> pulumi.Input[str]:
    """The document as text, once the ARN of the buckets' key is known."""
    if key_arn is None:
        return policy_documents.policy_json(policy(names, dataset, None))
    return key_arn.apply(lambda arn: policy_documents.policy_json(policy(names, dataset, arn)))
