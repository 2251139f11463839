"""A new type of resource, or a new action, is done only when every place knows it."""

from dataclasses import replace
from typing import Any

import pytest

from components.access.policy_documents import Document, allow, policy_document
from sluice.program.bill.bill import monthly_bill
from sluice.program.condition_keys import PAGE
from sluice.program.deployer.boundary import boundary_policy
from sluice.program.deployer.policies import deploy_policies
from sluice.program.deployer.reach import describe_stack, is_known_resource
from sluice.program.deployer.reach.command import github_trusts
from sluice.program.graph import Graph
from sluice.program.policies import POLICIES
from sluice.program.resource_types import TYPES
from sluice.program.resource_types.costs import COSTS
from sluice.sandbox.recipes import RECIPES
from tests.program.completeness import BY_TESTS, NOT_EMULATED, Places, describe_gap, missing_places, unneeded_actions
from tests.program.deployment import make_target, merged_policy

QUEUE, JOB = "aws:sqs/queue:Queue", "aws:glue/job:Job"
FULL_TARGET = make_target("prod", redshift=True, destroyable=True)
BEYOND_BOUNDARY = {
    "iam:AttachRolePolicy": "as far as the boundary goes: for a policy that outgrows a role's own",
    "iam:DetachRolePolicy": "as far as the boundary goes: undoes the same",
    "iam:CreateServiceLinkedRole": "Redshift's own role, which the first namespace of an account makes",
    "kms:Encrypt": "Pulumi's own: the secrets in the state",
    "s3:AbortMultipartUpload": "Pulumi's own: an upload of the state that breaks off",
}
"""What the deploying role has though no type of resource needs it, and why."""


@pytest.fixture(scope="module")
def places(optional: Graph) -> Places:
    (bounded,) = boundary_policy(FULL_TARGET.names).values()
    account = describe_stack(FULL_TARGET, optional, github_trusts(FULL_TARGET.names, "owner/repository")).account
    return Places(
        deploying=merged_policy(deploy_policies(FULL_TARGET)),
        boundary=bounded,
        walked=lambda arn: is_known_resource(account, arn),
        recipes=RECIPES,
        costs=COSTS,
        bill=[line.what for line in monthly_bill(optional)],
        policies=sorted(POLICIES, key=lambda policy: policy.id == "condition.sourced"),  # slow: one before it is enough
        page=PAGE.read_text(encoding="utf-8"),
    )


def test_every_type_that_is_declared_is_known_everywhere(optional: Graph, places: Places) -> None:
    kinds = {node.type for node in optional.nodes.values() if node.custom}
    gaps = [line for kind in sorted(kinds) if (line := describe_gap(kind, optional, places))]
    assert not gaps, "\n".join(gaps)


def test_no_place_knows_a_type_that_nothing_declares(optional: Graph) -> None:
    declared = {node.type for node in optional.nodes.values() if node.custom}
    assert set(TYPES) == set(COSTS) == declared
    assert set(BY_TESTS) <= declared
    assert set(RECIPES) >= {kind for kind in declared if not kind.startswith(NOT_EMULATED)}


def test_a_type_that_nobody_knows_is_named_with_each_place(optional: Graph, places: Places) -> None:
    queue = next(node for node in optional.nodes.values() if node.type == QUEUE)
    node = replace(queue, type="aws:x/y:Y", urn="y", name="y", inputs={})
    graph = Graph("prod", optional.config, optional.nodes | {"y": node}, optional.outputs)
    assert describe_gap("aws:x/y:Y", graph, places).split("; ") == [
        "aws:x/y:Y: no row in sluice/program/resource_types, so deploying role, boundary and deployer reach do not know it",
        "no recipe in sluice/sandbox/recipes",
        "not in the bill, and no reason in sluice/program/resource_types/costs.py",
        "no policy looks at it",
        "docs/security.md does not show `x.Y`",
    ]


def without_service(documents: Document, service: str) -> Document:
    return policy_document(
        *(statement for statement in documents["Statement"] if not statement["Action"][0].startswith(f"{service}:"))
    )


PLACES = [
    ("deploying", lambda old: without_service(old, "glue"), JOB, "the deploying role may not glue:CreateJob, "),
    ("boundary", lambda old: policy_document(allow("A", "sqs:*", "*")), QUEUE, "the boundary leaves sqs:CreateQueue, "),
    ("walked", lambda old: lambda arn: ":sqs:" not in arn, QUEUE, "deployer reach does not know arn:aws:sqs:"),
    (
        "recipes",
        lambda old: {kind: old[kind] for kind in old if kind != QUEUE},
        QUEUE,
        "no recipe in sluice/sandbox/recipes",
    ),
    (
        "costs",
        lambda old: {kind: old[kind] for kind in old if kind != QUEUE},
        QUEUE,
        "not in the bill, and no reason in ",
    ),
    (
        "bill",
        lambda old: [line for line in old if not line.endswith(": runs")],
        JOB,
        "not in the bill, and no reason in ",
    ),
    ("policies", lambda old: [], QUEUE, "no policy looks at it"),
    ("page", lambda old: old.replace("`sqs.Queue`", "queues"), QUEUE, "docs/security.md does not show `sqs.Queue`"),
]


@pytest.mark.parametrize(("place", "change", "kind", "fault"), PLACES, ids=[place for place, *_ in PLACES])
def test_each_place_that_lacks_a_type_is_named(
    optional: Graph, places: Places, place: str, change: Any, kind: str, fault: str
) -> None:
    assert list(missing_places(kind, optional, places)) == []
    (gap_text,) = missing_places(kind, optional, replace(places, **{place: change(getattr(places, place))}))
    assert gap_text.startswith(fault)


def test_the_deploying_role_has_no_action_that_no_type_needs() -> None:
    assert unneeded_actions(deploy_policies(FULL_TARGET).values()) == set(BEYOND_BOUNDARY)


def test_a_surplus_action_is_named() -> None:
    assert unneeded_actions([policy_document(allow("A", "sqs:CreateQueue sqs:PurgeQueue lambda:*", "*"))]) == {
        "sqs:PurgeQueue",
        "lambda:*",
    }
