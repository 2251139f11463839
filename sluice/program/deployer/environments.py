"""`python -m sandbox.deployer environments`: a stack's environments on GitHub, as the commands that make them.

Each stack has two. Jobs in `<stack>` take the deploying role, on main only. Jobs in `preview-<stack>` take the
previewing role, on pull requests too. The commands may be run again: they change what differs, and remove rules for
branches that are not named here.

Sources: GitHub REST API, deployment environments and deployment branch policies; Deployments and environments.
"""

import json
import shlex
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.names import Names
from sluice.console import CommandParser
from sluice.program.deployer.arguments import bucket_faults, stack_faults
from sluice.program.deployer.trust import REPOSITORY, RoleKind, environment_of, role_arn
from sluice.program.stack_files import STACKS, encrypted_paths, load_stack_file

BRANCHES: dict[RoleKind, tuple[str, ...]] = {"deploy": ("main",), "preview": ("main", "refs/pull/*/merge")}
UNREVIEWED_STACK = "dev"
"""The stack that a merge goes to without a reviewer."""
MAX_REVIEWERS = 6
RULES = r'.branch_policies[] | "\(.id) \(.type) \(.name)"'


@dataclass(frozen=True)
class Environment:
    """An environment on GitHub: the branches whose jobs may use it, who approves them, and its variables.

    `reviewers` are empty where nobody has to; each has `type` (User or Team) and GitHub's `id`.
    """

    name: str
    branches: tuple[str, ...]
    reviewers: Sequence[Mapping[str, Any]]
    variables: Mapping[str, str]


def stack_environments(
    names: Names, state_bucket: str, reviewers: Sequence[Mapping[str, Any]], secrets: bool
) -> list[Environment]:
    """Return the two environments of a stack.

    `secrets` says that its file holds an encrypted value. A preview decrypts it, so whoever may push a branch could
    read it: then a reviewer looks at the branch's code first.
    """
    reviewed: dict[RoleKind, bool] = {"deploy": names.stack != UNREVIEWED_STACK, "preview": secrets}
    state = f"s3://{state_bucket}/{names.stack}?region={names.region}"
    return [
        Environment(
            environment_of(role, names.stack),
            BRANCHES[role],
            reviewers if reviewed[role] else (),
            {"AWS_ROLE_ARN": role_arn(names, role), "AWS_REGION": names.region, "PULUMI_BACKEND_URL": state},
        )
        for role in BRANCHES
    ]


def holds_secret(config: Any) -> bool:
    """Whether a stack file, or a part of one, has a value that Pulumi encrypted (`secure:`), at any depth."""
    return any(True for _ in encrypted_paths(config))


def setup_commands(repository: str, environment: Environment) -> Iterator[str]:
    """Yield what a POSIX shell runs, with the GitHub CLI of somebody who administers the repository."""
    path = f"repos/{repository}/environments/{environment.name}"
    rules = f"{path}/deployment-branch-policies"
    settings = {
        "reviewers": list(environment.reviewers) or None,
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    }
    yield f"printf %s {shlex.quote(json.dumps(settings))} | gh api --silent --method PUT {path} --input -"
    yield f"rules=$(gh api --paginate {rules} --jq {shlex.quote(RULES)})"
    for branch in environment.branches:
        present = f"printf '%s\\n' \"$rules\" | cut -d ' ' -f 2- | grep -Fqx {shlex.quote(f'branch {branch}')}"
        yield f"{present} || gh api --silent --method POST {rules} -f name={shlex.quote(branch)} -f type=branch"
    expected = " | ".join(["''", *(shlex.quote(f"branch {branch}") for branch in environment.branches)])
    yield (
        f'printf \'%s\\n\' "$rules" | while read -r id rule; do case "$rule" in {expected}) ;; '
        f'*) gh api --silent --method DELETE {rules}/"$id" ;; esac; done'
    )
    for name, value in environment.variables.items():
        yield shlex.join(
            ["gh", "variable", "set", name, "--repo", repository, "--env", environment.name, "--body", value]
        )


def setup_script(options: Namespace) -> Iterator[str]:
    """Yield the commands of every stack that was asked for, under a line that says what they make."""
    yield "set -eu"
    reviewers = [{"type": "User", "id": number} for number in options.reviewer]
    reviewers += [{"type": "Team", "id": number} for number in options.team]
    for stack in options.stack or deployed_stacks():
        names = Names(options.prefix, stack, options.region, options.account)
        secrets = holds_secret(load_stack_file(stack))
        for environment in stack_environments(names, options.state_bucket, reviewers, secrets):
            approval = "a reviewer approves" if environment.reviewers else "nobody has to approve"
            yield f"# {environment.name}: {', '.join(environment.branches)}; {approval}"
            yield from setup_commands(options.repository, environment)


def deployed_stacks() -> list[str]:
    """The stacks that are on AWS: an emulator's has endpoints of its own."""
    return [stack for stack in STACKS if "aws:endpoints" not in load_stack_file(stack)]


def option_faults(options: Namespace) -> list[str]:
    """Return a sentence for each argument that is refused."""
    count = len(options.reviewer) + len(options.team)
    refused = []
    if not 1 <= count <= MAX_REVIEWERS:
        refused.append(f"an environment takes 1 to {MAX_REVIEWERS} reviewers (--reviewer, --team), not {count}")
    if not REPOSITORY.fullmatch(options.repository):
        refused.append(f"{options.repository!r} is not owner/name on GitHub")
    for stack in options.stack or deployed_stacks():
        stack_options = Namespace(**vars(options) | {"stack": stack})
        refused += [*stack_faults(stack_options), *bucket_faults(stack_options)]
    return list(dict.fromkeys(refused))


def main(argv: list[str]) -> int:
    """Print the commands; they run nothing by themselves."""
    parser = CommandParser(prog="sandbox.deployer environments", description=__doc__)
    parser.add_argument("--repository", required=True, metavar="OWNER/NAME")
    parser.add_argument("--reviewer", nargs="+", type=int, default=[], metavar="ID", help="users who may approve")
    parser.add_argument("--team", nargs="+", type=int, default=[], metavar="ID", help="teams who may approve")
    parser.add_argument(
        "--stack", action="append", choices=deployed_stacks(), help="one stack only; may be given again"
    )
    parser.add_argument("--account", required=True, help="the AWS account's 12 digits")
    parser.add_argument("--region", required=True)
    parser.add_argument("--prefix", default="sluice")
    parser.add_argument("--state-bucket", required=True, help="the bucket of Pulumi's backend s3://<bucket>/<stack>")
    options = parser.parse_args(argv)
    if refused := option_faults(options):
        parser.error("; ".join(refused))
    print("\n".join(setup_script(options)))
    return 0
