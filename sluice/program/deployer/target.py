"""What a role is for: a stack by its names, and where its state lives."""

from collections.abc import Iterable
from dataclasses import dataclass

from components.access.policy_documents import Statement, allow, deny
from components.names import Names
from components.tags import TAG

ZONES = ("raw", "processed", "assets", "logs")


@dataclass(frozen=True)
class DeployTarget:
    """A stack and where its state lives: the bucket of Pulumi's backend, and the key of its secrets provider.

    `redshift` says whether the stack has a warehouse, `destroyable` whether its data may be destroyed with it.
    """

    names: Names
    state_bucket: str
    state_key: str
    redshift: bool = False
    destroyable: bool = False

    @property
    def buckets(self) -> list[str]:
        """The ARNs of the stack's buckets."""
        return [self.names.bucket_arn(zone) for zone in ZONES]

    @property
    def declared_objects(self) -> list[str]:
        """The objects that the program puts: code, contracts and folder markers; no data."""
        code = [self.names.bucket_arn("assets", f"/{top}/*") for top in ("code", "contracts")]
        return [*code, self.names.bucket_arn("raw", "/*/")]

    @property
    def has_stack_tag(self) -> dict[str, str]:
        """The condition that a thing has the stack's tag."""
        return {f"aws:ResourceTag/{TAG}": self.names.stack}

    @property
    def gives_stack_tag(self) -> dict[str, str]:
        """The condition that a request gives the stack's tag."""
        return {f"aws:RequestTag/{TAG}": self.names.stack}

    def arns_of(self, service: str, *resources: str) -> list[str]:
        """Return the ARNs of a service's resources in the stack's account and region."""
        return [self.names.arn(service, resource) for resource in resources]


def except_resources(statement: Statement) -> Statement:
    """The statement for everything but its resources."""
    return {"NotResource" if element == "Resource" else element: value for element, value in statement.items()}


def tag_statements(
    target: DeployTarget, service: str, label: str, resources: Iterable[str], existing: Iterable[str]
) -> list[Statement]:
    """Who may tag what is known by its tag: nothing of another stack is taken, and nothing given away.

    `existing` are patterns of the ARNs that real things have. A thing that is being made has no tag and no ARN yet: AWS KMS
    names no key when `CreateKey` asks for `kms:TagResource` (AWS KMS developer guide, Controlling access to tags). A
    thing that is there is tagged only where it has the stack's tag, and keeps that. Only AWS can show that Redshift
    Serverless names no existing thing either.
    """
    add, remove = f"{service}:TagResource", f"{service}:UntagResource"
    tag_keys = {"ForAnyValue:StringEquals": {"aws:TagKeys": [TAG]}}
    return [
        except_resources(allow(f"TagNew{label}", add, existing, StringEquals=target.gives_stack_tag)),
        allow(
            f"Tag{label}",
            add,
            resources,
            StringEquals=target.has_stack_tag,
            StringEqualsIfExists=target.gives_stack_tag,
        ),
        allow(f"Untag{label}", remove, resources, StringEquals=target.has_stack_tag),
        deny(f"KeepTagOf{label}", remove, resources, **tag_keys),
    ]
