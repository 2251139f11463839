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
from sluice.console import Parser
from sluice.program.deployer.arguments import bucket_faults, stack_faults
from sluice.program.deployer.trust import REPOSITORY, Role, environment_of, role_arn
from sluice.program.stack_files import STACKS, hidden, stack_file

BRANCHES: dict[Role, tuple[str, ...]] = {"deploy": ("main",), "preview": ("main", "refs/pull/*/merge")}
AT_ONCE = "dev"
"""The stack that a merge goes to without a reviewer."""
MOST_REVIEWERS = 6
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


def environments(
    names: Names, state_bucket: str, reviewers: Sequence[Mapping[str, Any]], secrets: bool
) -> list[Environment]:
    """Return the two environments of a stack.

    `secrets` says that its file holds an encrypted value. A preview decrypts it, so whoever may push a branch could
    read it: then a reviewer looks at the branch's code first.
    """
    reviewed: dict[Role, bool] = {"deploy": names.stack != AT_ONCE, "preview": secrets}
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
    return any(True for _ in hidden(config))


def commands(repository: str, environment: Environment) -> Iterator[str]:
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
    kept = " | ".join(["''", *(shlex.quote(f"branch {branch}") for branch in environment.branches)])
    yield (
        f'printf \'%s\\n\' "$rules" | while read -r id rule; do case "$rule" in {kept}) ;; '
        f'*) gh api --silent --method DELETE {rules}/"$id" ;; esac; done'
    )
    for name, value in environment.variables.items():
        yield shlex.join(
            ["gh", "variable", "set", name, "--repo", repository, "--env", environment.name, "--body", value]
        )


def script(wanted: Namespace) -> Iterator[str]:
    """Yield the commands of every stack that was asked for, under a line that says what they make."""
    yield "set -eu"
    reviewers = [{"type": "User", "id": number} for number in wanted.reviewer]
    reviewers += [{"type": "Team", "id": number} for number in wanted.team]
    for stack in wanted.stack or deployed():
        names = Names(wanted.prefix, stack, wanted.region, wanted.account)
        secrets = holds_secret(stack_file(stack))
        for environment in environments(names, wanted.state_bucket, reviewers, secrets):
            approved = "a reviewer approves" if environment.reviewers else "nobody has to approve"
            yield f"# {environment.name}: {', '.join(environment.branches)}; {approved}"
            yield from commands(wanted.repository, environment)


def deployed() -> list[str]:
    """The stacks that are on AWS: an emulator's has endpoints of its own."""
    return [stack for stack in STACKS if "aws:endpoints" not in stack_file(stack)]


def faults(wanted: Namespace) -> list[str]:
    """Return a sentence for each argument that is refused."""
    count = len(wanted.reviewer) + len(wanted.team)
    refused = []
    if not 1 <= count <= MOST_REVIEWERS:
        refused.append(f"an environment takes 1 to {MOST_REVIEWERS} reviewers (--reviewer, --team), not {count}")
    if not REPOSITORY.fullmatch(wanted.repository):
        refused.append(f"{wanted.repository!r} is not owner/name on GitHub")
    for stack in wanted.stack or deployed():
        given = Namespace(**vars(wanted) | {"stack": stack})
        refused += [*stack_faults(given), *bucket_faults(given)]
    return list(dict.fromkeys(refused))


def main(argv: list[str]) -> int:
    """Print the commands; they run nothing by themselves."""
    parser = Parser(prog="sandbox.deployer environments", description=__doc__)
    parser.add_argument("--repository", required=True, metavar="OWNER/NAME")
    parser.add_argument("--reviewer", nargs="+", type=int, default=[], metavar="ID", help="users who may approve")
    parser.add_argument("--team", nargs="+", type=int, default=[], metavar="ID", help="teams who may approve")
    parser.add_argument("--stack", action="append", choices=deployed(), help="one stack only; may be given again")
    parser.add_argument("--account", required=True, help="the AWS account's 12 digits")
    parser.add_argument("--region", required=True)
    parser.add_argument("--prefix", default="sluice")
    parser.add_argument("--state-bucket", required=True, help="the bucket of Pulumi's backend s3://<bucket>/<stack>")
    wanted = parser.parse_args(argv)
    if refused := faults(wanted):
        parser.error("; ".join(refused))
    print("\n".join(script(wanted)))
    return 0
