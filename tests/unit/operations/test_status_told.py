"""A dataset's state in words, on plain data."""

import io
from contextlib import redirect_stdout
from datetime import UTC, datetime
from typing import Any

from sluice.operations import status, status_report
from sluice.operations.status import DatasetState

NOW = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)
SEEN: dict[str, Any] = {
    "readers": {
        "snapshot": "7",
        "published": "2026-01-29T00:00:00+00:00",
        "hours": 60.0,
        "freshness_hours": 26,
        "rows": 1234,
        "run": "jr_1",
    },
    "verdict": {
        "run_id": "jr_2",
        "state": "FAILED",
        "message": "…",
        "rows_read": 3,
        "rows_published": 0,
        "rows_quarantined": 1,
        "violated": [
            {
                "rule": "trades.quantity.range",
                "severity": "critical",
                "unexpected": 2,
                "places": [{"object": "trades/a.csv", "version": "1", "row": 3}, None],
            }
        ],
        "skip": ["sluice skip trades trades/a.csv --version 1 --why TEXT"],
    },
    "runs": [{"run": "jr_2", "state": "FAILED", "started": "2026", "seconds": 40, "message": "ContractBroken: …"}],
    "maintenance": {"run": "jr_8", "state": "SUCCEEDED", "started": "2025", "seconds": 1400, "message": ""},
    "objects": {
        "unread": [
            {"key": "trades/a.csv", "version": "1", "bytes": 10, "put": "2026", "instead_of": None},
            {"key": "trades/b.csv", "version": "2", "bytes": 2000, "put": "2026", "instead_of": "1"},
        ],
        "superseded": ["trades/0.csv"],
        "waiting": [{"awaited": "a manifest *.json", "objects": 2, "keys": ["trades/e.csv", "trades/f.csv"]}],
        "broken_manifests": [{"key": "trades/day.json", "fault": "it begins with <"}],
        "skipped": [{"key": "trades/c.csv", "version": "1", "why": "half of it", "who": "ada", "at": "2026"}],
        "passed_over": ["trades/_trades.csv"],
        "objects_passed_over": 1,
        "deleted": ["trades/d.csv"],
    },
    "branches": [
        {"table": "lake.db.trades", "branch": "run_jr_2", "alive": False},
        {"table": "lake.db.trades", "branch": "run_jr_3", "alive": True},
    ],
    "aside": 1,
}


def shown_text(**changes: Any) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        status_report.print_states(
            [DatasetState("trades", "sluice-prod-trades", {**SEEN, **changes}, {}, is_unreachable=False)]
        )
    return out.getvalue()


def test_every_part_of_a_state_is_told_in_a_line() -> None:
    assert shown_text() == (
        "trades  sluice-prod-trades\n"
        "  readers see   snapshot 7, 1,234 rows, published 2026-01-29T00:00:00+00:00, 60.0 hours ago (contract: within 26)\n"
        "  last verdict  FAILED 3 rows read, 0 published, 1 set aside; jr_2\n"
        "                critical trades.quantity.range (2) in trades/a.csv row 3\n"
        "                leave alone what broke it:\n"
        "    sluice skip trades trades/a.csv --version 1 --why TEXT\n"
        "  last runs     FAILED 2026, 40 s, jr_2: ContractBroken: …\n"
        "  maintenance   SUCCEEDED 2025, 1,400 s, jr_8\n"
        "  unread        2 objects: trades/a.csv, trades/b.csv (a new version) (2,010 bytes)\n"
        "  older copies  1 object: trades/0.csv: the next run records them and reads a newer copy, or none\n"
        "  waiting       trades/e.csv, trades/f.csv wait for a manifest *.json\n"
        "  no manifest   trades/day.json: it begins with <\n"
        "  skipped       trades/c.csv by ada at 2026: half of it\n"
        "  passed over   1 object for the name: trades/_trades.csv\n"
        "  deleted       in raw, still published: 1 object: trades/d.csv\n"
        "  branch        run_jr_2 of lake.db.trades, left over: the next run drops it\n"
        "  branch        run_jr_3 of lake.db.trades, of a run under way\n"
        "  aside         1 row\n"
    )


def test_a_replay_is_told_apart_from_a_run() -> None:
    verdict = {**SEEN["verdict"], "kind": "replay"}
    last = [{**run, "kind": kind} for run, kind in zip(SEEN["runs"] * 2, ("rerun", "run"), strict=True)]
    text = shown_text(verdict=verdict, runs=last)
    assert "  last verdict  FAILED (replay) 3 rows read" in text
    assert "  last runs     FAILED (rerun) 2026, 40 s, jr_2" in text
    assert "                FAILED 2026, 40 s, jr_2" in text


def test_a_dataset_that_nothing_was_published_of_has_no_age() -> None:
    nothing = {"snapshot": None, "published": None, "hours": None, "freshness_hours": 26, "rows": 0, "run": None}
    text = shown_text(readers=nothing, verdict=None, runs=[])
    assert "  readers see   nothing yet\n" in text
    assert "  last runs     none\n" in text
    assert "last verdict" not in text


def test_what_could_not_be_looked_at_is_told_once_with_its_parts() -> None:
    out = io.StringIO()
    unseen = {"objects": "no ledger", "aside": "no ledger", "runs": "denied"}
    state = DatasetState("trades", "job", SEEN | dict.fromkeys(unseen), unseen, is_unreachable=True)
    with redirect_stdout(out):
        status_report.print_states([state])
    assert "  not seen      objects, aside: no ledger\n  not seen      runs: denied\n" in out.getvalue()
    assert state.as_json()["unseen"] == unseen


def run_summary(state: str, **also: Any) -> dict[str, Any]:
    started = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    return status.describe_run(
        {"Id": "jr_1", "JobRunState": state, "StartedOn": started, "ExecutionTime": 7, **also}, NOW
    )


def test_a_run_that_has_not_ended_has_taken_the_seconds_until_now() -> None:
    assert (run_summary("RUNNING")["seconds"], run_summary("SUCCEEDED")["seconds"]) == (30, 7)
    assert run_summary("SUCCEEDED")["started"] == "2026-01-31T12:00:00+00:00"


def test_a_long_message_is_cut_where_a_line_would_drown() -> None:
    assert run_summary("FAILED", ErrorMessage="x" * 301)["message"] == "x" * 300 + "…"
    assert run_summary("FAILED", ErrorMessage="x" * 300)["message"] == "x" * 300
