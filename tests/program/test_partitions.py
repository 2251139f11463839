"""A stack in China or GovCloud names its own partition in every ARN, and nobody writes an ARN or a Deny by hand."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import botocore
import pytest

from components.access.policy_documents import deny
from components.names import Names, region_partition
from sluice.program.deployer.boundary import boundary_policy
from sluice.program.deployer.policies import deploy_policies, preview_policies
from sluice.program.deployer.target import DeployTarget
from sluice.program.deployer.trust import github_trust, repository_of
from sluice.program.graph import ACCOUNT, ROOT, Graph, run_program
from sluice.program.iam import allowing_sids
from sluice.program.policies import broken_policies
from sluice.program.resource_types import step_requests
from tests.program.deployment import merged_policy

REGIONS = {"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}
SOURCES = sorted([*(ROOT / "components").rglob("*.py"), *(ROOT / "sluice" / "program" / "deployer").rglob("*.py")])
ARN = re.compile(r"\barn:([\w-]*):")
NETWORK = {
    "sluice:redshift": "true",
    "sluice:redshift_subnets": "subnet-1, subnet-2, subnet-3",
    "sluice:redshift_security_groups": "sg-1",
    "sluice:start": "arrival",
}


@pytest.fixture(scope="module", params=sorted(REGIONS))
def abroad(request: pytest.FixtureRequest) -> Graph:
    """A stack with all that a stack can have, in another partition."""
    return run_program("prod", changed={"aws:region": request.param, **NETWORK})


def partitions_in(text: str) -> set[str]:
    partition_names = set(ARN.findall(text))
    assert partition_names
    return partition_names


def test_every_arn_that_a_stack_declares_is_of_its_own_partition(abroad: Graph) -> None:
    declared = json.dumps([node.inputs for node in abroad.nodes.values()], default=str)
    assert partitions_in(declared) == {REGIONS[abroad.config["aws:region"]]}
    assert ":states:::glue:startJobRun.sync" in declared
    assert ":states:::aws-sdk:sqs:receiveMessage" in declared


def test_a_stack_abroad_holds_to_every_policy(abroad: Graph) -> None:
    assert broken_policies(abroad) == {}


def test_the_deploying_role_of_a_stack_abroad_makes_all_that_it_declares(abroad: Graph) -> None:
    names = Names("sluice", "prod", abroad.config["aws:region"], ACCOUNT)
    document = merged_policy(
        deploy_policies(DeployTarget(names, "state", names.arn("kms", "key/k"), redshift=True, destroyable=True))
    )
    asks = step_requests(abroad, "make", "read", "change", "remove")
    assert {ask.resource.split(":")[1] for ask in asks if ask.resource != "*"} == {names.partition}
    assert [ask for ask in asks if not allowing_sids(document, ask)] == []


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_every_arn_of_the_deploying_roles_is_of_the_stacks_partition(region: str) -> None:
    names = Names("sluice", "prod", region, ACCOUNT)
    target = DeployTarget(names, "state", names.arn("kms", "key/k"), redshift=True, destroyable=True)
    trusted = github_trust(repository_of("me/lake", "1", "2"), names, "deploy")
    for document in (preview_policies(target), deploy_policies(target), boundary_policy(names), trusted):
        assert partitions_in(json.dumps(document)) == {REGIONS[region]}


def test_partitions_and_suffixes_are_those_that_the_sdk_knows() -> None:
    data = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())["partitions"]
    regions = {
        region: (part["id"], part["outputs"]["dnsSuffix"])
        for part in data
        for region in part["regions"]
        if not region.endswith("-global")
    }
    assert len(set(regions.values())) == 8
    assert {region: region_partition(region) for region in regions} == regions


def test_logs_alone_goes_by_region_and_suffix() -> None:
    assert Names("sluice", "prod", "eu-west-1", ACCOUNT).logs_principal == "logs.eu-west-1.amazonaws.com"
    assert Names("sluice", "prod", "cn-north-1", ACCOUNT).logs_principal == "logs.cn-north-1.amazonaws.com.cn"
    assert Names("sluice", "prod", "us-gov-east-1", ACCOUNT).logs_principal == "logs.us-gov-east-1.amazonaws.com"


def string_constants(tree: ast.AST) -> Iterator[str]:
    """The texts of a module, f-strings with `{}` for what is filled in; what documents it is left out."""
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def count_denials(tree: ast.AST) -> int:
    """How many mappings of a module have Deny for their Effect."""
    return sum(
        isinstance(key, ast.Constant)
        and key.value == "Effect"
        and isinstance(value, ast.Constant)
        and value.value == "Deny"
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
    )


def test_no_arn_is_written_with_a_partition() -> None:
    trees = {path.name: ast.parse(path.read_text()) for path in SOURCES}
    assert list(string_constants(ast.parse('"""arn:aws:x"""\nf"arn:aws:{a}"\n'))) == ["arn:aws:{}", "arn:aws:"]
    assert [name for name, tree in trees.items() if any("arn:aws" in text for text in string_constants(tree))] == []


def test_every_deny_is_made_by_one_function() -> None:
    counts = {path.name: count_denials(ast.parse(path.read_text())) for path in SOURCES}
    assert {name: count for name, count in counts.items() if count} == {"policy_documents.py": 1}


def test_a_deny_has_its_sid_first_and_names_whom_it_refuses_where_a_resource_says_it() -> None:
    plain = deny("Refuse", "s3:*", "*", Bool={"aws:SecureTransport": "false"})
    assert list(plain) == ["Sid", "Effect", "Action", "Resource", "Condition"]
    assert plain["Effect"] == "Deny"
    assert deny("Refuse", "s3:*", "*", principal="*")["Principal"] == "*"
