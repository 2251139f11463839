"""Who deploys: the roles that GitHub takes."""

import json

import pytest

from components.names import Names
from sandbox.deployer import __main__ as command
from sandbox.deployer.policies import deploy, preview
from sandbox.deployer.target import Target
from sandbox.deployer.trust import ISSUER
from sandbox.graph import ACCOUNT, Graph, run
from sandbox.iam import Ask, allowing
from sandbox.resource_types import creating

STATE = ("my-state", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/state")


def target(stack: str) -> Target:
    return Target(Names("sluice", stack, "eu-west-1", ACCOUNT), *STATE)


def test_the_deploying_role_may_make_everything_that_is_declared(graph: Graph) -> None:
    document = deploy(target(graph.stack))
    assert [ask for ask in creating(graph) if not allowing(document, ask)] == []


def test_the_role_of_a_stack_with_a_warehouse_may_make_that_too_and_no_other_may() -> None:
    on = {"redshift": "true", "redshift_subnets": "subnet-1,subnet-2,subnet-3", "redshift_security_groups": "sg-1"}
    graph = run("prod", changed={f"sluice:{key}": value for key, value in on.items()})
    document = deploy(Target(target("prod").names, *STATE, redshift=True))
    assert {ask.action for ask in creating(graph)} > {"redshift-serverless:CreateNamespace"}
    assert [ask for ask in creating(graph) if not allowing(document, ask)] == []
    refused = {ask.action.split(":")[0] for ask in creating(graph) if not allowing(deploy(target("prod")), ask)}
    assert refused == {"redshift-serverless", "redshift-data", "secretsmanager", "iam", "kms"}
    assert len("".join(json.dumps(document).split())) <= 10240


def test_the_previewing_role_may_make_nothing_of_it(graph: Graph) -> None:
    document = preview(target(graph.stack))
    assert [ask for ask in creating(graph) if allowing(document, ask)] == []


def test_the_role_of_one_stack_makes_nothing_of_another(graphs: dict[str, Graph]) -> None:
    shared = {"kms:CreateKey", "kms:EnableKeyRotation", "kms:TagResource", "kms:CreateAlias"}
    document = deploy(target("dev"), destroyable=True)
    asks = [
        ask for ask in creating(graphs["prod"]) if not ask.resource.endswith(":catalog")
    ]  # one for all of an account
    assert [ask for ask in asks if allowing(document, ask) and ask.action not in shared] == []


@pytest.mark.parametrize("key", ["sales/2027-01-01.csv", "parquet/sales/data/a.parquet"])
def test_a_pull_request_reads_no_data(key: str) -> None:
    for zone in ("raw", "processed"):
        read = Ask("s3:GetObject", f"arn:aws:s3:::sluice-prod-{zone}-{ACCOUNT}/{key}")
        assert not allowing(preview(target("prod")), read)
        assert not allowing(deploy(target("prod")), read)


def test_a_pull_request_writes_no_state() -> None:
    write = Ask("s3:PutObject", "arn:aws:s3:::my-state/.pulumi/stacks/sluice/prod.json")
    assert not allowing(preview(target("prod")), write)
    assert allowing(deploy(target("prod")), write)


def test_what_files_start_takes_no_more_than_the_roles_have() -> None:
    arriving = run("dev", changed={"sluice:start": "arrival"})
    document = deploy(target("dev"))
    assert "Queue" in {node.type.rpartition(":")[2] for node in arriving.nodes.values()}
    assert [ask for ask in creating(arriving) if not allowing(document, ask)] == []
    assert [ask for ask in creating(arriving) if allowing(preview(target("dev")), ask)] == []


def test_roles_are_passed_only_to_the_services_that_take_them() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/sluice-prod-sales-job"
    document = deploy(target("prod"))
    for service in ("glue", "states", "scheduler"):
        assert allowing(document, Ask("iam:PassRole", role, {"iam:PassedToService": f"{service}.amazonaws.com"}))
    assert not allowing(document, Ask("iam:PassRole", role, {"iam:PassedToService": "lambda.amazonaws.com"}))
    assert not allowing(document, Ask("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/admin"))


def test_only_a_destroyable_stack_loses_its_objects() -> None:
    gone = Ask("s3:DeleteObjectVersion", f"arn:aws:s3:::sluice-dev-raw-{ACCOUNT}/sales/1.csv")
    assert allowing(deploy(target("dev"), destroyable=True), gone)
    assert not allowing(deploy(target("dev")), gone)


@pytest.mark.parametrize(("role", "environment"), [("preview", "preview-dev"), ("deploy", "dev")])
def test_the_documents_are_printed_for_aws(role: str, environment: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = [
        "--repository",
        "me/lake",
        "--owner-id",
        "7",
        "--repository-id",
        "42",
        "--stack",
        "dev",
        "--account",
        ACCOUNT,
        "--region",
        "eu-west-1",
    ]
    assert command.main([role, *given, "--state-bucket", STATE[0], "--state-key", STATE[1]]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["trust"]["Statement"][0]["Condition"]["StringEquals"][f"{ISSUER}:sub"].endswith(environment)
    # an inline policy of a role has at most 10240 characters, white space not counted (AWS IAM, Quotas)
    assert len("".join(json.dumps(printed["policy"]).split())) <= 10240
