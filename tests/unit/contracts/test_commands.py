"""The commands say what they take, colour what a terminal shows, and end with a code that a program can use."""

import json
import os
import subprocess
import sys

import pytest

from components.settings.lake_folder import ROOT
from sluice.cli.app import main
from sluice.cli.commands import COMMANDS, CommandGroup
from sluice.cli.exit_codes import ExitCode
from tests.lake import LAKE
from tests.lake.mutations import QUANTITY, change_kwargs
from tests.unit.contracts.conftest import Write


@pytest.mark.parametrize("command", [entry.name for entry in COMMANDS if entry.group is CommandGroup.CONTRACTS])
def test_help_tells_the_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    stdout = capsys.readouterr().out
    assert all(f"  {code.value}" in stdout and code.meaning in stdout for code in ExitCode)


@pytest.mark.parametrize("typed", [[], ["lint", "--colour"], ["lint", "--json", "--markdown"], ["prune"]])
def test_what_cannot_be_meant_ends_with_2(typed: list[str]) -> None:
    assert main(typed) == 2


def test_a_path_that_does_not_exist_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "nowhere"]) == 2
    assert "nowhere does not exist; name a suite file" in capsys.readouterr().err


def test_lint_ends_with_1_and_tells_file_line_rule_and_remedy(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(write(change_kwargs(QUANTITY, mostly=0)) / "expectations")
    assert main(["lint", folder]) == 1
    stdout = capsys.readouterr().out
    assert "trades/output.json" in stdout
    assert f"never-fails {QUANTITY}: it can never fail" in stdout
    assert "→ drop it, or demand something" in stdout
    assert stdout.rstrip().endswith("1 finding in 2 suites with 30 rules")


def test_lint_as_json_is_one_object(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(write(change_kwargs(QUANTITY, mostly=0)) / "expectations")
    assert main(["lint", "--json", folder]) == 1
    report = json.loads(capsys.readouterr().out)
    (finding,) = report.pop("findings")
    assert report == {"suites": 2, "rules": 30}
    assert (finding["kind"], finding["rule"]) == ("never-fails", QUANTITY)
    assert finding.keys() >= {"file", "line", "found", "remedy"}


def test_lint_as_markdown_is_a_table(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(write(change_kwargs(QUANTITY, mostly=0)) / "expectations")
    assert main(["lint", "--markdown", folder]) == 1
    stdout = capsys.readouterr().out
    assert "| where | rule | kind | found | remedy |" in stdout
    assert f"| `{QUANTITY}` | never-fails |" in stdout


@pytest.mark.parametrize(("colours", "expected"), [({"FORCE_COLOR": "1"}, True), ({}, False)])
def test_colours_are_for_terminals(colours: dict[str, str], expected: bool) -> None:
    plain = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR")}
    command = [sys.executable, "-m", "sluice", "lint"]
    completed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env={**plain, **colours})
    assert ("\x1b[" in completed.stdout) is expected


def test_a_reader_that_has_seen_enough_gets_no_traceback() -> None:
    command = f"{sys.executable} -u -m sluice lint --json | true"
    completed = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert completed.stderr == ""


def test_a_name_that_nothing_answers_to_is_told_by_lint_and_refused_by_prove(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(lambda suite: suite["meta"]["references"][0].update(dataset="byers")) / "expectations/trades"
    assert main(["lint", "--json", str(folder)]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["kind"], finding["line"]) == ("name", 60)
    assert finding["remedy"].startswith("did you mean 'buyers'? there are buyers, goods, trades")
    assert main(["prove", str(folder)]) == 2
    assert "the contracts of trades are refused: reference 'known_customer' names" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["prove", "buyer"], ["export", "--odcs", "buyer"]])
def test_a_dataset_that_is_not_there_is_told_with_the_likely_one(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    assert "name one of buyers, goods, trades, trades_daily; did you mean 'buyers'?" in capsys.readouterr().err


@pytest.mark.parametrize("typed", ["trades", "expectations/trade"])
def test_a_path_that_is_not_there_is_told_with_the_likely_one(
    typed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(LAKE)
    assert main(["lint", typed]) == 2
    assert "did you mean 'expectations/trades'?" in capsys.readouterr().err
