"""The whole stack, its own jobs run by its flow: files become gold, and a gold that fails leaves silver published."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sluice.operations.flows import Flow
from sluice.sandbox import published_rows
from sluice.sandbox.arrive import BY_ARRIVAL, drop
from sluice.sandbox.demo import gold_day
from sluice.sandbox.deploy import deploy
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.emulator.subscriber import Subscriber
from sluice.sandbox.lake import Dataset, datasets
from sluice.sandbox.output import Telling
from tests.sandbox.conftest import DAYS

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Whole:
    """The deployed lake that files start, its flow, and somebody who subscribed to its topic."""

    emulator: Emulator
    lake: dict[str, Dataset]
    flow: Flow
    inbox: Subscriber

    @property
    def heads(self) -> dict[str, str | None]:
        """The snapshots that readers see, by dataset."""
        return {name: published_rows.snapshot(one) for name, one in self.lake.items()}

    def cents(self, dataset: str, column: str) -> int:
        """A column's sum over what is published, in cents."""
        return sum(round(100 * float(row[column])) for row in published_rows.published(self.lake[dataset], 1000))


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    with emulator.running() as at:
        outputs = deploy(at, changed=BY_ARRIVAL).outputs
        lake = datasets(at)
        flow = Flow.of([one.deployed for one in lake.values()])
        yield Whole(at, lake, flow, Subscriber.of(at, outputs["topic"]))


@pytest.fixture(scope="module")
def arrived(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `python -m sandbox arrive` reports of one file for each dataset that is built from files."""
    catalogue = tmp_path_factory.mktemp("dropped") / "catalogue.parquet"
    catalogue.write_bytes(gold_day.catalogue())
    files = [("sales", DAYS / "good.csv"), ("customers", DAYS / "customers.jsonl"), ("products", catalogue)]
    return drop(Telling(aside=True), whole.emulator, whole.lake, files)


def test_files_that_arrive_become_gold_in_four_runs_one_after_what_it_needs(
    whole: Whole, arrived: dict[str, Any]
) -> None:
    assert (arrived["state"], arrived["waiting"]) == ("SUCCEEDED", 0), arrived
    ran = [run["dataset"] for run in arrived["runs"]]
    assert (set(ran[:2]), ran[2:]) == ({"customers", "products"}, ["sales", "sales_daily"])
    assert {run["state"] for run in arrived["runs"]} == {"SUCCEEDED"}
    sold = len((DAYS / "good.csv").read_text().splitlines()) - 1
    assert [run["rows_published"] for run in arrived["runs"] if run["dataset"] == "sales"] == [sold]
    assert whole.cents("sales_daily", "revenue") == whole.cents("sales", "total_amount") > 0


def test_a_gold_that_breaks_its_contract_leaves_silver_published_and_itself_as_it_was(
    whole: Whole, arrived: dict[str, Any]
) -> None:
    sales, daily = whole.lake["sales"], whole.lake["sales_daily"]
    demand(daily, "sales_daily.orders.range", min_value=1000)
    before, shown = whole.heads, published_rows.published(daily, 1000)
    sales.upload((DAYS / "killed.csv").read_bytes(), "2025-01-21.csv")
    ended = whole.flow.ended(whole.flow.start({}))
    assert (ended.status, ended.cause) == ("FAILED", "failed, or held back by what it needs: sales_daily")
    after = whole.heads
    assert {name for name in before if before[name] != after[name]} == {"sales"}
    assert published_rows.published(daily, 1000) == shown
    [run] = [run for dataset, run in whole.flow.ran(ended) if dataset.name == "sales_daily"]
    [told] = [one.text for one in whole.inbox.received(5) if one.subject == f"{daily.job} failed"]
    first, verdict, message, *_ = told.splitlines()
    assert first == f"sales_daily: run {run.id} FAILED"
    assert "sales_daily.orders.range" in message
    written = daily.deployed.json(verdict.removeprefix("Verdict: ").removesuffix(", or latest.json"))
    assert (written["run_id"], written["state"]) == (run.id, "FAILED")


def demand(dataset: Dataset, rule: str, **bounds: int) -> None:
    """Let the deployed output contract have another bound."""
    place = dataset.arguments["--output-contract"]
    suite = dataset.contract()
    [found] = [one for one in suite["expectations"] if one["meta"]["rule"] == rule]
    found["kwargs"] |= bounds
    bucket, key = place.removeprefix("s3://").split("/", 1)
    dataset.emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(suite).encode())
