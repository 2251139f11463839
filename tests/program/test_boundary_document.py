"""The permissions boundary: it takes nothing from any role of ours, and lets none out of its stack."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sluice.program.deployer.boundary import boundary_policy
from sluice.program.graph import ACCOUNT, Graph, run_program
from sluice.program.iam import PermissionRequest, allowing_sids, as_list, covers_pattern, patterns_meet
from tests.program.deployment import ALL_OPTIONS, make_names

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
KEY, TAG = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/77aa", {"aws:ResourceTag/stack": "dev"}


@pytest.fixture(scope="module")
def optional() -> Graph:
    """A stack with every option, and with the buckets under its key."""
    return run_program("dev", changed=ALL_OPTIONS | {"sluice:customer_key": "true"})


def boundary_document(stack: str) -> dict[str, Any]:
    (policy,) = boundary_policy(make_names(stack)).values()
    return policy


def boundary_of(role: str, stack: str) -> dict[str, Any]:
    """The boundary as it holds for a policy's role: what is only that of the one that forgets rows counts for no other."""
    by_role = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/sluice-{stack}-forget"}}
    statements = [dict(statement) for statement in boundary_document(stack)["Statement"]]
    of_forget = [statement for statement in statements if statement.get("Condition") == by_role]
    assert of_forget
    others = [statement for statement in statements if statement not in of_forget]
    for statement in of_forget:
        del statement["Condition"]
    return {"Statement": [*others, *(of_forget if role == "forget-role-policy" else [])]}


def granted_permissions(graph: Graph) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Each role's action on each resource, with its condition; the key's made-up ARN is a real one with the stack's tag."""
    for node in graph.nodes_of_type(ROLE_POLICY):
        for statement in json.loads(node.inputs["policy"])["Statement"]:
            assert statement["Effect"] == "Allow"
            for action in statement["Action"]:
                for resource in as_list(statement["Resource"]):
                    tagged = {"StringEquals": {"aws:ResourceTag/stack": graph.stack}}
                    own_key = resource == "arn:aws:fake:::key-key"
                    condition = statement.get("Condition", {})
                    yield (node.name, action, KEY if own_key else resource, tagged if own_key else condition)


def is_covered(policy: dict[str, Any], action: str, resource: str, condition: dict[str, Any]) -> bool:
    """Whether one statement lets through all that a role's statement grants: no condition, or the same one."""
    return any(
        any(covers_pattern(pattern, action) for pattern in statement["Action"])
        and any(covers_pattern(pattern, resource) for pattern in as_list(statement["Resource"]))
        and statement.get("Condition", condition) == condition
        for statement in policy["Statement"]
    )


def test_the_boundary_covers_every_statement_of_every_role(graph: Graph, optional: Graph, arriving: Graph) -> None:
    for declared in (graph, optional, arriving):
        grants = list(granted_permissions(declared))
        bounds = {name: boundary_of(name, declared.stack) for name, *_ in grants}
        assert len(bounds) >= 8
        assert [
            (name, action, resource)
            for name, action, resource, when in grants
            if not is_covered(bounds[name], action, resource, when)
        ] == []


def test_the_boundary_has_no_action_that_no_role_needs(optional: Graph) -> None:
    actions = {action for statement in boundary_document("dev")["Statement"] for action in statement["Action"]}
    assert actions == {action for _, action, _, _ in granted_permissions(optional)}


SHARED = {
    "PutMetrics *": "metrics have no resource: the boundary names their namespaces",
    f"UseKey arn:aws:kms:eu-west-1:{ACCOUNT}:key/*": "keys have no names: the boundary asks for the stack's tag",
    f"WriteLogs arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws-glue/crawlers:*": "one group for all crawlers",
    f"arn:aws:glue:eu-west-1:{ACCOUNT}:catalog": "one catalog for all stacks; databases and tables are named",
    f"arn:aws:glue:eu-west-1:{ACCOUNT}:database/default": "every session asks for it",
}


def test_the_boundary_reaches_nothing_of_another_stack(graphs: dict[str, Graph]) -> None:
    theirs = {
        (action, resource)
        for stack in ("prod", "staging")
        for _, action, resource, _ in granted_permissions(graphs[stack])
    }
    assert len(theirs) > 200
    reached = {
        shared
        for statement in boundary_document("dev")["Statement"]
        for pattern in as_list(statement["Resource"])
        for action, resource in theirs
        if action in statement["Action"] and patterns_meet(pattern, resource)
        for shared in ({f"{statement['Sid']} {pattern}", pattern} & SHARED.keys() or {f"{statement['Sid']} {pattern}"})
    }
    assert reached == SHARED.keys()


def bucket_arn(zone: str, key: str = "", stack: str = "dev") -> str:
    return f"arn:aws:s3:::sluice-{stack}-{zone}-{ACCOUNT}{key}"


BEYOND_BOUNDARY = [
    *(
        PermissionRequest(f"iam:{action}", f"arn:aws:iam::{ACCOUNT}:role/sluice-dev-trades-job")
        for action in ("PassRole", "PutRolePolicy")
    ),
    PermissionRequest("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
    *(
        PermissionRequest(f"kms:{action}", KEY, TAG)
        for action in ("PutKeyPolicy", "CreateGrant", "TagResource", "ScheduleKeyDeletion")
    ),
    *(PermissionRequest("kms:Decrypt", KEY, context) for context in ({}, {"aws:ResourceTag/stack": "prod"})),
    *(
        PermissionRequest(f"s3:{action}", bucket_arn("raw"))
        for action in ("PutBucketPolicy", "PutLifecycleConfiguration", "DeleteBucket", "PutBucketVersioning")
    ),
    *(
        PermissionRequest(f"s3:{action}", bucket_arn("raw", "/trades/1.csv"))
        for action in ("PutObject", "DeleteObject", "DeleteObjectVersion")
    ),
    *(
        PermissionRequest("s3:PutObject", bucket_arn("assets", key))
        for key in ("/code/job.py", "/contracts/trades/output.json")
    ),
    PermissionRequest("s3:GetObject", bucket_arn("logs", "/raw/2026-11-28")),
    PermissionRequest("s3:GetObject", bucket_arn("processed", "/parquet/trades/data/a.parquet", "prod")),
    PermissionRequest("s3:GetObject", "arn:aws:s3:::sluice-state/dev/.pulumi/stacks/sluice/dev.json"),
    *(
        PermissionRequest(f"glue:{action}", f"arn:aws:glue:eu-west-1:{ACCOUNT}:job/sluice-dev-trades")
        for action in ("UpdateJob", "CreateJob")
    ),
    PermissionRequest("glue:DeleteTable", f"arn:aws:glue:eu-west-1:{ACCOUNT}:table/sluice_dev/trades"),
    PermissionRequest("glue:StartJobRun", f"arn:aws:glue:eu-west-1:{ACCOUNT}:job/sluice-prod-trades"),
    PermissionRequest("sns:Publish", f"arn:aws:sns:eu-west-1:{ACCOUNT}:sluice-prod-alarms"),
    PermissionRequest("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/Billing"}),
]


@pytest.mark.parametrize("ask", BEYOND_BOUNDARY, ids=lambda ask: f"{ask.action} {ask.resource} {dict(ask.context)}")
def test_a_role_whose_policy_allows_everything_gets_no_further(ask: PermissionRequest) -> None:
    assert not allowing_sids(boundary_document("dev"), ask)
