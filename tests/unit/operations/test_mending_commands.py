"""`quarantine --rows` and `replay --rows`, with no lake behind them: what they write, say and refuse."""

import json
from pathlib import Path
from typing import Any

import pytest

from sluice.cli.app import main
from sluice.operations import quarantined_rows
from sluice.operations.account import Account
from sluice.operations.commands import quarantine, replay
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.job_runs import EndedRun

ROW = {"rules": ["trades.name.known"], "raw": None, "object": "trades/1.csv", "ordinal": 3, "set_aside_at": None}
ROWS: list[dict[str, Any]] = [
    {**ROW, "row": "r1", "source": {"id": "00123", "name": "Ann Lee"}},
    {**ROW, "row": "r2", "source": {"id": "7", "name": None}},
    {**ROW, "row": "r3", "source": None, "raw": "8;Bob", "rules": ["trades.structure.row"]},
]
COLUMNS = [
    {"name": "id", "type": "string", "description": "x"},
    {"name": "name", "type": "string", "description": "x", "pii": True},
]
WHY = {"meta": {"rule": "trades.name.known", "why": "Somebody bought it."}}
SUITES = {
    "in": {"meta": {"columns": COLUMNS}, "expectations": []},
    "out": {"meta": {"columns": COLUMNS}, "expectations": [WHY]},
}
ARGUMENTS = {"--input-contract": "in", "--output-contract": "out", "--TempDir": "s3://assets/temp/"}


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Put a dataset with three rows aside in place of the lake; return the arguments of each job that is started."""
    jobs: list[dict[str, Any]] = []

    def run_job(_: DeployedDataset, arguments: dict[str, Any]) -> EndedRun:
        jobs.append(arguments)
        return EndedRun("jr_2", "SUCCEEDED", "published", None, 1.0)

    dataset = DeployedDataset(None, "trades", "sluice-trades", ARGUMENTS)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr(DeployedDataset, "read_json", lambda _, uri: SUITES[uri])
    monkeypatch.setattr(quarantined_rows, "quarantined_rows", lambda *_: ROWS)
    for command in (quarantine, replay):
        monkeypatch.setattr(command, "deployed_dataset", lambda *_: dataset)
    monkeypatch.setattr(quarantined_rows, "resolve_run", lambda _, text: text)
    monkeypatch.setattr(replay, "watch_job", run_job)
    monkeypatch.setattr(replay, "_upload_mended_rows", lambda _, mended: mended)
    return jobs


def run_command(*arguments: object) -> int:
    return main([*map(str, arguments)], Account.__new__(Account))


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx"])
def test_personal_values_are_in_no_file_unless_it_is_asked_for(
    tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command("quarantine", "trades", "jr_1", "--rows", tmp_path / f"masked.{ending}") == 0
    printed = capsys.readouterr().out
    assert "*** stands for a personal value and counts as the row's own (--unmask writes it)" in printed
    assert "A line that could not be read stands in `raw`: write what it means in " in printed
    assert run_command("quarantine", "trades", "jr_1", "--rows", tmp_path / f"open.{ending}", "--unmask") == 0
    assert "*** stands" not in capsys.readouterr().out
    if ending != "xlsx":  # which is compressed
        masked, unmasked = ((tmp_path / f"{name}.{ending}").read_text() for name in ("masked", "open"))
        assert ("Ann Lee" in masked, "Bob" in masked, "Ann Lee" in unmasked, "Bob" in unmasked) == (
            False,
            False,
            True,
            True,
        )


def test_the_file_says_why_each_row_is_aside(tmp_path: Path) -> None:
    assert run_command("quarantine", "trades", "jr_1", "--rows", tmp_path / "rows.csv") == 0
    text = (tmp_path / "rows.csv").read_text()
    assert "trades.name.known,Somebody bought it." in text
    assert 'trades.structure.row,"A CSV row has one field a column' in text


def test_a_masked_file_is_replayed_with_the_values_that_it_does_not_show(
    tmp_path: Path, started: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.jsonl"
    assert run_command("quarantine", "trades", "jr_1", "--rows", file) == 0
    first, *_ = [json.loads(line) for line in file.read_text().splitlines()]
    file.write_text(json.dumps({**first, "source": {**first["source"], "id": "9"}}))
    assert run_command("replay", "trades", "jr_1", "--rows", file, "--yes") == 0
    assert [job["--mended"] for job in started] == [{"r1": {"id": "9", "name": "Ann Lee"}}]
    printed = capsys.readouterr().out
    assert "3 rows that jr_1 set aside through sluice-trades again, 1 of them mended" in printed
    assert "2 rows not in the file: as it came, like each row that is not mended" in printed


def test_no_job_is_started_for_a_file_with_a_fault_and_what_was_meant_can_be_said(
    tmp_path: Path, started: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("row;id\nr1;123\nr2;8\n")
    assert run_command("replay", "trades", "jr_1", "--rows", file, "--yes") == 2
    assert "rows.csv, line 2: B2, id: a spreadsheet may have rewritten it by itself" in capsys.readouterr().err
    assert started == []
    assert run_command("replay", "trades", "jr_1", "--rows", file, "--rewritten", "keep", "--yes") == 0
    assert run_command("replay", "trades", "jr_1", "--rows", file, "--rewritten", "take", "--yes") == 0
    assert [[*job["--mended"]] for job in started] == [["r2"], ["r1", "r2"]]
    printed = capsys.readouterr().out
    assert "1 cell that a spreadsheet rewrote: as it was" in printed
    assert "columns not in the file, whose values stay: name" in printed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("quarantine", "trades", "jr_1", "--unmask"), "--unmask is for the file that --rows writes: name it"),
        (
            ("replay", "trades", "jr_1", "--rewritten", "keep"),
            "--rewritten is about the file that --rows names: name it",
        ),
        (("replay", "trades", "jr_1", "--rows", "x.csv", "--rewritten", "maybe"), "maybe"),
    ],
)
def test_an_option_of_the_file_needs_one(
    words: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(*words) == 2
    assert expected in capsys.readouterr().err
