"""Every role of a stack gets the permissions boundary that the stack names, and that one only."""

import re

import pytest

from components import mock_run
from components.compute import wheels
from components.names import Names
from components.settings.config_reader import BadConfiguration
from components.settings.stack_settings import parse_settings
from sluice.program.graph import ACCOUNT, STACKS, Graph, run_program
from sluice.program.plan import plan_stack
from sluice.program.policies import broken_policies
from sluice.program.policies.identity import ROLE
from tests.program.deployment import ONE_DATASET
from tests.program.test_settings import Untouched, raw_settings

ARN = f"arn:aws:iam::{ACCOUNT}:policy/sluice-dev-boundary"
REDSHIFT = {
    "sluice:redshift": "true",
    "sluice:redshift_subnets": "subnet-1, subnet-2, subnet-3",
    "sluice:redshift_security_groups": "sg-1",
}
WRONG = [
    "sluice-dev-boundary",
    ARN.replace("sluice-dev", "sluice-prod"),
    ARN.replace("-boundary", "-boundary2"),
    ARN.replace("aws", "aws-cn", 1),
    ARN.replace(ACCOUNT, "12345"),
    ARN.replace(":policy/", ":policy/path/"),
    "arn:aws:iam::aws:policy/AdministratorAccess",
    f"{ARN}\n",
    " ",
]


@pytest.fixture(scope="module")
def under() -> Graph:
    """A stack with every kind of role, under a boundary."""
    return run_program("dev", changed={"sluice:boundary": ARN, "sluice:start": "arrival", **REDSHIFT})


def test_every_role_has_the_boundary(under: Graph) -> None:
    roles = {role.inputs["name"]: role.inputs.get("permissionsBoundary") for role in under.nodes_of_type(ROLE)}
    assert {"sluice-dev-trades-job", "sluice-dev-flow-states", "sluice-dev-redshift"} <= set(roles)
    assert set(roles.values()) == {ARN}
    assert broken_policies(under) == {}


def test_a_stack_without_one_declares_none(graph: Graph) -> None:
    assert [role.name for role in graph.nodes_of_type(ROLE) if "permissionsBoundary" in role.inputs] == []


def test_a_boundary_changes_roles_and_nothing_else(under: Graph) -> None:
    before = run_program("dev", changed={"sluice:start": "arrival", **REDSHIFT})
    assert set(before.nodes) == set(under.nodes)
    changed = {
        node.type
        for urn, node in under.nodes.items()
        if node.custom and _plain_text(node) != _plain_text(before.nodes[urn])
    }
    assert changed == {ROLE}


def _plain_text(node) -> str:
    return re.sub(r" at 0x\w+", "", str(node.inputs))


@pytest.mark.parametrize("arn", WRONG)
def test_anything_but_the_stacks_own_boundary_is_refused(arn: str) -> None:
    with pytest.raises(
        BadConfiguration, match=r"sluice:boundary is .*: takes arn:aws:iam::<account>:policy/sluice-dev-b"
    ):
        parse_settings(raw_settings(boundary=arn), "dev", "eu-west-1")


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_boundary_is_of_the_regions_partition(region: str, partition: str) -> None:
    arn = ARN.replace("arn:aws:", f"arn:{partition}:")
    assert parse_settings(raw_settings(boundary=arn), "dev", region).names_for(ACCOUNT).boundary == arn
    with pytest.raises(BadConfiguration, match=f"takes arn:{partition}:iam"):
        parse_settings(raw_settings(boundary=ARN.replace("arn:aws:", "arn:aws-iso:")), "dev", region)


def test_another_accounts_boundary_is_refused_before_anything_is_declared() -> None:
    cloud = Untouched()
    elsewhere = ARN.replace(ACCOUNT, "999999999999")
    with pytest.raises(BadConfiguration, match=f'is "{elsewhere}": takes {ARN}, since the account .* is {ACCOUNT}'):
        run_program("dev", cloud, {"sluice:boundary": elsewhere})
    assert cloud.resources_requested == []


def test_github_deploys_no_stack_whose_roles_have_no_boundary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mock_run, "MockMonitor", Names)  # so that a run is no longer seen to be under mocks
    monkeypatch.setattr(wheels, "bundle_faults", list)
    cloud = Untouched()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with pytest.raises(BadConfiguration, match=r"this run is GitHub's.*sluice deployer boundary"):
        run_program("dev", cloud)
    assert cloud.resources_requested == []
    run_program("dev", cloud, {"sluice:boundary": ARN, **ONE_DATASET})
    monkeypatch.setenv("GITHUB_ACTIONS", "false")
    run_program("dev", cloud, ONE_DATASET)


def test_a_run_under_mocks_is_nobodys_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run_program("dev", changed=ONE_DATASET).nodes_of_type(ROLE)


def test_a_plan_warns_of_a_stack_without_a_boundary_but_for_the_emulators(
    graphs: dict[str, Graph], under: Graph
) -> None:
    warned = {
        stack
        for stack in STACKS
        if any("sluice:boundary is empty" in line for line in plan_stack(graphs[stack])["warnings"])
    }
    assert warned == set(STACKS) - {"local"}
    assert not [line for line in plan_stack(under)["warnings"] if "boundary" in line]
