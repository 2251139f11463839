"""What the command line takes for one stack, checked before anything is printed."""

import re
from argparse import Namespace

from components.names import Names, refusals
from sluice.console import Parser
from sluice.program.deployer.target import ZONES, Target
from sluice.program.deployer.trust import Repository, repository_of

BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"


def add_stack(parser: Parser) -> None:
    """A stack, and where it is."""
    parser.add_argument("--stack", required=True)
    parser.add_argument("--account", required=True, help="the AWS account's 12 digits")
    parser.add_argument("--region", required=True)
    parser.add_argument("--prefix", default="sluice")


def add_role(parser: Parser) -> None:
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


def names_of(given: Namespace) -> Names:
    return Names(given.prefix, given.stack, given.region, given.account)


def target_of(given: Namespace) -> Target:
    return Target(names_of(given), given.state_bucket, given.state_key, given.redshift, given.destroyable)


def repository(given: Namespace) -> Repository:
    """Return the repository; raises ValueError where a name or a number is not of GitHub's form."""
    return repository_of(given.repository, given.owner_id, given.repository_id, given.classic_sub)


def stack_faults(given: Namespace) -> list[str]:
    """Return a sentence for each argument of `add_stack` that is refused."""
    faults = refusals(given.prefix, given.stack)
    if not re.fullmatch(r"\d{12}", given.account, re.ASCII):
        faults.append(f"--account is {given.account}: takes the 12 digits of an AWS account")
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", given.region, re.ASCII):
        faults.append(f"--region is {given.region}: takes an AWS region such as eu-west-1")
    return faults


def role_faults(given: Namespace) -> list[str]:
    """Return a sentence for each argument of `add_role` that is refused."""
    return [*stack_faults(given), *bucket_faults(given), *key_faults(given), *repository_faults(given)]


def bucket_faults(given: Namespace) -> list[str]:
    """The state of all stacks lies in one bucket: no stack may have it for its own, or reach it by a name like its own."""
    bucket, where = given.state_bucket, f"--state-bucket is {given.state_bucket}: takes"
    if not re.fullmatch(BUCKET, bucket):
        return [f"{where} the name of a bucket, without path and region"]
    prefix, stack, *rest = [*bucket.split("-"), "", ""]
    named = prefix == given.prefix and any(rest) and not refusals(prefix, stack)
    if named or re.fullmatch(rf"[a-z0-9]+-[a-z0-9]+-({'|'.join(ZONES)})-\d{{12}}", bucket):
        of = f"begins as the names of stack {stack} do" if named else "is a bucket of a stack"
        return [
            f"{where} one that no stack can have for its own, such as {given.prefix}-state-{given.account}; this {of}"
        ]
    return []


def key_faults(given: Namespace) -> list[str]:
    partition = names_of(given).partition
    if re.fullmatch(rf"arn:{partition}:kms:[a-z0-9-]+:\d{{12}}:key/[A-Za-z0-9-]+", given.state_key, re.ASCII):
        return []
    takes = f"a key's ARN, arn:{partition}:kms:<region>:<account>:key/<id>, since an alias can be pointed elsewhere"
    return [f"--state-key is {given.state_key}: takes {takes}"]


def repository_faults(given: Namespace) -> list[str]:
    try:
        repository(given)
    except ValueError as fault:
        return [str(fault)]
    return []
