"""What was set aside, as an operator finds, mends and replays it; every command against the deployed lake."""

import json

import pytest

from sluice.sandbox import published_rows
from sluice.sandbox.lake import Alarm, Run
from tests.sandbox.conftest import Lake, ReplayResult, run_operator

KNOWN = "trades.customer_id.known"


def test_a_day_with_an_unknown_customer_is_published_but_for_that_row(aside: Run, rang_aside: Alarm) -> None:
    assert aside.state == "SUCCEEDED", aside.message
    assert (aside.verdict["rows_read"], aside.verdict["rows_published"], aside.verdict["rows_quarantined"]) == (7, 6, 1)
    [broken] = aside.verdict["violations"]
    assert (broken["rule"], broken["severity"], broken["samples"]) == (KNOWN, "warning", ["CUST199"])
    assert rang_aside.state == "ALARM"


def test_the_rows_of_a_run_are_written_to_be_mended(aside: Run, replayed: ReplayResult) -> None:
    [row] = replayed.rows
    assert row["rules"] == [KNOWN]
    assert row["source"] == {
        "transaction_id": "TXN011",
        "customer_id": "CUST199",
        "product_id": "PROD002",
        "quantity": "2",
        "unit_price": "49.99",
        "transaction_date": "2025-01-19",
        "region": "EU-WEST",
    }


def test_a_mended_row_is_published_and_nothing_is_left_aside(lake: Lake, aside: Run, replayed: ReplayResult) -> None:
    assert (replayed.code, replayed.out["state"], replayed.out["rows_published"]) == (0, "SUCCEEDED", 1)
    [row] = [row for row in published_rows.published_rows(lake.trades, 50) if row["transaction_id"] == "TXN011"]
    assert row["customer_id"] == "CUST101"
    code, out = run_operator(lake, "quarantine", "trades", "--json")
    assert (code, json.loads(out)) == (0, [])


@pytest.mark.parametrize("command", [("replay", "--yes"), ("quarantine",)])
def test_a_second_replay_is_refused_before_anything_is_started(
    lake: Lake, aside: Run, replayed: ReplayResult, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    name, *options = command
    before = len(lake.trades.deployed.glue.get_job_runs(JobName=lake.trades.job)["JobRuns"])
    assert run_operator(lake, name, "trades", aside.id, *options)[0] == 2
    assert f"was replayed by {replayed.run_id}" in capsys.readouterr().err
    assert len(lake.trades.deployed.glue.get_job_runs(JobName=lake.trades.job)["JobRuns"]) == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("replay", "trades", "jr_nobody", "--yes"), "run jr_nobody has no rows aside; runs that have: none"),
        (("quarantine", "planets"), "no dataset 'planets' is deployed"),
        (("quarantine", "trades", "--stack", "prod"), "in stack prod; there are: sluice-local-"),
        (("quarantine", "trades", "--rows", "x.jsonl"), "--rows writes the rows of one run: name it"),
    ],
)
def test_wrong_use_is_told_with_what_there_is(
    lake: Lake, replayed: ReplayResult, words: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_operator(lake, *words)[0] == 2
    assert expected in capsys.readouterr().err


def test_nothing_is_changed_without_somebodys_word(
    lake: Lake, aside: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sluice.operations.commands import replay  # noqa: PLC0415

    monkeypatch.setattr(replay.quarantined_rows, "quarantined_rows", lambda *_: [{"row": "r1", "source": {}}])
    assert run_operator(lake, "replay", "trades", "jr_1")[0] == 2
    printed_text = capsys.readouterr()
    assert "nothing was done: add --yes" in printed_text.err
