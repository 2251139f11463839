"""The digest: one message of some days' runs, by dataset; what cannot be read is said, and one that is not told fails."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.names import Names
from components.orchestration.digest import SCHEDULES
from components.orchestration.digest_states import RUNS_READ, digest_definition
from components.orchestration.watch_states import WatchedDataset
from components.prices import USD_PER_DPU_HOUR
from sluice.program.bill.price_list import PRICES
from sluice.program.flow_structure import machine_faults
from sluice.program.graph import ACCOUNT, Graph, run_program
from sluice.program.message_samples import results_line
from sluice.program.policies import broken_policies
from sluice.program.starts import SCHEDULE, machine_definitions
from tests.program.deployment import ONE_DATASET
from tests.program.machine_runs import FakeAccount, make_teller, run_error, run_scope

HERE = Names("sluice", "dev", "eu-west-1", ACCOUNT)
MUTE = {"until": "2999-01-01", "why": "the source moves"}
DATASETS = [WatchedDataset("trades", "a", 26, 30, True, MUTE), WatchedDataset("buyers", "b", 26, 30, True)]
NOW = datetime.now(UTC)


def day(ago: int) -> str:
    return (NOW - timedelta(days=ago)).date().isoformat()


class ResultsAccount(FakeAccount):
    """An account whose objects can be listed, one page of them."""

    def call(self, resource: str, arguments: dict[str, Any]) -> Any:
        if resource.endswith(":listObjectsV2") and "aws-sdk:s3:listObjectsV2" not in self.refused:
            keys = [key for key in self.objects if key.startswith(arguments["Prefix"])]
            page = [{"Key": key} for key in keys[: arguments["MaxKeys"]]]
            return {"IsTruncated": len(keys) > len(page), **({"Contents": page} if page else {})}
        return super().call(resource, arguments)


def results(dataset: str, ago: int, *states: str, **more: Any) -> dict[str, Any]:
    """The objects of a day's runs, by key: lines as the job writes them."""
    line = json.loads(results_line()) | {"rows_published": 100, "rows_quarantined": 3, "dpu_seconds": 1800, **more}
    return {
        f"results/runs/dataset={dataset}/day={day(ago)}/jr_{number}.jsonl": line | {"state": state}
        for number, state in enumerate(states)
    }


def run_digest(account: FakeAccount, period: str = "weekly", datasets: list[WatchedDataset] = DATASETS) -> list[str]:
    """The lines of the digest's text."""
    machine = digest_definition(make_teller(HERE, "digest"), datasets, period, 0.5)
    assert machine_faults(machine) == []
    run_scope(machine, {}, account)
    (publication,) = account.published
    assert publication["TopicArn"] == "topic-info"
    return account.texts()[0].splitlines()


def test_a_week_is_summed_by_dataset() -> None:
    account = ResultsAccount(
        {
            **results("trades", 1, "SUCCEEDED", "FAILED"),
            **results("trades", 7, "SUCCEEDED"),
            **results("trades", 8, "SUCCEEDED"),  # the week before
            **results("trades", 0, "SUCCEEDED"),  # today is not over
            **results("buyers", 2, "FAILED", rows_quarantined=None, dpu_seconds=None),
        }
    )
    lines = run_digest(account)
    assert lines[0] == f"sluice-dev, {day(7)} to {day(1)}: 4 runs, 2 bad"
    assert lines[2:6] == [
        "trades: 3 runs, 1 bad; 300 rows published, 9 set aside; no good run on 5 of 7 days; 1.5 DPU-hours",
        "buyers: 1 runs, 1 bad; 100 rows published, 0 set aside; no good run on 7 of 7 days; 0.0 DPU-hours",
        "trades: muted until 2999-01-01: the source moves",
        "Runs cost about $0.75, where their seconds are known.",
    ]
    assert account.objects[f"messages/stack/digest-{day(1)}.json"]["told_by"] == "digest"


def test_a_day_is_yesterday() -> None:
    account = ResultsAccount(results("trades", 1, "SUCCEEDED") | results("trades", 2, "SUCCEEDED"))
    assert run_digest(account, "daily")[0] == f"sluice-dev, {day(1)}: 1 runs, 0 bad"


def test_a_week_without_a_run_is_told_too() -> None:
    assert run_digest(ResultsAccount())[0].endswith(": 0 runs, 0 bad")


def test_a_single_dataset_is_a_list_of_one() -> None:
    lines = run_digest(ResultsAccount(results("buyers", 1, "SUCCEEDED")), "daily", DATASETS[1:])
    assert lines[2].startswith("buyers: 1 runs, 0 bad")


@pytest.mark.parametrize("refused", ["aws-sdk:s3:listObjectsV2", "aws-sdk:s3:getObject"])
def test_what_cannot_be_read_is_no_reason_to_be_silent(refused: str) -> None:
    account = ResultsAccount(results("trades", 1, "SUCCEEDED"), refused={refused})
    lines = run_digest(account)
    assert lines[0].endswith(": 0 runs, 0 bad")
    if refused == "aws-sdk:s3:listObjectsV2":
        assert lines[2].endswith("(not all runs were read)")


def test_more_runs_than_an_execution_may_read_are_said() -> None:
    count = RUNS_READ // 14 + 1
    account = ResultsAccount(results("trades", 1, *["SUCCEEDED"] * count))
    assert run_digest(account)[2].startswith(f"trades: {count - 1} runs")
    assert run_digest(ResultsAccount(account.objects))[2].endswith("(not all runs were read)")


@pytest.mark.parametrize("call", ["sns:publish", "aws-sdk:s3:putObject"])
def test_a_digest_that_is_not_told_or_kept_fails(call: str) -> None:
    with pytest.raises(type(run_error("", "")), match="NotTold"):
        run_digest(ResultsAccount(refused={call}))


@pytest.mark.parametrize("period", ["daily", "weekly", "none"])
def test_a_stack_says_how_often(period: str) -> None:
    graph = run_program("prod", changed={"sluice:digest": period, **ONE_DATASET})
    schedules = {node.inputs["name"]: node.inputs for node in graph.nodes_of_type(SCHEDULE)}
    assert ("sluice-prod-digest" in schedules) is ("digest" in machine_definitions(graph)) is (period != "none")
    assert broken_policies(graph) == {}
    if period != "none":
        schedule = schedules["sluice-prod-digest"]
        assert (schedule["scheduleExpression"], schedule["state"]) == (SCHEDULES[period], "ENABLED")
        assert json.loads(schedule["target"]["input"]) == {}


def test_where_nothing_runs_the_digest_rests(graphs: dict[str, Graph]) -> None:
    assert graphs["dev"].node_named(SCHEDULE, "digest-schedule").inputs["state"] == "DISABLED"


def test_its_price_is_the_bills() -> None:
    assert json.loads(PRICES.read_text())["prices"]["glue_dpu_hour"]["usd"] == USD_PER_DPU_HOUR
