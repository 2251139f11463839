"""A stack's environments on GitHub, as the commands that make them.

Each stack has two. Jobs in `<stack>` take the deploying role, on main only. Jobs in `preview-<stack>` take the
previewing role, on pull requests too. The commands may be run again: they change what differs, and remove rules for
branches that are not named here.

Sources: GitHub REST API, deployment environments and deployment branch policies; Deployments and environments.
"""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.names import Names
from sluice.program.deployer.arguments import StackPlace, bucket_faults
from sluice.program.deployer.trust import REPOSITORY, RoleKind, environment_of, role_arn
from sluice.program.stack_files import encrypted_paths, load_stack_file

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


def setup_script(
    places: Sequence[StackPlace], repository: str, state_bucket: str, reviewers: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the commands of these stacks, under a line that says what they make."""
    yield "set -eu"
    for place in places:
        secrets = holds_secret(load_stack_file(place.stack))
        for environment in stack_environments(place.names, state_bucket, reviewers, secrets):
            approval = "a reviewer approves" if environment.reviewers else "nobody has to approve"
            yield f"# {environment.name}: {', '.join(environment.branches)}; {approval}"
            yield from setup_commands(repository, environment)


def setup_faults(
    places: Sequence[StackPlace], repository: str, state_bucket: str, reviewers: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return a sentence for each argument of `setup_script` that is refused."""
    refused = []
    if not 1 <= len(reviewers) <= MAX_REVIEWERS:
        refused.append(
            f"an environment takes 1 to {MAX_REVIEWERS} reviewers (--reviewer, --team), not {len(reviewers)}"
        )
    if not REPOSITORY.fullmatch(repository):
        refused.append(f"{repository!r} is not owner/name on GitHub")
    for place in places:
        refused += [*place.list_faults(), *bucket_faults(place, state_bucket)]
    return refused
