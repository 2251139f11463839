"""What the command line takes for one stack, checked before anything is printed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from components.names import Names, name_faults
from sluice.cli.errors import WrongUse
from sluice.program.deployer.target import ZONES, DeployTarget
from sluice.program.deployer.trust import Repository, repository_of

BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"


StackOption = Annotated[str, typer.Option("--stack", metavar="STACK", help="The stack's name, such as prod.")]
AccountOption = Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="The AWS account's 12 digits.")]
RegionOption = Annotated[str, typer.Option("--region", metavar="REGION", help="The stack's region, such as eu-west-1.")]
PrefixOption = Annotated[str, typer.Option("--prefix", metavar="PREFIX", help="What the stack's names begin with.")]
RepositoryOption = Annotated[str, typer.Option("--repository", metavar="OWNER/NAME", help="The repository on GitHub.")]
OwnerIdOption = Annotated[str, typer.Option("--owner-id", metavar="ID", help="The owner's number on GitHub.")]
RepositoryIdOption = Annotated[
    str, typer.Option("--repository-id", metavar="ID", help="The repository's number on GitHub.")
]
ClassicSubOption = Annotated[
    bool, typer.Option("--classic-sub", help="For a repository whose tokens name no numbers in sub.")
]
StateBucketOption = Annotated[
    str,
    typer.Option("--state-bucket", metavar="BUCKET", help="The bucket of Pulumi's backend s3://<bucket>/<stack>."),
]
StateKeyOption = Annotated[
    str,
    typer.Option("--state-key", metavar="ARN", help="The ARN of the key of this stack's secrets, and no other's."),
]
DestroyableOption = Annotated[
    bool, typer.Option("--destroyable", help="May remove the data too, for `pulumi destroy`.")
]
RedshiftOption = Annotated[bool, typer.Option("--redshift", help="For a stack that has a warehouse.")]
DEFAULT_PREFIX = "sluice"


@dataclass(frozen=True)
class StackPlace:
    """A stack, and where it is."""

    stack: str
    account: str
    region: str
    prefix: str

    @property
    def names(self) -> Names:
        """The names of the stack's resources."""
        return Names(self.prefix, self.stack, self.region, self.account)

    def list_faults(self) -> list[str]:
        """Return a sentence for each part that is refused."""
        faults = name_faults(self.prefix, self.stack)
        if not re.fullmatch(r"\d{12}", self.account, re.ASCII):
            faults.append(f"--account is {self.account}: takes the 12 digits of an AWS account")
        if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", self.region, re.ASCII):
            faults.append(f"--region is {self.region}: takes an AWS region such as eu-west-1")
        return faults


@dataclass(frozen=True)
class GithubRole:
    """Who takes a role of GitHub, and what belongs to its stack."""

    place: StackPlace
    repository: str
    owner_id: str
    repository_id: str
    classic_sub: bool
    state_bucket: str
    state_key: str
    destroyable: bool
    redshift: bool

    def as_repository(self) -> Repository:
        """Return the repository; raises ValueError where a name or a number is not of GitHub's form."""
        return repository_of(self.repository, self.owner_id, self.repository_id, self.classic_sub)

    def as_target(self) -> DeployTarget:
        """Return what the role deploys."""
        return DeployTarget(self.place.names, self.state_bucket, self.state_key, self.redshift, self.destroyable)

    def list_faults(self) -> list[str]:
        """Return a sentence for each part that is refused."""
        return [
            *self.place.list_faults(),
            *bucket_faults(self.place, self.state_bucket),
            *_key_faults(self.place, self.state_key),
            *self._repository_faults(),
        ]

    def _repository_faults(self) -> list[str]:
        try:
            self.as_repository()
        except ValueError as fault:
            return [str(fault)]
        return []


def refuse_faults(faults: Sequence[str]) -> None:
    """Tell of all that is refused at once.

    Raises:
        WrongUse: something is.
    """
    if faults:
        raise WrongUse("; ".join(dict.fromkeys(faults)))


def bucket_faults(place: StackPlace, bucket: str) -> list[str]:
    """The state of all stacks lies in one bucket: no stack may have it for its own, or reach it by a name like its own."""
    intro = f"--state-bucket is {bucket}: takes"
    if not re.fullmatch(BUCKET, bucket):
        return [f"{intro} the name of a bucket, without path and region"]
    prefix, stack, *remaining = [*bucket.split("-"), "", ""]
    is_named_alike = prefix == place.prefix and any(remaining) and not name_faults(prefix, stack)
    if is_named_alike or re.fullmatch(rf"[a-z0-9]+-[a-z0-9]+-({'|'.join(ZONES)})-\d{{12}}", bucket):
        reason = f"begins as the names of stack {stack} do" if is_named_alike else "is a bucket of a stack"
        return [
            f"{intro} one that no stack can have for its own, such as {place.prefix}-state-{place.account}; this {reason}"
        ]
    return []


def _key_faults(place: StackPlace, state_key: str) -> list[str]:
    """Return a sentence where the state's key is not named by its ARN."""
    partition = place.names.partition
    if re.fullmatch(rf"arn:{partition}:kms:[a-z0-9-]+:\d{{12}}:key/[A-Za-z0-9-]+", state_key, re.ASCII):
        return []
    takes = f"a key's ARN, arn:{partition}:kms:<region>:<account>:key/<id>, since an alias can be pointed elsewhere"
    return [f"--state-key is {state_key}: takes {takes}"]
