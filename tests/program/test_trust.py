"""Which jobs on GitHub take which role: tokens with the claims that GitHub sends, against the documents of trust."""

from dataclasses import dataclass
from typing import Any

import pytest

from components.names import Names
from sluice.cli.app import main
from sluice.program.deployer.trust import ISSUER, Repository, RoleKind, environment_of, github_trust, role_arn
from sluice.program.graph import ACCOUNT
from sluice.program.iam import Caller, PermissionRequest, decide_request

MAIN, MERGE = "refs/heads/main", "refs/pull/7/merge"
OURS = Repository("me", "lake", "1001", "2002")
ROLES: list[tuple[RoleKind, str]] = [("deploy", "dev"), ("deploy", "prod"), ("preview", "dev"), ("preview", "prod")]


@dataclass(frozen=True)
class Token:
    """What decides about a job's token: where it runs. `environment` is empty for a job without one."""

    ref: str
    environment: str = ""
    repository: Repository = OURS
    audience: str = "sts.amazonaws.com"

    @property
    def claims(self) -> dict[str, str]:
        """The condition keys that AWS fills, from GitHub's reference: without an environment `sub` names the ref."""
        subject = self.repository.subject_claim(self.environment)
        if not self.environment:
            where = "pull_request" if self.ref.startswith("refs/pull/") else f"ref:{self.ref}"
            subject = subject.removesuffix("environment:") + where
        claims = {"aud": self.audience, "sub": subject, "ref": self.ref, "environment": self.environment}
        claims["repository_id"] = self.repository.repository_id
        return {f"{ISSUER}:{claim}": value for claim, value in claims.items() if value}


def accepts_token(document: dict[str, Any], claims: dict[str, str]) -> bool:
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
    ask = PermissionRequest("sts:AssumeRoleWithWebIdentity", f"arn:aws:iam::{ACCOUNT}:role/any", claims)
    return decide_request(ask, Caller(federated=provider), document).allowed


def accepting_roles(token: Token, repository: Repository = OURS) -> list[str]:
    """The roles that a token opens, as `role stack`."""
    documents = {
        f"{role} {stack}": github_trust(repository, Names("sluice", stack, "eu-west-1", ACCOUNT), role)
        for role, stack in ROLES
    }
    return [name for name, document in documents.items() if accepts_token(document, token.claims)]


@pytest.mark.parametrize(
    ("token", "roles"),
    [
        (Token(MAIN, "dev"), ["deploy dev"]),
        (Token(MAIN, "prod"), ["deploy prod"]),
        (Token(MERGE, "preview-dev"), ["preview dev"]),
        (Token(MAIN, "preview-prod"), ["preview prod"]),
    ],
    ids=["a merge", "a merge in prod", "a pull request", "the nightly comparison"],
)
def test_a_job_takes_the_role_of_its_environment(token: Token, roles: list[str]) -> None:
    assert accepting_roles(token) == roles


@pytest.mark.parametrize("environment", ["dev", "prod", "preview-dev", "preview-prod"])
@pytest.mark.parametrize(
    "ref",
    [
        "refs/heads/feature",
        "refs/heads/mainline",
        "refs/heads/feature/main",
        "refs/heads/refs/pull/7/merge",  # a branch of that name, which a rule of an environment may take for a merge
        "refs/heads/gh-readonly-queue/main/pr-7-0f9c",
        "refs/tags/v1",
        "refs/tags/main",
        "refs/pull/7/head",
    ],
)
def test_no_other_branch_or_tag_takes_a_role_in_any_environment(ref: str, environment: str) -> None:
    assert accepting_roles(Token(ref, environment)) == []


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_pull_request_deploys_nothing(environment: str) -> None:
    assert accepting_roles(Token(MERGE, environment)) == []


@pytest.mark.parametrize("environment", ["", "docs", "Dev", "dev2", "preview", "preview-", "staging"])
@pytest.mark.parametrize("ref", [MAIN, MERGE])
def test_another_environment_or_none_takes_no_role(ref: str, environment: str) -> None:
    assert accepting_roles(Token(ref, environment)) == []


@pytest.mark.parametrize("classic", [False, True])
@pytest.mark.parametrize(
    "other",
    [
        Repository("me", "lake", "1001", "2003"),  # deleted, and made again
        Repository("me", "lake", "1009", "2009"),  # the owner's name, taken by somebody else
        Repository("you", "lake", "1002", "2004"),  # a fork, in its own actions
        Repository("me", "other", "1001", "2005"),
    ],
    ids=["made again", "taken over", "a fork", "another of the owner's"],
)
def test_another_repository_takes_no_role_even_under_the_same_name(other: Repository, classic: bool) -> None:
    ours = Repository("me", "lake", "1001", "2002", classic)
    theirs = Repository(other.owner, other.name, other.owner_id, other.repository_id, classic)
    assert accepting_roles(Token(MAIN, "dev", ours), ours) == ["deploy dev"]
    assert [
        accepting_roles(Token(ref, where, theirs), ours) for ref in (MAIN, MERGE) for where in ("dev", "preview-dev")
    ] == [
        [],
        [],
        [],
        [],
    ]


def test_a_token_for_another_audience_takes_no_role() -> None:
    assert accepting_roles(Token(MAIN, "dev", audience="https://github.com/me")) == []


def test_claims_that_are_not_there_are_no_match() -> None:
    """Where AWS does not know a claim as a condition key, the role cannot be taken: it does not open."""
    document = github_trust(OURS, Names("sluice", "dev", "eu-west-1", ACCOUNT), "deploy")
    claims = Token(MAIN, "dev").claims
    assert accepts_token(document, claims)
    without = [{key: value for key, value in claims.items() if key != absent} for absent in claims]
    assert [accepts_token(document, lacking) for lacking in without] == [False] * 5


def test_the_form_of_sub_is_the_repositorys() -> None:
    classic = Repository("me", "lake", "1001", "2002", classic=True)
    assert OURS.subject_claim("dev") == "repo:me@1001/lake@2002:environment:dev"
    assert classic.subject_claim("dev") == "repo:me/lake:environment:dev"
    assert accepting_roles(Token(MAIN, "dev", classic), OURS) == []
    assert accepting_roles(Token(MAIN, "dev", OURS), classic) == []


@pytest.mark.parametrize(
    ("ref", "environment", "roles"), [(MAIN, "dev", ["deploy dev"]), (MAIN, "preview-dev", ["preview dev"])]
)
def test_a_run_of_pull_request_target_looks_like_main(ref: str, environment: str, roles: list[str]) -> None:
    """Its claims are those of main, so no trust tells it apart.

    It runs main's own workflow, and none of ours has that trigger (test_workflows.py). Reusable workflows look like
    their caller in the same way.
    """
    assert accepting_roles(Token(ref, environment)) == roles


@pytest.mark.parametrize("role", ["deploy", "preview"])
def test_the_document_asks_for_five_claims_and_names_the_provider(role: RoleKind) -> None:
    (statement,) = github_trust(OURS, Names("sluice", "dev", "eu-west-1", ACCOUNT), role)["Statement"]
    condition = statement["Condition"]
    assert {key.removeprefix(f"{ISSUER}:") for keys in condition.values() for key in keys} == {
        *("aud", "sub", "environment", "repository_id", "ref"),
    }
    assert set(condition) == ({"StringEquals"} if role == "deploy" else {"StringEquals", "StringLike"})
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"}
    assert environment_of(role, "dev") == condition["StringEquals"][f"{ISSUER}:environment"]


@pytest.mark.parametrize(("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn")])
def test_the_provider_is_in_the_partition_of_the_stack(region: str, partition: str) -> None:
    names = Names("sluice", "dev", region, ACCOUNT)
    (statement,) = github_trust(OURS, names, "deploy")["Statement"]
    assert statement["Principal"]["Federated"] == f"arn:{partition}:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
    assert role_arn(names, "deploy") == f"arn:{partition}:iam::{ACCOUNT}:role/sluice-deploy-dev"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--repository", "lake", "--owner-id", "1", "--repository-id", "2"], "owner/name"),
        (["--repository", "me/*", "--owner-id", "1", "--repository-id", "2"], "owner/name"),
        (["--repository", "me/lake/x", "--owner-id", "1", "--repository-id", "2"], "owner/name"),
        (["--repository", "me/lake", "--owner-id", "me", "--repository-id", "2"], "owner's id"),
        (["--repository", "me/lake", "--owner-id", "1", "--repository-id", "*"], "repository's id"),
        (["--repository", "me/lake", "--owner-id", "1"], "--repository-id"),
        (["--repository", "me/lake", "--repository-id", "1"], "--owner-id"),
    ],
)
def test_a_name_or_number_that_is_none_is_refused(
    arguments: list[str], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = ["--stack", "dev", "--account", ACCOUNT, "--region", "eu-west-1", "--state-bucket", "b", "--state-key", "k"]
    assert main(["deployer", "deploy", *arguments, *stack]) == 2
    assert fault in capsys.readouterr().err
