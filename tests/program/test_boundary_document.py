"""The permissions boundary: it takes nothing from any role of ours, and lets none out of its stack."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sluice.program.deployer.boundary import boundary
from sluice.program.graph import ACCOUNT, Graph, run
from sluice.program.iam import Ask, allowing, covers, listed, meet
from tests.program.deployment import ON, names

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
KEY, TAG = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/77aa", {"aws:ResourceTag/stack": "dev"}


@pytest.fixture(scope="module")
def optional() -> Graph:
    """A stack with every option, and with the buckets under its key."""
    return run("dev", changed=ON | {"sluice:customer_key": "true"})


def document(stack: str) -> dict[str, Any]:
    (policy,) = boundary(names(stack)).values()
    return policy


def granted(graph: Graph) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Each role's action on each resource, with its condition; the key's made-up ARN is a real one with the stack's tag."""
    for node in graph.of(ROLE_POLICY):
        for statement in json.loads(node.inputs["policy"])["Statement"]:
            assert statement["Effect"] == "Allow"
            for action in statement["Action"]:
                for resource in listed(statement["Resource"]):
                    tagged = {"StringEquals": {"aws:ResourceTag/stack": graph.stack}}
                    own_key = resource == "arn:aws:fake:::key-key"
                    condition = statement.get("Condition", {})
                    yield (node.name, action, KEY if own_key else resource, tagged if own_key else condition)


def covered(policy: dict[str, Any], action: str, resource: str, condition: dict[str, Any]) -> bool:
    """Whether one statement lets through all that a role's statement grants: no condition, or the same one."""
    return any(
        any(covers(pattern, action) for pattern in statement["Action"])
        and any(covers(pattern, resource) for pattern in listed(statement["Resource"]))
        and statement.get("Condition", condition) == condition
        for statement in policy["Statement"]
    )


def test_the_boundary_covers_every_statement_of_every_role(graph: Graph, optional: Graph, arriving: Graph) -> None:
    for declared in (graph, optional, arriving):
        policy, grants = document(declared.stack), list(granted(declared))
        assert len({name for name, *_ in grants}) >= 8
        assert [
            (name, action, resource)
            for name, action, resource, when in grants
            if not covered(policy, action, resource, when)
        ] == []


def test_the_boundary_has_no_action_that_no_role_needs(optional: Graph) -> None:
    actions = {action for statement in document("dev")["Statement"] for action in statement["Action"]}
    assert actions == {action for _, action, _, _ in granted(optional)}


SHARED = {
    "PutMetrics *": "metrics have no resource: the boundary names their namespaces",
    f"UseKey arn:aws:kms:eu-west-1:{ACCOUNT}:key/*": "keys have no names: the boundary asks for the stack's tag",
    f"WriteLogs arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws-glue/crawlers:*": "one group for all crawlers",
    f"arn:aws:glue:eu-west-1:{ACCOUNT}:catalog": "one catalog for all stacks; databases and tables are named",
    f"arn:aws:glue:eu-west-1:{ACCOUNT}:database/default": "every session asks for it",
}


def test_the_boundary_reaches_nothing_of_another_stack(graphs: dict[str, Graph]) -> None:
    theirs = {(action, resource) for stack in ("prod", "staging") for _, action, resource, _ in granted(graphs[stack])}
    assert len(theirs) > 200
    reached = {
        shared
        for statement in document("dev")["Statement"]
        for pattern in listed(statement["Resource"])
        for action, resource in theirs
        if action in statement["Action"] and meet(pattern, resource)
        for shared in ({f"{statement['Sid']} {pattern}", pattern} & SHARED.keys() or {f"{statement['Sid']} {pattern}"})
    }
    assert reached == SHARED.keys()


def bucket(zone: str, key: str = "", stack: str = "dev") -> str:
    return f"arn:aws:s3:::sluice-{stack}-{zone}-{ACCOUNT}{key}"


BEYOND = [
    *(
        Ask(f"iam:{action}", f"arn:aws:iam::{ACCOUNT}:role/sluice-dev-sales-job")
        for action in ("PassRole", "PutRolePolicy")
    ),
    Ask("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
    *(
        Ask(f"kms:{action}", KEY, TAG)
        for action in ("PutKeyPolicy", "CreateGrant", "TagResource", "ScheduleKeyDeletion")
    ),
    *(Ask("kms:Decrypt", KEY, context) for context in ({}, {"aws:ResourceTag/stack": "prod"})),
    *(
        Ask(f"s3:{action}", bucket("raw"))
        for action in ("PutBucketPolicy", "PutLifecycleConfiguration", "DeleteBucket", "PutBucketVersioning")
    ),
    *(
        Ask(f"s3:{action}", bucket("raw", "/sales/1.csv"))
        for action in ("PutObject", "DeleteObject", "DeleteObjectVersion")
    ),
    *(Ask("s3:PutObject", bucket("assets", key)) for key in ("/code/job.py", "/contracts/sales/output.json")),
    Ask("s3:GetObject", bucket("logs", "/raw/2026-11-28")),
    Ask("s3:GetObject", bucket("processed", "/parquet/sales/data/a.parquet", "prod")),
    Ask("s3:GetObject", "arn:aws:s3:::sluice-state/dev/.pulumi/stacks/sluice/dev.json"),
    *(
        Ask(f"glue:{action}", f"arn:aws:glue:eu-west-1:{ACCOUNT}:job/sluice-dev-sales")
        for action in ("UpdateJob", "CreateJob")
    ),
    Ask("glue:DeleteTable", f"arn:aws:glue:eu-west-1:{ACCOUNT}:table/sluice_dev/sales"),
    Ask("glue:StartJobRun", f"arn:aws:glue:eu-west-1:{ACCOUNT}:job/sluice-prod-sales"),
    Ask("sns:Publish", f"arn:aws:sns:eu-west-1:{ACCOUNT}:sluice-prod-alarms"),
    Ask("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/Billing"}),
]


@pytest.mark.parametrize("ask", BEYOND, ids=lambda ask: f"{ask.action} {ask.resource} {dict(ask.context)}")
def test_a_role_whose_policy_allows_everything_gets_no_further(ask: Ask) -> None:
    assert not allowing(document("dev"), ask)
