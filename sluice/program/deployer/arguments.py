"""What the command line takes for one stack, checked before anything is printed."""

import re
from argparse import Namespace

from components.names import Names, name_faults
from sluice.console import CommandParser
from sluice.program.deployer.target import ZONES, DeployTarget
from sluice.program.deployer.trust import Repository, repository_of

BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"


def add_stack(parser: CommandParser) -> None:
    """A stack, and where it is."""
    parser.add_argument("--stack", required=True)
    parser.add_argument("--account", required=True, help="the AWS account's 12 digits")
    parser.add_argument("--region", required=True)
    parser.add_argument("--prefix", default="sluice")


def add_role(parser: CommandParser) -> None:
    """Who takes a role of GitHub, and what belongs to its stack."""
    add_stack(parser)
    parser.add_argument("--repository", required=True, metavar="OWNER/NAME")
    parser.add_argument("--owner-id", required=True, help="the owner's number on GitHub")
    parser.add_argument("--repository-id", required=True, help="the repository's number on GitHub")
    parser.add_argument(
        "--classic-sub", action="store_true", help="for a repository whose tokens name no numbers in sub"
    )
    parser.add_argument("--state-bucket", required=True, help="the bucket of Pulumi's backend s3://<bucket>/<stack>")
    parser.add_argument("--state-key", required=True, help="the ARN of the key of this stack's secrets, and no other's")
    parser.add_argument("--destroyable", action="store_true", help="may remove the data too, for `pulumi destroy`")
    parser.add_argument("--redshift", action="store_true", help="for a stack that has a warehouse")


def resource_names(options: Namespace) -> Names:
    """Return the names of the stack that the options are about."""
    return Names(options.prefix, options.stack, options.region, options.account)


def deploy_target(options: Namespace) -> DeployTarget:
    """Return what the roles deploy, as the options say."""
    return DeployTarget(
        resource_names(options), options.state_bucket, options.state_key, options.redshift, options.destroyable
    )


def github_repository(options: Namespace) -> Repository:
    """Return the repository; raises ValueError where a name or a number is not of GitHub's form."""
    return repository_of(options.repository, options.owner_id, options.repository_id, options.classic_sub)


def stack_faults(options: Namespace) -> list[str]:
    """Return a sentence for each argument of `add_stack` that is refused."""
    faults = name_faults(options.prefix, options.stack)
    if not re.fullmatch(r"\d{12}", options.account, re.ASCII):
        faults.append(f"--account is {options.account}: takes the 12 digits of an AWS account")
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", options.region, re.ASCII):
        faults.append(f"--region is {options.region}: takes an AWS region such as eu-west-1")
    return faults


def role_faults(options: Namespace) -> list[str]:
    """Return a sentence for each argument of `add_role` that is refused."""
    return [*stack_faults(options), *bucket_faults(options), *key_faults(options), *repository_faults(options)]


def bucket_faults(options: Namespace) -> list[str]:
    """The state of all stacks lies in one bucket: no stack may have it for its own, or reach it by a name like its own."""
    bucket, intro = options.state_bucket, f"--state-bucket is {options.state_bucket}: takes"
    if not re.fullmatch(BUCKET, bucket):
        return [f"{intro} the name of a bucket, without path and region"]
    prefix, stack, *remaining = [*bucket.split("-"), "", ""]
    is_named_alike = prefix == options.prefix and any(remaining) and not name_faults(prefix, stack)
    if is_named_alike or re.fullmatch(rf"[a-z0-9]+-[a-z0-9]+-({'|'.join(ZONES)})-\d{{12}}", bucket):
        reason = f"begins as the names of stack {stack} do" if is_named_alike else "is a bucket of a stack"
        return [
            f"{intro} one that no stack can have for its own, such as {options.prefix}-state-{options.account}; this {reason}"
        ]
    return []


def key_faults(options: Namespace) -> list[str]:
    """Return a sentence where the state's key is not named by its ARN."""
    partition = resource_names(options).partition
    if re.fullmatch(rf"arn:{partition}:kms:[a-z0-9-]+:\d{{12}}:key/[A-Za-z0-9-]+", options.state_key, re.ASCII):
        return []
    takes = f"a key's ARN, arn:{partition}:kms:<region>:<account>:key/<id>, since an alias can be pointed elsewhere"
    return [f"--state-key is {options.state_key}: takes {takes}"]


def repository_faults(options: Namespace) -> list[str]:
    """Return a sentence where the repository is not named as GitHub names one."""
    try:
        github_repository(options)
    except ValueError as fault:
        return [str(fault)]
    return []
