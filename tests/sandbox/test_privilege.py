"""Least privilege, both ways: a run asks for nothing that its role lacks, and the role has nothing that no run asks for.

The requests are those that the emulator got under the keys of the job's role, on good days and bad ones.
"""

import copy
from typing import Any

import pytest

from components.access.policy_documents import UNEXERCISED_GRANTS
from sluice.program import iam, request_permissions
from sluice.program.iam import PermissionRequest
from sluice.sandbox.emulator import recorder
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.lake import Run
from tests.sandbox.conftest import Lake, ReplayResult

REASONED: set[tuple[str, ...]] = {tuple(entry.split()) for entry in UNEXERCISED_GRANTS}


@pytest.fixture(scope="package")
def document(lake: Lake) -> dict[str, Any]:
    """The policy document of the job's role, as it was deployed."""
    job = lake.emulator.client("glue").get_job(JobName=lake.trades.job)["Job"]
    role, iam_api = job["Role"].rsplit("/", 1)[-1], lake.emulator.client("iam")
    [name] = iam_api.list_role_policies(RoleName=role)["PolicyNames"]
    return iam_api.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


@pytest.fixture(scope="package")
def asked(
    lake: Lake,
    good: Run,
    bad_input: Run,
    nothing_unread: Run,
    aside: Run,
    replayed: ReplayResult,
) -> dict[PermissionRequest, request_permissions.AwsRequest]:
    """Each permission that the runs needed, with a request that needed it."""
    request_by_ask = {}
    for run in (
        *(run_of_day.id for run_of_day in (good, bad_input, aside, nothing_unread)),
        replayed.run_id,
    ):
        sent = recorder.recorded_requests(lake.emulator, run)
        assert {"s3", "monitoring"} <= {request.service for request in sent}
        for request in sent:
            request_by_ask |= {
                frozen_ask(ask): request for ask in request_permissions.required_permissions(request, REGION, ACCOUNT)
            }
    return request_by_ask


def test_every_request_of_a_run_is_allowed_by_its_role(
    asked: dict[PermissionRequest, request_permissions.AwsRequest], document: dict[str, Any]
) -> None:
    assert {request.service for request in asked.values()} == {"s3", "glue", "monitoring"}
    refused = {ask: request for ask, request in asked.items() if not iam.allowing_sids(document, ask)}
    assert refused == {}


def test_every_permission_of_the_role_is_needed_or_carries_its_reason(
    asked: dict[PermissionRequest, request_permissions.AwsRequest], document: dict[str, Any]
) -> None:
    assert granted_actions(document) - needed_actions(document, asked) - REASONED == set()


def test_a_reason_stands_only_for_what_no_run_needs(
    asked: dict[PermissionRequest, request_permissions.AwsRequest], document: dict[str, Any]
) -> None:
    reasoned = REASONED & granted_actions(document)
    assert reasoned
    assert reasoned & needed_actions(document, asked) == set()


def test_a_request_that_loses_its_permission_is_found(
    asked: dict[PermissionRequest, request_permissions.AwsRequest], document: dict[str, Any]
) -> None:
    poorer = without_action(document, "ReadCodeAndContracts", "s3:GetObject")
    refused = {asked[ask].key.split("/")[0] for ask in asked if not iam.allowing_sids(poorer, ask)}
    assert refused == {"code", "contracts"}


def test_a_permission_that_nobody_needs_is_found(
    asked: dict[PermissionRequest, request_permissions.AwsRequest], document: dict[str, Any]
) -> None:
    richer = copy.deepcopy(document)
    richer["Statement"][0]["Action"].append("s3:DeleteBucket")
    added = (richer["Statement"][0]["Sid"], "s3:DeleteBucket")
    assert added in granted_actions(richer) - needed_actions(richer, asked) - REASONED


def test_requests_are_told_apart_by_the_keys_of_their_run(lake: Lake, good: Run, aside: Run) -> None:
    verdicts = {
        run.id: {
            request.key for request in recorder.recorded_requests(lake.emulator, run.id) if request.method == "PUT"
        }
        for run in (good, aside)
    }
    for run in (good, aside):
        assert [run_id for run_id in verdicts if f"verdicts/trades/{run.id}.json" in verdicts[run_id]] == [run.id]


def granted_actions(document: dict[str, Any]) -> set[tuple[str, ...]]:
    """Return each statement's Sid with each of its actions."""
    return {
        (statement["Sid"], action) for statement in document["Statement"] for action in iam.as_list(statement["Action"])
    }


def needed_actions(
    document: dict[str, Any], asks: dict[PermissionRequest, request_permissions.AwsRequest]
) -> set[tuple[str, ...]]:
    """Return those that cannot be taken away without refusing a request."""
    return {
        (sid, action)
        for sid, action in granted_actions(document)
        if not all(
            iam.allowing_sids(without_action(document, sid, action), ask) for ask in asks if ask.action == action
        )
    }


def without_action(document: dict[str, Any], sid: str, action: str) -> dict[str, Any]:
    """Return a copy of the document that lacks one action of one statement."""
    poorer = copy.deepcopy(document)
    [statement] = [candidate for candidate in poorer["Statement"] if candidate["Sid"] == sid]
    statement["Action"].remove(action)
    return poorer


def frozen_ask(ask: PermissionRequest) -> PermissionRequest:
    """Return the ask in a form that a dictionary can hold."""
    return PermissionRequest(ask.action, ask.resource, _Context(ask.context))


class _Context(dict[str, Any]):
    """A context that is never changed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))
