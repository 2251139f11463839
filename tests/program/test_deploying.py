"""What previewing and deploying a stack takes: all that is declared can be made, read, changed and removed, and no more."""

from typing import Any

import pytest

from sluice.program.deployer.policies import deploy_policies, preview_policies
from sluice.program.graph import ACCOUNT, Graph
from sluice.program.iam import PermissionRequest, allowing_sids
from sluice.program.resource_types import TYPES, creation_requests, step_requests
from tests.program.deployment import STATE_BUCKET, STATE_KEY, make_target, merged_policy

POLICY_LENGTH, POLICIES_OF_A_ROLE = 6144, 10
"""Characters without white space, and managed policies by default (AWS IAM, Quotas)."""
REMOVED_WITH_DATA = {"glue:DeleteDatabase"}
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/sluice-dev-boundary"
OTHER_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/77aa"


def is_read(action: str) -> bool:
    return action.split(":")[1].startswith(("Get", "List", "Describe", "Validate"))


def make_arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{resource}"


def role_arn_of(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def test_the_deploying_role_makes_reads_and_changes_everything_that_is_declared(graph: Graph) -> None:
    document = merged_policy(deploy_policies(make_target(graph.stack)))
    assert [ask for ask in step_requests(graph, "make", "read", "change") if not allowing_sids(document, ask)] == []


def test_only_the_role_of_a_destroyable_stack_removes_everything(graph: Graph) -> None:
    removing = step_requests(graph, "remove")
    destroyable, lasting = (
        merged_policy(deploy_policies(make_target(graph.stack, destroyable=may_go))) for may_go in (True, False)
    )
    assert [ask for ask in removing if not allowing_sids(destroyable, ask)] == []
    refused = {ask.action for ask in removing if not allowing_sids(lasting, ask)}
    assert refused == REMOVED_WITH_DATA


def test_with_every_option_all_is_made_read_changed_and_removed_too(optional: Graph) -> None:
    kinds = {node.type for node in optional.nodes.values() if node.custom}
    assert kinds == set(TYPES)
    document = merged_policy(deploy_policies(make_target("prod", redshift=True, destroyable=True)))
    asks = step_requests(optional, "make", "read", "change", "remove")
    assert [ask for ask in asks if not allowing_sids(document, ask)] == []


def test_the_role_of_a_stack_without_a_warehouse_has_nothing_of_one(optional: Graph) -> None:
    document = merged_policy(deploy_policies(make_target("prod")))
    refused = [ask for ask in creation_requests(optional) if not allowing_sids(document, ask)]
    services = {"redshift-serverless", "redshift-data", "secretsmanager", "iam", "kms", "ec2"}
    assert {ask.action.split(":")[0] for ask in refused} == services


def test_the_previewing_role_reads_everything_and_makes_changes_and_removes_nothing(optional: Graph) -> None:
    document = merged_policy(preview_policies(make_target("prod", redshift=True)))
    assert [ask for ask in step_requests(optional, "read") if not allowing_sids(document, ask)] == []
    writing = [ask for ask in step_requests(optional, "make", "change", "remove") if not is_read(ask.action)]
    assert [ask for ask in writing if allowing_sids(document, ask)] == []


def test_the_previewing_role_has_actions_that_read_alone() -> None:
    statements = merged_policy(preview_policies(make_target("prod", redshift=True)))["Statement"]
    actions = {action for statement in statements for action in statement["Action"]}
    assert len(actions) > 40
    assert {action for action in actions if not is_read(action)} == {"kms:Decrypt"}
    decrypted = [statement["Resource"] for statement in statements if "kms:Decrypt" in statement["Action"]]
    assert decrypted == [[STATE_KEY]]


def test_the_role_of_one_stack_makes_reads_changes_and_removes_nothing_of_another(graphs: dict[str, Graph]) -> None:
    document = merged_policy(deploy_policies(make_target("dev", redshift=True, destroyable=True)))
    prod = step_requests(graphs["prod"], "make", "read", "change", "remove")
    asks = [ask for ask in prod if ask.resource != "*" and not ask.resource.endswith(":catalog")]  # shared by all
    assert len(asks) > 500
    assert [ask for ask in asks if allowing_sids(document, ask)] == []
    whole_account = {ask.action for ask in prod if ask.resource == "*" and allowing_sids(document, ask)}
    assert {action for action in whole_account if not is_read(action)} == set()


@pytest.mark.parametrize("key", ["trades/2027-01-01.csv", "parquet/trades/data/a.parquet"])
@pytest.mark.parametrize("documents", [preview_policies, deploy_policies])
def test_a_pull_request_and_a_deployment_read_no_data(documents: Any, key: str) -> None:
    for zone in ("raw", "processed"):
        read_ask = PermissionRequest("s3:GetObject", f"arn:aws:s3:::sluice-prod-{zone}-{ACCOUNT}/{key}")
        assert not allowing_sids(merged_policy(documents(make_target("prod"))), read_ask)


def list_ask(prefix: str | None) -> PermissionRequest:
    return PermissionRequest(
        "s3:ListBucket", f"arn:aws:s3:::{STATE_BUCKET}", {} if prefix is None else {"s3:prefix": prefix}
    )


def state_ask(action: str, key: str) -> PermissionRequest:
    return PermissionRequest(action, f"arn:aws:s3:::{STATE_BUCKET}/{key}")


STATE_PREFIX = "dev/.pulumi"
STATE_FILES = [
    f"{STATE_PREFIX}/meta.yaml",
    f"{STATE_PREFIX}/stacks/sluice/dev.json",
    f"{STATE_PREFIX}/stacks/sluice/dev.json.bak",
    f"{STATE_PREFIX}/stacks/sluice/dev.pulumi-tags",
    f"{STATE_PREFIX}/locks/organization/sluice/dev/0f9c.json",
    f"{STATE_PREFIX}/history/sluice/dev/dev-1.history.json",
    f"{STATE_PREFIX}/backups/sluice/dev/dev.1.json",
]
LISTED = [
    f"{STATE_PREFIX}/stacks/",
    f"{STATE_PREFIX}/locks/organization/sluice/dev/",
    f"{STATE_PREFIX}/history/sluice/dev/",
]
OTHERS_STATE = [
    *(
        state_ask("s3:GetObject", key)
        for key in ("prod/.pulumi/stacks/sluice/prod.json", ".pulumi/stacks/sluice/dev.json")
    ),
    *(
        state_ask("s3:GetObject", key)
        for key in ("dev2/.pulumi/meta.yaml", "dev/other.json", "prod/dev/.pulumi/meta.yaml")
    ),
    *map(list_ask, (None, "", "dev", "dev/", "prod/.pulumi/stacks/", ".pulumi/stacks/")),
    *(PermissionRequest("kms:Decrypt", key) for key in (OTHER_KEY, f"{STATE_KEY}2", STATE_KEY.replace("0a1b", "*"))),
]


@pytest.mark.parametrize("documents", [preview_policies, deploy_policies])
def test_a_role_reads_the_state_and_the_secrets_of_its_own_stack_and_of_no_other(documents: Any) -> None:
    document = merged_policy(documents(make_target("dev")))
    own_asks = [state_ask("s3:GetObject", key) for key in STATE_FILES] + [list_ask(prefix) for prefix in LISTED]
    own_asks.append(PermissionRequest("kms:Decrypt", STATE_KEY))
    assert [ask for ask in own_asks if not allowing_sids(document, ask)] == []
    assert [ask for ask in OTHERS_STATE if allowing_sids(document, ask)] == []


@pytest.mark.parametrize("action", ["s3:PutObject", "s3:DeleteObject"])
def test_the_deploying_role_alone_writes_state_and_only_its_own(action: str) -> None:
    own_asks = [state_ask(action, key) for key in STATE_FILES]
    other_asks = [
        state_ask(action, ask.resource.partition("/")[2]) for ask in OTHERS_STATE if ask.action == "s3:GetObject"
    ]
    assert len(other_asks) == 5
    deploying, previewing = (
        merged_policy(deploy_policies(make_target("dev"))),
        merged_policy(preview_policies(make_target("dev"))),
    )
    assert [ask for ask in own_asks if not allowing_sids(deploying, ask)] == []
    assert [ask for ask in other_asks if allowing_sids(deploying, ask)] == []
    assert [ask for ask in own_asks + other_asks if allowing_sids(previewing, ask)] == []
