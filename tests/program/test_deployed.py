"""A stack's file that names another lake than the deployed one is stopped before the engine replaces it all."""

import json
import subprocess
from pathlib import Path

import pytest

from sluice.program import deployed_stack
from sluice.program.deployed_stack import name_mismatches
from tests.program.edited import edited_folder

RAW, TOPIC = "sluice-dev-raw-123456789012", "arn:aws:sns:eu-west-1:123456789012:sluice-dev-alarms"
OUTPUTS = {"prefix": "sluice", "region": "eu-west-1", "raw": RAW, "topic": TOPIC}
CONFIG = {"sluice:prefix": "sluice", "aws:region": "eu-west-1"}


@pytest.mark.parametrize("outputs", [OUTPUTS, {"raw": RAW, "topic": TOPIC}, {}, {"raw": None}])
def test_the_deployed_lake_and_a_new_one_may_be_updated(outputs: dict[str, str]) -> None:
    assert name_mismatches(outputs, CONFIG, "dev") == []


@pytest.mark.parametrize("outputs", [OUTPUTS, {"raw": RAW, "topic": TOPIC}])
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"sluice:prefix": "lake"}, "prefix is lake in Pulumi.dev.yaml, and the stack is deployed with sluice"),
        (
            {"aws:region": "eu-central-1"},
            "region is eu-central-1 in Pulumi.dev.yaml, and the stack is deployed with eu-west-1",
        ),
        ({"aws:region": ""}, "region is not set in Pulumi.dev.yaml, and the stack is deployed with eu-west-1"),
    ],
)
def test_another_prefix_or_region_is_told_of(outputs: dict[str, str], change: dict[str, str], fault: str) -> None:
    assert name_mismatches(outputs, CONFIG | change, "dev") == [fault]


def stub_answering(code: int, out: str = "", err: str = "") -> object:
    return lambda command, **_: subprocess.CompletedProcess(command, code, out, err)


@pytest.mark.parametrize(
    ("code", "out", "err", "expected"),
    [
        (0, json.dumps(OUTPUTS), "", 0),
        (0, json.dumps(OUTPUTS | {"prefix": "lake"}), "", 1),
        (255, "", "error: no stack named 'dev' found", 0),
        (255, "", "error: could not read the state: access denied", 3),
    ],
)
def test_the_command_ends_by_what_the_cli_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int, out: str, err: str, expected: int
) -> None:
    monkeypatch.setattr(deployed_stack.subprocess, "run", stub_answering(code, out, err))
    assert deployed_stack.main(["dev"]) == expected
    printed = capsys.readouterr().err
    assert ("nothing was changed" in printed) is (expected == 1)
    assert ("access denied" in printed) is (expected == 3)


def test_without_a_cli_nobody_says_that_all_is_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert deployed_stack.main(["dev"]) == 3
    assert "pulumi" in capsys.readouterr().err


@pytest.mark.parametrize(("key", "expected"), [("sluice:lineage", 0), ("sluice:prefix", 3), ("aws:region", 3)])
def test_an_encrypted_value_stops_an_update_only_where_names_follow_from_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, key: str, expected: int
) -> None:
    edited_folder(tmp_path, lambda _, config: config.update({key: {"secure": "v1:a"}}))
    monkeypatch.setattr("sluice.program.stack_files.lake_folder", lambda: tmp_path)
    monkeypatch.setattr(deployed_stack.subprocess, "run", stub_answering(0, json.dumps(OUTPUTS)))
    assert deployed_stack.main(["dev"]) == expected
    assert (f"holds {key} encrypted" in capsys.readouterr().err) is bool(expected)
