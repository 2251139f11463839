"""Least privilege, both ways: a run asks for nothing that its role lacks, and the role has nothing that no run asks for.

The requests are those that the emulator got under the keys of the job's role, on good days and bad ones.
"""

import copy
from typing import Any

import pytest

from components.access.policy_documents import UNSEEN
from sluice.program import iam, request_permissions
from sluice.program.iam import Ask
from sluice.sandbox.emulator import recorder
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.lake import Run
from tests.sandbox.conftest import Lake, Told

REASONED: set[tuple[str, ...]] = {tuple(entry.split()) for entry in UNSEEN}


@pytest.fixture(scope="package")
def document(lake: Lake) -> dict[str, Any]:
    """The policy document of the job's role, as it was deployed."""
    job = lake.emulator.client("glue").get_job(JobName=lake.sales.job)["Job"]
    role, iam_api = job["Role"].rsplit("/", 1)[-1], lake.emulator.client("iam")
    [name] = iam_api.list_role_policies(RoleName=role)["PolicyNames"]
    return iam_api.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


@pytest.fixture(scope="package")
def asked(
    lake: Lake, good: Run, bad_input: Run, bad_output: Run, mended: Run, nothing_unread: Run, aside: Run, replayed: Told
) -> dict[Ask, request_permissions.Request]:
    """Each permission that the runs needed, with a request that needed it."""
    found = {}
    for run in (*(one.id for one in (good, bad_input, bad_output, mended, nothing_unread, aside)), replayed.run):
        sent = recorder.requests(lake.emulator, run)
        assert {"s3", "monitoring"} <= {request.service for request in sent}
        for request in sent:
            found |= {frozen(ask): request for ask in request_permissions.asks(request, REGION, ACCOUNT)}
    return found


def test_every_request_of_a_run_is_allowed_by_its_role(
    asked: dict[Ask, request_permissions.Request], document: dict[str, Any]
) -> None:
    assert {request.service for request in asked.values()} == {"s3", "glue", "monitoring"}
    refused = {ask: request for ask, request in asked.items() if not iam.allowing(document, ask)}
    assert refused == {}


def test_every_permission_of_the_role_is_needed_or_carries_its_reason(
    asked: dict[Ask, request_permissions.Request], document: dict[str, Any]
) -> None:
    assert granted(document) - needed(document, asked) - REASONED == set()


def test_a_reason_stands_only_for_what_no_run_needs(
    asked: dict[Ask, request_permissions.Request], document: dict[str, Any]
) -> None:
    reasoned = REASONED & granted(document)
    assert reasoned
    assert reasoned & needed(document, asked) == set()


def test_a_request_that_loses_its_permission_is_found(
    asked: dict[Ask, request_permissions.Request], document: dict[str, Any]
) -> None:
    poorer = without(document, "ReadCodeAndContracts", "s3:GetObject")
    refused = {asked[ask].key.split("/")[0] for ask in asked if not iam.allowing(poorer, ask)}
    assert refused == {"code", "contracts"}


def test_a_permission_that_nobody_needs_is_found(
    asked: dict[Ask, request_permissions.Request], document: dict[str, Any]
) -> None:
    richer = copy.deepcopy(document)
    richer["Statement"][0]["Action"].append("s3:DeleteBucket")
    added = (richer["Statement"][0]["Sid"], "s3:DeleteBucket")
    assert added in granted(richer) - needed(richer, asked) - REASONED


def test_requests_are_told_apart_by_the_keys_of_their_run(lake: Lake, good: Run, mended: Run) -> None:
    verdicts = {
        run.id: {request.key for request in recorder.requests(lake.emulator, run.id) if request.method == "PUT"}
        for run in (good, mended)
    }
    for run in (good, mended):
        assert [one for one in verdicts if f"verdicts/sales/{run.id}.json" in verdicts[one]] == [run.id]


def granted(document: dict[str, Any]) -> set[tuple[str, ...]]:
    """Return each statement's Sid with each of its actions."""
    return {(one["Sid"], action) for one in document["Statement"] for action in iam.listed(one["Action"])}


def needed(document: dict[str, Any], asked: dict[Ask, request_permissions.Request]) -> set[tuple[str, ...]]:
    """Return those that cannot be taken away without refusing a request."""
    return {
        (sid, action)
        for sid, action in granted(document)
        if not all(iam.allowing(without(document, sid, action), ask) for ask in asked if ask.action == action)
    }


def without(document: dict[str, Any], sid: str, action: str) -> dict[str, Any]:
    """Return a copy of the document that lacks one action of one statement."""
    poorer = copy.deepcopy(document)
    [statement] = [one for one in poorer["Statement"] if one["Sid"] == sid]
    statement["Action"].remove(action)
    return poorer


def frozen(ask: Ask) -> Ask:
    """Return the ask in a form that a dictionary can hold."""
    return Ask(ask.action, ask.resource, _Context(ask.context))


class _Context(dict[str, Any]):
    """A context that is never changed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))
