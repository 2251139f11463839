"""Who takes a role: jobs of GitHub, by what their token claims.

Sources: GitHub, OpenID Connect reference (claims, immutable subject claims); AWS STS, validation of identity provider
specific claims (January 2026), which made `environment`, `ref` and `repository_id` condition keys of a role's trust.
"""

import re
from dataclasses import dataclass
from typing import Literal

from components.access.policy_documents import Document, policy_document
from components.names import Names

ISSUER = "token.actions.githubusercontent.com"
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+")
NUMBER = re.compile(r"[1-9][0-9]*")
RoleKind = Literal["preview", "deploy"]
REFS: dict[RoleKind, tuple[str, str | list[str]]] = {
    "deploy": ("StringEquals", "refs/heads/main"),
    # pull requests run on their merge; the nightly comparison runs on main
    "preview": ("StringLike", ["refs/pull/*/merge", "refs/heads/main"]),
}


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub: its names, which another may take one day, and its numbers, which nobody else gets.

    `classic` says that its tokens carry only names in `sub`: it was made before 2026-07-15 and neither renamed nor
    transferred since, and nobody turned immutable subject claims on.

    Raises:
        ValueError: a name or a number is not of GitHub's form.
    """

    owner: str
    name: str
    owner_id: str
    repository_id: str
    classic: bool = False

    def __post_init__(self) -> None:
        checks = (
            ("owner/name on GitHub", f"{self.owner}/{self.name}", REPOSITORY),
            ("the owner's id, a number", self.owner_id, NUMBER),
            ("the repository's id, a number", self.repository_id, NUMBER),
        )
        faults = [f"{value!r} is not {meaning}" for meaning, value, form in checks if not form.fullmatch(value)]
        if faults:
            raise ValueError(f"{'; '.join(faults)}; `gh api repos/OWNER/NAME` shows all three")

    def subject_claim(self, environment: str) -> str:
        """Return `sub` as the tokens of jobs in this environment carry it."""
        owner = self.owner if self.classic else f"{self.owner}@{self.owner_id}"
        name = self.name if self.classic else f"{self.name}@{self.repository_id}"
        return f"repo:{owner}/{name}:environment:{environment}"


def repository_of(full_name: str, owner_id: str, repository_id: str, classic: bool = False) -> Repository:
    """Return the repository `OWNER/NAME`.

    Raises:
        ValueError: a name or a number is not of GitHub's form.
    """
    owner, _, name = full_name.partition("/")
    return Repository(owner, name, owner_id, repository_id, classic)


def environment_of(role: RoleKind, stack: str) -> str:
    """Return the GitHub environment whose jobs take a stack's role."""
    return stack if role == "deploy" else f"preview-{stack}"


def role_arn(names: Names, role: RoleKind) -> str:
    """Return the ARN of the role `<prefix>-<role>-<stack>`, which an administrator makes."""
    return names.global_arn("iam", f"role/{names.prefix}-{role}-{names.stack}")


def github_trust(repository: Repository, names: Names, role: RoleKind) -> Document:
    """Return the trust of one role: jobs of one repository, in one environment, on the refs that the role is for.

    With an environment `sub` holds no branch, so a job on any branch has the same `sub`: `ref` tells them apart.
    """
    environment = environment_of(role, names.stack)
    operator, refs = REFS[role]
    exact: dict[str, str | list[str]] = {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": repository.subject_claim(environment),
        f"{ISSUER}:environment": environment,
        f"{ISSUER}:repository_id": repository.repository_id,
    }
    condition = {"StringEquals": exact}
    condition[operator] = condition.get(operator, {}) | {f"{ISSUER}:ref": refs}
    statement = {
        "Sid": "JobsOfOneEnvironment",
        "Effect": "Allow",
        "Principal": {"Federated": names.global_arn("iam", f"oidc-provider/{ISSUER}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    return policy_document(statement)
