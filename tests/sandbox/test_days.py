"""Days of trades through the deployed lake: a good one, two bad ones, a mended one beside one with a stranger, nothing unread.

The days themselves are told in conftest.py.
"""

import csv
import json
from decimal import Decimal

import pytest

from sluice.sandbox import published_rows
from sluice.sandbox.lake import Run
from tests.lake import DAYS
from tests.sandbox.conftest import Lake, RungAlarm


def test_a_good_day_is_published_whole(lake: Lake, good: Run) -> None:
    assert good.state == "SUCCEEDED"
    assert (good.verdict["rows_read"], good.verdict["rows_published"], good.verdict["violations"]) == (5, 5, [])
    published = published_rows.published_rows(lake.trades, 20)[:5]
    source = list(csv.DictReader((DAYS / "good.csv").read_text().splitlines()))
    assert [{name: row[name] for name in source[0]} for row in published] == source
    assert [row["total_amount"] for row in published] == [
        str(Decimal(row["quantity"]) * Decimal(row["unit_price"])) for row in source
    ]


def test_a_good_days_verdict_names_the_snapshot_that_readers_see(good: Run) -> None:
    assert good.verdict["snapshot_before"] is None
    assert good.verdict["snapshot_after"].isdigit()


def test_a_day_with_swapped_headers_breaks_the_input_contract(bad_input: Run) -> None:
    assert bad_input.contract_broken
    assert [rule["rule"] for rule in bad_input.verdict["violations"]] == ["trades.structure.header"]


def test_the_alarm_rang_and_its_message_reached_the_subscriber(lake: Lake, bad_input: Run, rang: RungAlarm) -> None:
    alarm = rang.alarm
    assert {"state": alarm.state, "topic": alarm.topic} == {"state": "ALARM", "topic": lake.outputs["topic"]}
    received = [json.loads(message.text) for message in rang.messages]
    assert "ALARM" in [notice["NewStateValue"] for notice in received if notice.get("AlarmName") == alarm.name]
    assert [notice for notice in received if "source" in notice] == []  # no event as it comes


@pytest.mark.long
def test_a_fault_of_the_transform_breaks_the_output_contract(bad_output: Run) -> None:
    assert bad_output.contract_broken
    assert {rule["stage"] for rule in bad_output.verdict["violations"]} == {"output"}
    assert "trades.total_amount.computed" in {rule["rule"] for rule in bad_output.verdict["violations"]}


def test_a_good_day_tells_its_lineage_in_assets(lake: Lake, good: Run) -> None:
    place = {"Bucket": lake.outputs["assets"], "Key": f"lineage/trades/{good.id}.jsonl"}
    event_lines = lake.emulator.client("s3").get_object(**place)["Body"].read().decode().splitlines()
    assert [json.loads(line)["eventType"] for line in event_lines] == ["START", "COMPLETE"]


@pytest.mark.parametrize("day", ["bad_input", pytest.param("bad_output", marks=pytest.mark.long)])
def test_a_bad_day_changes_nothing_for_readers(day: str, good: Run, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(day)
    assert run.verdict["rows_published"] == 0
    assert run.verdict["snapshot_before"] == run.verdict["snapshot_after"] == good.verdict["snapshot_after"]


@pytest.mark.parametrize("day", ["bad_input", pytest.param("bad_output", marks=pytest.mark.long)])
def test_a_bad_days_error_message_names_dataset_rules_and_verdict(day: str, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(day)
    assert run.message.startswith("ContractBroken: trades")
    assert f"verdicts/trades/{run.id}.json" in run.message
    for rule in run.verdict["violations"]:
        assert rule["rule"] in run.message


def test_each_days_log_is_in_the_log_groups_of_the_stack(lake: Lake, good: Run, bad_input: Run) -> None:
    logs = lake.emulator.client("logs")

    def driver_messages(kind: str, run: Run) -> list[str]:
        place = {"logGroupName": f"/aws-glue/sluice-local/{kind}", "logStreamNames": [f"{run.id}-driver"]}
        return [event["message"] for event in logs.filter_log_events(**place)["events"]]

    for run in (good, bad_input):
        lines = [json.loads(line) for line in driver_messages("output", run) if line.startswith("{")]
        assert {(line["run_id"], line["dataset"]) for line in lines} == {(run.id, "trades")}
        assert [line["verdict"] for line in lines if line["message"] == "VERDICT"] == [run.verdict]
    assert driver_messages("error", good) == []
    assert driver_messages("error", bad_input)[-1].startswith("ContractBroken: trades")


def test_the_mended_day_is_published_beside_the_good_one(lake: Lake, aside: Run) -> None:
    assert aside.state == "SUCCEEDED", aside.message
    keys = [row["transaction_id"] for row in published_rows.published_rows(lake.trades, 20)]
    assert keys[:10] == [f"TXN{number:03}" for number in range(1, 11)]


def test_a_second_run_finds_nothing_unread_and_says_so(aside: Run, nothing_unread: Run) -> None:
    assert nothing_unread.state == "SUCCEEDED"
    assert nothing_unread.verdict["nothing_unread"] is True
    assert nothing_unread.verdict["snapshot_after"] == aside.verdict["snapshot_after"]


def test_only_the_runs_that_were_asked_for_took_place(
    lake: Lake, good: Run, bad_input: Run, aside: Run, nothing_unread: Run
) -> None:
    runs = lake.emulator.client("glue").get_job_runs(JobName=lake.trades.job)["JobRuns"]
    days = [day.id for day in (good, bad_input, aside, nothing_unread)]
    assert [run["Id"] for run in runs][: len(days)] == days
