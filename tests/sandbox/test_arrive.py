"""`sluice arrive`: files dropped into raw, and the run of the flow that they really start."""

import json

import pytest

from tests.lake import DAYS
from tests.sandbox.commands import run_here, run_sandbox


@pytest.mark.long
def test_files_that_are_dropped_start_a_run_that_publishes_them() -> None:
    completed = run_sandbox("arrive", f"buyers={DAYS / 'buyers.jsonl'}", f"buyers={DAYS / 'late.jsonl'}", "--json")
    assert completed.code == 0, completed.err
    report = json.loads(completed.out.splitlines()[-1])
    assert (report["state"], report["waiting"]) == ("SUCCEEDED", 0)
    assert ":execution:sluice-local-flow:" in report["execution"]
    (run,) = report["runs"]
    rows = sum(len((DAYS / name).read_text().splitlines()) for name in ("buyers.jsonl", "late.jsonl"))
    assert (run["dataset"], run["state"], run["rows_published"]) == ("buyers", "SUCCEEDED", rows)
    assert "buyers/buyers.jsonl, buyers/late.jsonl: dropped into raw" in " ".join(completed.err.split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nowhere.csv"], "nowhere.csv is no file"),
        (["nobody=pyproject.toml"], "there is no dataset 'nobody'"),
        (["buyers="], "is not of the form DATASET=FILE"),
        ([], "FILE"),
    ],
)
def test_wrong_use_exits_2_and_says_what_is_wrong(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    completed = run_here(capsys, "arrive", *words)
    assert (completed.code, completed.out) == (2, "")
    assert expected in completed.err
