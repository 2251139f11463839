"""Least privilege of the maintenance, both ways, on a lake of its own.

A good day is published by its job, the small files of a week are appended as runs would have left them, and the deployed
maintenance runs once; the requests are those that the emulator got under the keys of its role.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from components.access.maintenance_policy import UNEXERCISED_IN_MAINTENANCE
from sluice.operations import job_runs
from sluice.operations.job_runs import EndedRun
from sluice.program import iam, request_permissions
from sluice.program.iam import PermissionRequest
from sluice.sandbox import published_rows as rows
from sluice.sandbox.deploy import deploy_program
from sluice.sandbox.emulator import emulator, recorder
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.lake import Dataset, deployed_datasets
from tests.lake import DAYS
from tests.sandbox.test_privilege import frozen_ask, granted_actions, needed_actions

pytestmark = pytest.mark.long
REASONED: set[tuple[str, ...]] = {tuple(entry.split()) for entry in UNEXERCISED_IN_MAINTENANCE}
DAYS_MORE = 5
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class MaintainedDataset:
    """A dataset after its maintenance: the rows before and after, how that ended, what it reported and what it may do."""

    buyers: Dataset
    rows: tuple[Rows, Rows]
    ended: EndedRun
    report: dict[str, Any]
    document: dict[str, Any]

    @property
    def request_by_ask(self) -> dict[PermissionRequest, request_permissions.AwsRequest]:
        """Each permission that it needed, with a request that needed it."""
        sent = recorder.recorded_requests(self.buyers.emulator, self.ended.id)
        return {
            frozen_ask(ask): request
            for request in sent
            for ask in request_permissions.required_permissions(request, REGION, ACCOUNT)
        }


@pytest.fixture(scope="module")
def kept() -> Iterator[MaintainedDataset]:
    with emulator.running_emulator() as running:
        deploy_program(running)
        buyers = deployed_datasets(running)["buyers"]
        buyers.upload_object((DAYS / "buyers.jsonl").read_bytes(), "2025-01-17.jsonl")
        assert buyers.run().state == "SUCCEEDED"
        append_snapshots(buyers, DAYS_MORE)
        before, job = rows.published_rows(buyers, 1000), f"{buyers.job}-maintain"
        ended = job_runs.run_job(replace(buyers.deployed, job=job), {"--snapshot-days": "0"})
        assert ended.state == "SUCCEEDED", ended.message
        report = buyers.deployed.read_json(f"{buyers.arguments['--verdicts']}maintenance/latest.json")
        yield MaintainedDataset(
            buyers, (before, rows.published_rows(buyers, 1000)), ended, report, document_of(buyers, job)
        )


def append_snapshots(buyers: Dataset, times: int) -> None:
    """Append the table's own rows, a snapshot each time, whose summary says what a run's does."""
    table = buyers.emulator.account.load_table(buyers.deployed.table)
    properties = {key: value for key, value in buyers.deployed.head.summary.items() if key.startswith("sluice.")}
    again = table.scan().to_arrow()
    for _ in range(times):
        table.append(again, snapshot_properties=properties)


def document_of(buyers: Dataset, job: str) -> dict[str, Any]:
    role = buyers.emulator.client("glue").get_job(JobName=job)["Job"]["Role"].rsplit("/", 1)[-1]
    api = buyers.emulator.client("iam")
    [name] = api.list_role_policies(RoleName=role)["PolicyNames"]
    return api.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def test_the_deployed_job_compacts_and_expires_and_readers_see_the_same(kept: MaintainedDataset) -> None:
    [table_report] = kept.report["tables"]
    assert (kept.report["state"], kept.report["run_id"]) == ("SUCCEEDED", kept.ended.id)
    assert table_report["files_compacted"] > table_report["after"]["files"] > 0
    assert table_report["snapshots_expired"] == DAYS_MORE
    assert (
        table_report["after"]["snapshots"] == 2
    )  # the one that compaction replaced a moment ago stays for its readers
    assert len(kept.rows[0]) > DAYS_MORE
    assert kept.rows[1] == kept.rows[0]
    assert kept.buyers.deployed.ledger.held.all_objects()


def test_every_request_of_the_maintenance_is_allowed_by_its_role(kept: MaintainedDataset) -> None:
    assert {request.service for request in kept.request_by_ask.values()} == {"s3", "glue", "monitoring"}
    refused = {
        ask: request for ask, request in kept.request_by_ask.items() if not iam.allowing_sids(kept.document, ask)
    }
    assert refused == {}


def test_every_permission_of_the_maintenance_is_needed_or_carries_its_reason(kept: MaintainedDataset) -> None:
    assert granted_actions(kept.document) - needed_actions(kept.document, kept.request_by_ask) - REASONED == set()


def test_a_reason_stands_only_for_what_no_maintenance_needs(kept: MaintainedDataset) -> None:
    reasoned = REASONED & granted_actions(kept.document)
    assert reasoned
    assert reasoned & needed_actions(kept.document, kept.request_by_ask) == set()
