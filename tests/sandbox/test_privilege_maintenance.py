"""Least privilege of the maintenance, both ways, on a lake of its own.

A good day is published by its job, the small files of a week are appended as runs would have left them, and the deployed
maintenance runs once; the requests are those that the emulator got under the keys of its role.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from components.access.maintenance_policy import UNSEEN_IN_MAINTENANCE
from sluice.operations import job_runs
from sluice.operations.job_runs import Ended
from sluice.program import iam, request_permissions
from sluice.program.iam import Ask
from sluice.sandbox import published_rows as rows
from sluice.sandbox.deploy import deploy
from sluice.sandbox.emulator import emulator, recorder
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.lake import Dataset, datasets
from tests.sandbox.conftest import DAYS
from tests.sandbox.test_privilege import frozen, granted, needed

pytestmark = pytest.mark.long
REASONED: set[tuple[str, ...]] = {tuple(entry.split()) for entry in UNSEEN_IN_MAINTENANCE}
DAYS_MORE = 5
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Kept:
    """A dataset after its maintenance: the rows before and after, how that ended, what it reported and what it may do."""

    customers: Dataset
    rows: tuple[Rows, Rows]
    ended: Ended
    report: dict[str, Any]
    document: dict[str, Any]

    @property
    def asked(self) -> dict[Ask, request_permissions.Request]:
        """Each permission that it needed, with a request that needed it."""
        sent = recorder.requests(self.customers.emulator, self.ended.id)
        return {frozen(ask): request for request in sent for ask in request_permissions.asks(request, REGION, ACCOUNT)}


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    with emulator.running() as running:
        deploy(running)
        customers = datasets(running)["customers"]
        customers.upload((DAYS / "customers.jsonl").read_bytes(), "2025-01-17.jsonl")
        assert customers.run().state == "SUCCEEDED"
        append(customers, DAYS_MORE)
        before, job = rows.published(customers, 1000), f"{customers.job}-maintain"
        ended = job_runs.run(replace(customers.deployed, job=job), {"--snapshot-days": "0"})
        assert ended.state == "SUCCEEDED", ended.message
        report = customers.deployed.json(f"{customers.arguments['--verdicts']}maintenance/latest.json")
        yield Kept(customers, (before, rows.published(customers, 1000)), ended, report, document_of(customers, job))


def append(customers: Dataset, times: int) -> None:
    """Append the table's own rows, a snapshot each time, whose summary says what a run's does."""
    table = customers.emulator.account.table(customers.deployed.table)
    said = {key: value for key, value in customers.deployed.head.summary.items() if key.startswith("sluice.")}
    again = table.scan().to_arrow()
    for _ in range(times):
        table.append(again, snapshot_properties=said)


def document_of(customers: Dataset, job: str) -> dict[str, Any]:
    role = customers.emulator.client("glue").get_job(JobName=job)["Job"]["Role"].rsplit("/", 1)[-1]
    api = customers.emulator.client("iam")
    [name] = api.list_role_policies(RoleName=role)["PolicyNames"]
    return api.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def test_the_deployed_job_compacts_and_expires_and_readers_see_the_same(kept: Kept) -> None:
    [done] = kept.report["tables"]
    assert (kept.report["state"], kept.report["run_id"]) == ("SUCCEEDED", kept.ended.id)
    assert done["files_compacted"] > done["after"]["files"] > 0
    assert done["snapshots_expired"] == DAYS_MORE
    assert done["after"]["snapshots"] == 2  # the one that compaction replaced a moment ago stays for its readers
    assert len(kept.rows[0]) > DAYS_MORE
    assert kept.rows[1] == kept.rows[0]
    assert kept.customers.deployed.ledger.held.all()


def test_every_request_of_the_maintenance_is_allowed_by_its_role(kept: Kept) -> None:
    assert {request.service for request in kept.asked.values()} == {"s3", "glue", "monitoring"}
    refused = {ask: request for ask, request in kept.asked.items() if not iam.allowing(kept.document, ask)}
    assert refused == {}


def test_every_permission_of_the_maintenance_is_needed_or_carries_its_reason(kept: Kept) -> None:
    assert granted(kept.document) - needed(kept.document, kept.asked) - REASONED == set()


def test_a_reason_stands_only_for_what_no_maintenance_needs(kept: Kept) -> None:
    reasoned = REASONED & granted(kept.document)
    assert reasoned
    assert reasoned & needed(kept.document, kept.asked) == set()
