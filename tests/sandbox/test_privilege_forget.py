"""A person is forgotten in the deployed lake by the command and its job: nothing of her is left, and its role suffices.

A good day, a broken one and a mended one are in the lake; then `sluice forget --now` starts the deployed job. The requests are
those that the emulator got under the keys of that job's role.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from components.access.forget_policy import UNEXERCISED_IN_FORGET
from sluice.program import iam, request_permissions
from sluice.program.iam import PermissionRequest
from sluice.sandbox import published_rows as rows
from sluice.sandbox.deploy import deploy_program
from sluice.sandbox.emulator import emulator, recorder
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.emulator.subscriber import Subscriber
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.lake import Dataset, deployed_datasets
from tests.lake import DAYS
from tests.sandbox.conftest import Lake, run_operator
from tests.sandbox.test_privilege import frozen_ask, granted_actions, needed_actions
from tests.sandbox.test_privilege_maintenance import document_of
from tests.spark.forgetting import bucket_versions, places_among

pytestmark = pytest.mark.long
REASONED: set[tuple[str, ...]] = {tuple(entry.split()) for entry in UNEXERCISED_IN_FORGET}
HER_KEY, HER_CUSTOMER = "TXN777", "CUST777"
HER_ROW = f"{HER_KEY},{HER_CUSTOMER},PROD001,2,29.99,2025-01-15,US-EAST\n".encode()


@dataclass(frozen=True)
class Forgotten:
    """A lake from which a row was forgotten: where it stood before and after, and what the command and its job did."""

    trades: Dataset
    places: tuple[dict[str, set[bool]], dict[str, set[bool]]]
    rows: list[dict[str, Any]]
    code: int
    shown: dict[str, Any]
    runs: list[str]
    job: str

    @property
    def document(self) -> dict[str, Any]:
        return document_of(self.trades, self.job)

    @property
    def request_by_ask(self) -> dict[PermissionRequest, request_permissions.AwsRequest]:
        """Each permission that the job needed, with a request that needed it."""
        return {
            frozen_ask(ask): request
            for run in self.runs
            for request in recorder.recorded_requests(self.trades.emulator, run)
            for ask in request_permissions.required_permissions(request, REGION, ACCOUNT)
        }


def places_of_her(trades: Dataset) -> dict[str, set[bool]]:
    s3 = trades.emulator.client("s3")
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    versions = (version for bucket in buckets for version in bucket_versions(s3, bucket))
    return places_among(versions, HER_KEY, HER_CUSTOMER)


@pytest.fixture(scope="module")
def forgotten(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forgotten]:
    keys = Path(tmp_path_factory.mktemp("keys"), "keys.csv")
    keys.write_text(f"transaction_id\n{HER_KEY}\n")
    good = (DAYS / "good.csv").read_bytes()
    with emulator.running_emulator() as running:
        lake = deployed_lake(running)
        trades, s3 = lake.trades, running.client("s3")
        key = trades.upload_object(good + HER_ROW, "2025-01-17.csv")
        bucket = trades.arguments["--raw"].split("/")[2]
        s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": [{"Key": "source", "Value": "till"}]})
        assert trades.run().state == "SUCCEEDED"
        trades.upload_object(good.splitlines(keepends=True)[0] + HER_ROW[:-9] + b"\n", "2025-01-18.csv")
        assert trades.run().state == "FAILED"
        before = places_of_her(trades)
        nobody = keys.with_name("nobody.csv")
        nobody.write_text("transaction_id\nTXN404\n")
        later_code, later = run_operator(lake, "forget", "trades", "--rows", str(nobody), "--yes", "--json")
        assert later_code == 0
        code, out = run_operator(lake, "forget", "trades", "--rows", str(keys), "--now", "--yes", "--json")
        assert s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"] == [{"Key": "source", "Value": "till"}]
        published = rows.published_rows(trades, 1000)
        yield Forgotten(
            trades,
            (before, places_of_her(trades)),
            published,
            code,
            json.loads(out),
            [json.loads(shown)["run"] for shown in (later, out)],
            f"sluice-{running_stack(trades)}-forget",
        )


def running_stack(trades: Dataset) -> str:
    return trades.job.split("-")[1]


def deployed_lake(running: emulator.Emulator) -> Lake:
    outputs = deploy_program(running).outputs
    every = deployed_datasets(running)
    return Lake(
        running, outputs, every["trades"], every["buyers"], Subscriber.subscribe(running, every["trades"].topic_arn())
    )


def test_no_byte_of_any_version_has_her_and_everybody_else_is_there(forgotten: Forgotten) -> None:
    before, after = forgotten.places
    assert (forgotten.code, forgotten.shown["state"]) == (0, "SUCCEEDED"), forgotten.shown
    assert len(before) > 3
    assert after == {}
    assert len(forgotten.rows) == len((DAYS / "good.csv").read_text().splitlines()) - 1


def test_every_request_of_the_forgetting_is_allowed_by_its_role(forgotten: Forgotten) -> None:
    assert {request.service for request in forgotten.request_by_ask.values()} == {"s3", "glue"}
    refused = {
        ask: request
        for ask, request in forgotten.request_by_ask.items()
        if not iam.allowing_sids(forgotten.document, ask)
    }
    assert refused == {}


def test_every_permission_of_the_forgetting_is_needed_or_carries_its_reason(forgotten: Forgotten) -> None:
    needed = needed_actions(forgotten.document, forgotten.request_by_ask)
    assert granted_actions(forgotten.document) - needed - REASONED == set()


def test_a_reason_stands_only_for_what_no_forgetting_needs(forgotten: Forgotten) -> None:
    reasoned = REASONED & granted_actions(forgotten.document)
    assert reasoned
    assert reasoned & needed_actions(forgotten.document, forgotten.request_by_ask) == set()
