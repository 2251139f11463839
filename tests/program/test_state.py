"""What the Pulumi CLI asks of the state's bucket and key, as recorded, against the roles that GitHub takes.

Recorded between `pulumi` 3.274 and an emulator, with the backend `s3://states/prod`: `preview --refresh`, then `up`.
"""

import pytest

from components.names import Names
from sluice.program.deployer.policies import deploy_policies, preview_policies
from sluice.program.deployer.target import DeployTarget
from sluice.program.graph import ACCOUNT
from sluice.program.iam import PermissionRequest, allowing_sids

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0f9c"
STATE = "stacks/sluice/prod.json"
LOCKS = "locks/organization/sluice/prod/"
READ = ["meta.yaml", STATE, "stacks/sluice/prod.pulumi-tags"]
LISTED = ["stacks/", STATE, LOCKS]
WRITTEN = [
    STATE,
    f"{STATE}.bak",
    f"{LOCKS}1.json",
    "backups/sluice/prod/prod.1.json",
    "history/sluice/prod/prod-1.json",
]


def is_allowed(role: str, stack: str, ask: PermissionRequest) -> bool:
    target = DeployTarget(Names("sluice", stack, "eu-west-1", ACCOUNT), "states", KEY)
    documents = preview_policies(target) if role == "preview" else deploy_policies(target)
    return any(allowing_sids(document, ask) for document in documents.values())


def read_asks() -> list[PermissionRequest]:
    objects = [PermissionRequest("s3:GetObject", f"arn:aws:s3:::states/prod/.pulumi/{path}") for path in READ]
    lists = [
        PermissionRequest("s3:ListBucket", "arn:aws:s3:::states", {"s3:prefix": f"prod/.pulumi/{path}"})
        for path in LISTED
    ]
    return [*objects, *lists]


def write_asks() -> list[PermissionRequest]:
    puts = [PermissionRequest("s3:PutObject", f"arn:aws:s3:::states/prod/.pulumi/{path}") for path in WRITTEN]
    return [*puts, PermissionRequest("s3:DeleteObject", f"arn:aws:s3:::states/prod/.pulumi/{LOCKS}1.json")]


@pytest.mark.parametrize("role", ["preview", "deploy"])
def test_a_preview_reads_the_stacks_state_and_opens_its_secrets(role: str) -> None:
    asks = [*read_asks(), PermissionRequest("kms:Decrypt", KEY)]
    assert [ask for ask in asks if not is_allowed(role, "prod", ask)] == []


def test_only_the_deploying_role_writes_state_and_locks() -> None:
    assert [ask for ask in write_asks() if not is_allowed("deploy", "prod", ask)] == []
    assert [ask for ask in write_asks() if is_allowed("preview", "prod", ask)] == []


@pytest.mark.parametrize("role", ["preview", "deploy"])
@pytest.mark.parametrize("stack", ["dev", "prod2", "pro"])
def test_no_role_of_another_stack_finds_reads_or_writes_it(role: str, stack: str) -> None:
    assert [ask for ask in [*read_asks(), *write_asks()] if is_allowed(role, stack, ask)] == []
