"""`python -m sandbox arrive`: files dropped into raw, and the run of the flow that they really start."""

import json

import pytest

from tests.sandbox.commands import run_sandbox
from tests.sandbox.conftest import DAYS


@pytest.mark.long
def test_files_that_are_dropped_start_a_run_that_publishes_them() -> None:
    completed = run_sandbox(
        "arrive", f"customers={DAYS / 'customers.jsonl'}", f"customers={DAYS / 'late.jsonl'}", "--json"
    )
    assert completed.code == 0, completed.err
    report = json.loads(completed.out.splitlines()[-1])
    assert (report["state"], report["waiting"]) == ("SUCCEEDED", 0)
    assert ":execution:sluice-local-flow:" in report["execution"]
    (run,) = report["runs"]
    rows = sum(len((DAYS / name).read_text().splitlines()) for name in ("customers.jsonl", "late.jsonl"))
    assert (run["dataset"], run["state"], run["rows_published"]) == ("customers", "SUCCEEDED", rows)
    assert "customers/customers.jsonl, customers/late.jsonl: dropped into raw" in " ".join(completed.err.split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nowhere.csv"], "nowhere.csv is no file"),
        (["nobody=pyproject.toml"], "there is no dataset 'nobody'"),
        (["customers="], "is not of the form DATASET=FILE"),
        ([], "FILE"),
    ],
)
def test_wrong_use_exits_2_and_says_what_is_wrong(words: list[str], expected: str) -> None:
    completed = run_sandbox("arrive", *words)
    assert (completed.code, completed.out) == (2, "")
    assert expected in completed.err
