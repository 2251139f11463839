"""What a run wrote is in the log groups of its job, as `aws logs filter-log-events` asks for it."""

from pathlib import Path
from typing import Any

import pytest

from sluice.sandbox.emulator import run_logs
from tests.sandbox.stub import Workshop

PREFIX = "/aws-glue/workshop"
WRITES = """
import sys, time
print('a line\\n\\n  and "another", é')
print('to stderr', file=sys.stderr)
print('12:00:00 ERROR Executor: a fault of Spark', file=sys.stderr)
sys.stdout.flush()
"""


def log_messages(workshop: Workshop, run_id: str, kind: str, prefix: str = PREFIX) -> list[str]:
    """What a group shows of one run."""
    api = workshop.emulator.client("logs")
    pages = api.get_paginator("filter_log_events").paginate(
        logGroupName=f"{prefix}/{kind}", logStreamNames=[f"{run_id}-driver"]
    )
    return [event["message"] for page in pages for event in page["events"]]


@pytest.mark.parametrize(
    ("end", "message"), [("", []), ("raise ValueError('no such day')", ["ValueError: no such day"])]
)
def test_a_run_is_shown_line_by_line_and_the_errors_beside_it(workshop: Workshop, end: str, message: list[str]) -> None:
    run = workshop.run_job(workshop.create_job(WRITES + end, {"--custom-logGroup-prefix": PREFIX}))
    fault = "12:00:00 ERROR Executor: a fault of Spark"
    messages_shown = log_messages(workshop, run["Id"], "output")
    assert messages_shown[:4] == ["a line", '  and "another", é', "to stderr", fault]
    assert messages_shown[-1:] == (message or [fault])
    assert log_messages(workshop, run["Id"], "error") == [fault, *message]


def test_a_run_without_groups_of_its_own_is_in_those_that_all_share(workshop: Workshop) -> None:
    run = workshop.run_job(workshop.create_job("print('shared')"))
    assert log_messages(workshop, run["Id"], "output", "/aws-glue/jobs") == ["shared"]


def test_a_stopped_run_shows_what_it_had_written(workshop: Workshop) -> None:
    script = "import time; print('began', flush=True); time.sleep(600)"
    job = workshop.create_job(script, {"--custom-logGroup-prefix": PREFIX})
    run_id = workshop.glue.start_job_run(JobName=job)["JobRunId"]
    log = workshop.emulator.run_log(run_id)
    while not (log.exists() and "began" in log.read_text()):
        workshop.wait_for_state(job, run_id, "STARTING", "RUNNING")
    workshop.glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    assert workshop.wait_for_end(job, run_id)["JobRunState"] == "STOPPED"
    assert log_messages(workshop, run_id, "output") == ["began"]
    assert log_messages(workshop, run_id, "error") == ["Job run stopped"]


def batch_bytes(batch: list[dict[str, Any]]) -> int:
    return sum(len(event["message"].encode()) + run_logs.EVENT_OVERHEAD for event in batch)


@pytest.mark.parametrize(
    ("texts", "batches"),
    [
        ([], 0),
        (["", "  "], 0),
        (["x"] * 10_000, 1),
        (["x"] * 10_001, 2),
        (["x" * 1000] * 1022, 1),
        (["x" * 1000] * 1023, 2),
        (["é" * 200_000], 1),
        (["\N{SNOWMAN}" * 500_000], 2),
    ],
)
def test_events_are_put_in_batches_within_the_limits_and_none_is_lost(texts: list[str], batches: int) -> None:
    batch_list = list(run_logs.event_batches(texts, 7))
    assert len(batch_list) == batches
    events = [event for batch in batch_list for event in batch]
    assert "".join(event["message"] for event in events) == "".join(texts).strip()
    assert {event["timestamp"] for event in events} <= {7}
    assert all(0 < len(event["message"].encode()) <= run_logs.LONGEST_EVENT for event in events)
    assert all(len(batch) <= 10_000 and batch_bytes(batch) <= 1_048_576 for batch in batch_list)


LINES, CUT = run_logs.MOST_LINES, run_logs.MOST_BYTES


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", []),
        ("one\ntwo\n", ["one", "two"]),
        ("x\n" * LINES, ["x"] * LINES),
        ("first\n" + "x\n" * LINES, ["rest", *["x"] * LINES]),
        ("y" * CUT, ["y" * CUT]),
        ("y" * (CUT + 5), ["rest", "y" * CUT]),
        (f"{'y' * CUT}\nlast\n", ["rest", "last"]),
    ],
    ids=["nothing", "all", "lines", "more lines", "bytes", "one endless line", "more bytes"],
)
def test_of_a_long_log_the_end_is_kept_and_it_says_where_the_rest_is(
    tmp_path: Path, text: str, kept: list[str]
) -> None:
    log = tmp_path / "log.txt"
    log.write_text(text)
    cut_notice = f"(what was written before this is in {log})"
    assert run_logs.last_lines(log) == [cut_notice if line == "rest" else line for line in kept]


def test_a_log_that_cannot_be_put_leaves_the_run_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "log.txt").write_text("a line")
    monkeypatch.setattr(run_logs.cloudwatch_logs, "_put_log_events", lambda _: 1 / 0)
    run_logs.put_run_log({}, "jr_1", tmp_path / "log.txt", "")
    assert "the log of jr_1 was not put into its group" in caplog.text
