"""The whole stack, its own jobs run by its flow: files become gold, and a gold that fails leaves silver published."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sluice.operations.flows import Flow
from sluice.sandbox import published_rows
from sluice.sandbox.arrive import ARRIVAL_CONFIG, drop_files
from sluice.sandbox.deploy import deploy_program
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.emulator.subscriber import Subscriber
from sluice.sandbox.lake import Dataset, deployed_datasets
from sluice.sandbox.output import SandboxConsole
from tests.lake import DAYS, catalogue

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class ArrivalLake:
    """The deployed lake that files start, its flow, and somebody who subscribed to its topic."""

    emulator: Emulator
    lake: dict[str, Dataset]
    flow: Flow
    inbox: Subscriber

    @property
    def snapshots_by_dataset(self) -> dict[str, str | None]:
        """The snapshots that readers see, by dataset."""
        return {name: published_rows.current_snapshot_id(dataset) for name, dataset in self.lake.items()}

    def sum_of_cents(self, dataset: str, column: str) -> int:
        """A column's sum over what is published, in cents."""
        return sum(round(100 * float(row[column])) for row in published_rows.published_rows(self.lake[dataset], 1000))


@pytest.fixture(scope="module")
def whole() -> Iterator[ArrivalLake]:
    with emulator.running_emulator() as running_emulator:
        outputs = deploy_program(running_emulator, changed=ARRIVAL_CONFIG).outputs
        lake = deployed_datasets(running_emulator)
        flow = Flow.of_datasets([dataset.deployed for dataset in lake.values()])
        topic = outputs["topic"].replace("alarms", "messages-critical")
        yield ArrivalLake(running_emulator, lake, flow, Subscriber.subscribe(running_emulator, topic))


@pytest.fixture(scope="module")
def arrived(whole: ArrivalLake, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `sluice arrive` reports of one file for each dataset that is built from files."""
    catalogue_file = tmp_path_factory.mktemp("dropped") / "catalogue.parquet"
    catalogue_file.write_bytes(catalogue.catalogue_parquet())
    files = [("trades", DAYS / "good.csv"), ("buyers", DAYS / "buyers.jsonl"), ("goods", catalogue_file)]
    return drop_files(SandboxConsole(to_stderr=True), whole.emulator, whole.lake, files)


def test_files_that_arrive_become_gold_in_four_runs_one_after_what_it_needs(
    whole: ArrivalLake, arrived: dict[str, Any]
) -> None:
    assert (arrived["state"], arrived["waiting"]) == ("SUCCEEDED", 0), arrived
    ran = [run["dataset"] for run in arrived["runs"]]
    assert (set(ran[:2]), ran[2:]) == ({"buyers", "goods"}, ["trades", "trades_daily"])
    assert {run["state"] for run in arrived["runs"]} == {"SUCCEEDED"}
    sold = len((DAYS / "good.csv").read_text().splitlines()) - 1
    assert [run["rows_published"] for run in arrived["runs"] if run["dataset"] == "trades"] == [sold]
    assert whole.sum_of_cents("trades_daily", "revenue") == whole.sum_of_cents("trades", "total_amount") > 0


def test_a_gold_that_breaks_its_contract_leaves_silver_published_and_itself_as_it_was(
    whole: ArrivalLake, arrived: dict[str, Any]
) -> None:
    trades, daily = whole.lake["trades"], whole.lake["trades_daily"]
    set_bounds(daily, "trades_daily.orders.range", min_value=1000)
    before, rows_before = whole.snapshots_by_dataset, published_rows.published_rows(daily, 1000)
    trades.upload_object((DAYS / "killed.csv").read_bytes(), "2025-01-21.csv")
    ended = whole.flow.wait_for_end(whole.flow.start_execution({}))
    assert (ended.status, ended.cause) == ("FAILED", "failed, or held back by what it needs: trades_daily")
    after = whole.snapshots_by_dataset
    assert {name for name in before if before[name] != after[name]} == {"trades"}
    assert published_rows.published_rows(daily, 1000) == rows_before
    [run] = [run for dataset, run in whole.flow.runs_of_execution(ended) if dataset.name == "trades_daily"]
    [text] = [message.text for message in whole.inbox.receive_messages(5) if "trades_daily" in message.subject]
    assert "trades_daily.orders.range" in text
    assert run.id in text


def set_bounds(dataset: Dataset, rule: str, **bounds: int) -> None:
    """Let the deployed output contract have another bound."""
    place = dataset.arguments["--output-contract"]
    suite = dataset.load_contract()
    [expectation] = [candidate for candidate in suite["expectations"] if candidate["meta"]["rule"] == rule]
    expectation["kwargs"] |= bounds
    bucket, key = place.removeprefix("s3://").split("/", 1)
    dataset.emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(suite).encode())
