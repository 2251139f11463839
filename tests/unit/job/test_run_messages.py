"""What people are told of a run: once that it is bad, once that it is good again, and nothing that they were told before."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError

from etl import reporting
from etl.contract.loading import parse_contract
from etl.contract.severity import Severity
from etl.contract.stage import SUITE_STAGES, Stage
from etl.messages.message import Message
from etl.messages.run_facts import RunFacts
from etl.results import results_writer
from etl.results.result_lines import parse_lines
from etl.results.rule_line import rule_line_adapter
from etl.results.rule_state import OBSERVED, RuleState
from etl.results.verdict import ObjectVersion, RunState
from etl.results.waiting_objects import WaitingObjects
from etl.runtime.arguments import RunKind
from etl.storage.clients import Clients
from tests.lake import LAKE
from tests.unit.job.run_reports import (
    KNOWN,
    OBJECT,
    RANGE,
    Bucket,
    broken_rule,
    ended_run,
    nothing_unread,
    replayed,
    rows_aside,
)


def told(*runs: RunFacts) -> list[tuple[str, bool]]:
    """Return of each of some runs, one after the other, what kind of message it left, and whether people are told."""
    bucket = Bucket()
    return [(str(message.kind), message.send) for message in map(bucket.tell, runs)]


def first_message(*runs: RunFacts) -> Message:
    """Return the message of the last of some runs."""
    bucket = Bucket()
    return [bucket.tell(run) for run in runs][-1]


BAD, AGAIN, GOOD = ("bad", True), ("good_again", True), ("none", False)
SAME = ("bad", False)


def test_a_bad_day_is_told_once_and_so_is_its_end() -> None:
    bad, good = ended_run(broken_rule()), ended_run()
    assert told(bad, bad, bad, good, good) == [BAD, SAME, SAME, AGAIN, GOOD]


def test_who_is_not_told_again_can_read_why() -> None:
    assert first_message(ended_run(broken_rule()), ended_run(broken_rule(), run="jr_2")).why_not == (
        "said already by run jr_1"
    )
    assert first_message(ended_run()).why_not == "all is well, and nothing was said to be bad"


def test_another_rule_of_the_same_day_is_told_and_fewer_rules_are_not() -> None:
    first, both = ended_run(broken_rule()), ended_run(broken_rule(), broken_rule("trades.price.range"))
    assert told(first, both, first, both, ended_run()) == [BAD, BAD, SAME, SAME, AGAIN]


def test_the_same_rules_on_another_day_are_told_anew_and_one_good_run_ends_both() -> None:
    days = [ended_run(broken_rule(), day=day) for day in (29, 30)]
    assert told(*days, ended_run(day=31), ended_run(day=31)) == [BAD, BAD, AGAIN, GOOD]
    message = first_message(*days, ended_run(day=31))
    assert message.email.startswith("trades is good again: it was bad on 2026-01-29, 2026-01-30.\n")
    assert f"Run jr_1 told of 2026-01-29: {RANGE}." in message.email
    assert message.chat["metadata"]["threadId"] == first_message(days[0]).chat["metadata"]["threadId"]


def test_good_again_is_heard_by_whoever_heard_that_it_was_bad() -> None:
    assert first_message(ended_run(broken_rule()), ended_run()).severity == Severity.CRITICAL
    assert first_message(rows_aside(), replayed("jr_1", run="jr_2")).severity == Severity.WARNING


def test_a_run_that_found_nothing_unread_makes_nothing_good_unless_what_was_bad_is_skipped() -> None:
    bad = ended_run(broken_rule())
    assert told(bad, nothing_unread(), nothing_unread("trades/other.csv"), ended_run()) == [BAD, GOOD, GOOD, AGAIN]
    assert told(bad, nothing_unread(OBJECT), ended_run()) == [BAD, AGAIN, GOOD]
    assert told(ended_run(error="OSError"), nothing_unread(OBJECT), ended_run()) == [BAD, GOOD, AGAIN]
    assert "left alone by an operator" in first_message(bad, nothing_unread(OBJECT)).email


def test_a_run_that_fails_for_another_reason_is_told_once_for_each_kind_of_error() -> None:
    lost, old = ended_run(error="LedgerGone"), ended_run(error="MigrationNeeded")
    assert told(lost, lost, old, ended_run(broken_rule()), old, ended_run()) == [BAD, SAME, BAD, BAD, SAME, AGAIN]


def test_rows_aside_are_told_once_a_day_and_a_replay_of_all_of_them_ends_it() -> None:
    aside, silent = ("set_aside", True), ("set_aside", False)
    again = rows_aside(run="jr_2")
    assert told(rows_aside(), again, ended_run(), rows_aside(day=30)) == [aside, silent, GOOD, aside]
    assert told(rows_aside(), again, replayed("jr_1"), replayed("jr_2")) == [aside, silent, GOOD, AGAIN]
    assert told(rows_aside(), replayed("jr_1", rows=1, run="jr_3"), replayed("jr_1"), replayed("jr_3")) == [
        aside,
        silent,
        GOOD,
        AGAIN,
    ]


def test_a_replay_does_not_make_good_what_is_bad() -> None:
    assert told(ended_run(broken_rule()), replayed("jr_0"), ended_run()) == [BAD, GOOD, AGAIN]


def test_a_run_that_is_good_again_and_sets_rows_aside_says_both_in_one_message() -> None:
    message = first_message(ended_run(broken_rule()), rows_aside(run="jr_2"))
    assert (message.kind, message.severity) == ("good_again", Severity.CRITICAL)
    assert "3 rows wait in sluice_dev.trades_quarantine." in message.email
    assert f"- {KNOWN}: 3 rows" in message.email
    assert told(ended_run(broken_rule()), rows_aside(), rows_aside()) == [BAD, AGAIN, ("set_aside", False)]


def test_an_operators_attempt_that_failed_is_a_warning_and_is_not_remembered() -> None:
    bucket = Bucket()
    failed = ended_run(broken_rule(), replay="jr_0", kind=RunKind.REPLAY)
    message = bucket.tell(failed)
    assert (message.kind, message.severity, message.send) == ("bad", Severity.WARNING, True)
    assert message.email.startswith("A replay of trades failed and changed nothing: trades.quantity.range broke")
    assert bucket.incidents() == []
    assert told(ended_run(broken_rule()), failed) == [BAD, SAME]


def test_a_run_that_was_killed_before_does_not_hide_the_rules_that_the_next_one_breaks() -> None:
    bucket = Bucket()
    by_the_flow = {"version": 1, "rules": [], "severity": "critical", "run_id": "jr_0", "kind": "bad"}
    bucket.objects["incidents/trades/2026-01-31.json"] = json.dumps(by_the_flow).encode()
    assert bucket.tell(ended_run(broken_rule())).send
    assert not bucket.tell(ended_run(broken_rule())).send
    assert bucket.tell(ended_run()).kind == "good_again"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"version": 2}', b'{"version": 1, "rules": 3}', b"\xff", b'{"version": 1, "rules": []}'],
)
def test_a_memory_that_cannot_be_read_hides_no_rule_and_ends_with_the_next_good_run(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    bucket, other = Bucket(), Bucket()
    for damaged in (bucket, other):
        damaged.objects["incidents/trades/2026-01-31.json"] = body
    assert bucket.tell(ended_run(broken_rule())).send
    assert bucket.tell(ended_run(broken_rule(), run="jr_2")).why_not == "said already by run jr_1"
    assert "2026-01-31.json cannot be read: that something was said is known, and not what" in caplog.text
    message = other.tell(ended_run(day=30))
    assert (message.kind, other.incidents()) == ("good_again", [])
    assert "A run told of 2026-01-31." in message.email


def test_the_end_of_a_killed_run_and_of_an_error_is_told_without_the_words_of_the_memory() -> None:
    bucket = Bucket()
    crash = {"version": 1, "rules": ["error:RowsLost", "run"], "severity": "critical", "run_id": "jr_1", "kind": "bad"}
    bucket.objects["incidents/trades/2026-01-31.json"] = json.dumps(crash).encode()
    email = bucket.tell(ended_run(day=31)).email
    assert "Run jr_1 told of 2026-01-31: RowsLost, a run ended before it could say why.\n" in email


@pytest.mark.parametrize(("operation", "run"), [("get", ended_run(broken_rule())), ("list", rows_aside())])
def test_who_may_not_read_what_was_said_tells_once_too_often(operation: str, run: RunFacts) -> None:
    bucket = Bucket()
    bucket.tell(run)
    bucket.refused[operation] = "incidents/"
    assert bucket.tell(run).send


def test_nothing_is_remembered_of_a_message_that_could_not_be_written() -> None:
    bucket, fresh = Bucket(), Bucket()
    bucket.tell(ended_run(broken_rule()))
    for refusing, run in ((bucket, ended_run()), (fresh, ended_run(broken_rule()))):
        before = refusing.incidents()
        refusing.refused["put"] = "outbox/"
        with pytest.raises(ClientError):
            refusing.tell(run)
        assert refusing.incidents() == before


def test_a_good_day_asks_for_little() -> None:
    bucket = Bucket()
    bucket.tell(ended_run())
    bucket.tell(nothing_unread(run="jr_2"))
    assert bucket.calls == ["list incidents/trades/", "put outbox/trades/jr_1.json", "put outbox/trades/jr_2.json"]


def test_rows_aside_are_forgotten_after_two_weeks_and_what_is_bad_never_is() -> None:
    bucket = Bucket()
    for run in (rows_aside(day=2), rows_aside(day=20), ended_run(broken_rule(), day=2)):
        bucket.tell(run)
    bucket.objects["incidents/trades/notes.txt"] = b"somebody's"
    bucket.tell(replayed("jr_9", day=20))
    assert bucket.incidents() == ["2026-01-02.json", "2026-01-20.set_aside.json", "notes.txt"]


def outbox_of(facts: RunFacts) -> dict[str, Any]:
    """Return the outbox's object of a run."""
    bucket = Bucket()
    bucket.tell(facts)
    return json.loads(bucket.objects[f"outbox/trades/{facts.verdict.run_id}.json"])


def test_the_outbox_has_all_that_a_teller_needs() -> None:
    message = outbox_of(ended_run(broken_rule()))
    assert [*message] == [
        *("version", "kind", "severity", "dataset", "owner", "run_date", "run_id", "send", "why_not"),
        *("subject", "email", "chat", "event"),
    ]
    silent = outbox_of(ended_run())
    assert [silent[name] for name in ("kind", "severity", "send", "subject", "email", "chat", "event")] == [
        *("none", "info", False, "", "", {}, {})
    ]


BAD_DAY = """\
trades is bad on 2026-01-31: trades.quantity.range broke (12 rows).
Readers see what was published at 2026-01-31 06:00 UTC, and nothing of this run.
Owner: stack.

What broke
- trades.quantity.range: 12 rows
  A trade has a quantity above 0.
    '-3' in trades/2026-01-31.csv row 17

What to do first
1. Look at row 17 of trades/2026-01-31.csv. Is the file wrong, or the contract?
2. If the file is what its source sends, let the contract say so, in a pull request: the reason above says how.
3. If the file is wrong, have runs leave it alone: sluice skip trades trades/2026-01-31.csv --version v7 --why TEXT --stack dev
4. Show the samples to whoever sends them. Another file goes under the same key, and the next run reads it.
5. Then run it again: sluice start trades --stack dev

Where to look
Run: https://eu-west-1.console.aws.amazon.com/gluestudio/home?region=eu-west-1#/job/sluice-dev-trades/run/jr_1
Verdict: https://eu-west-1.console.aws.amazon.com/s3/object/assets?prefix=verdicts/trades/jr_1.json
Runbook: docs/runbook.md#violations
"""


def test_a_bad_day_in_words() -> None:
    assert outbox_of(ended_run(broken_rule()))["email"] == BAD_DAY


class Metrics(Bucket):
    """A bucket that notes metrics too."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: list[float] = []

    def put_metric_data(self, *, MetricData: list[dict[str, Any]], **_: Any) -> None:
        self.broken += [metric["Value"] for metric in MetricData if metric["MetricName"] == "Broken"]

    def get_job_run(self, **_: Any) -> dict[str, Any]:
        started = datetime.now(UTC) - timedelta(seconds=50)
        return {"JobRun": {"MaxCapacity": 2.0, "StartedOn": started}}


def report(*runs: RunFacts, refused: dict[str, str] | None = None) -> Metrics:
    """Report runs, one after the other; return what they left."""
    left: Any = Metrics()
    left.refused = refused or {}
    for run in runs:
        reporting.publish_report(Clients(left, left, left), run)
    return left


def test_a_pager_rings_after_a_bad_run_and_is_quiet_after_a_good_one() -> None:
    bad, good = ended_run(broken_rule()), ended_run()
    assert report(bad, bad, nothing_unread(), replayed("jr_0"), good, good, rows_aside()).broken == [1, 1, 0, 0, 0]
    assert report(bad, nothing_unread(OBJECT)).broken == [1, 0]
    assert report(ended_run(error="OSError"), ended_run(broken_rule(), replay="jr_0", kind=RunKind.REPLAY)).broken == [
        1
    ]
    assert report(bad, good, refused={"put": "outbox/", "list": "incidents/", "get": "incidents/"}).broken == [1, 0]


def test_a_run_is_one_line_of_the_results() -> None:
    [(key, body)] = [
        (key, body)
        for key, body in report(replace(ended_run(broken_rule()), bytes_read=900)).objects.items()
        if key.startswith("results/runs/")
    ]
    assert key == "results/runs/dataset=trades/day=2026-01-31/jr_1.jsonl"
    line = json.loads(body)
    assert body.endswith(b"}\n")
    assert line.pop("dpu_seconds") == pytest.approx(100, abs=2)
    assert line == {
        **{"version": 1, "dataset": "trades", "run_id": "jr_1", "kind": "run", "run_date": "2026-01-31"},
        **{"started": "2026-01-31T06:00:00+00:00", "state": "FAILED", "nothing_unread": False},
        **{
            "rows_read": 0,
            "rows_published": 0,
            "rows_quarantined": 0,
            "rows_replaced": 0,
            "rows_unchanged": 0,
            "rows_gone": 0,
            "rows_expired": 0,
        },
        **{"objects": 1, "bytes": 900, "seconds": 0.0, "contracts": {}},
        **{"published_at": "2026-01-31T06:00:00+00:00", "freshness_hours": None},
        "broken": [{"rule": RANGE, "severity": "critical", "rows": 12}],
        **{"metrics": {}, "corrected": 0, "rows_deleted": 0, "rows_late": 0, "isolated": False, "is_ordinary": False},
    }


def test_each_rule_of_a_run_is_a_line_of_the_results_and_a_run_without_rules_has_no_file() -> None:
    held = replace(broken_rule(KNOWN), state=RuleState.HELD, unexpected=0, samples=(), way=OBSERVED, rows_judged=480)
    whole = replace(held, rule="trades.rows", rows_judged=480, observed="480")
    results = report(ended_run(replace(broken_rule(), rows_judged=480), held, whole)).objects
    key = "results/rules/dataset=trades/day=2026-01-31/jr_1.jsonl"
    lines = [json.loads(line) for line in results[key].splitlines()]
    assert [line.pop("rule") for line in lines] == [RANGE, KNOWN, "trades.rows"]
    of_run = {
        **{"version": 1, "dataset": "trades", "run_id": "jr_1", "kind": "run", "run_date": "2026-01-31"},
        **{"started": "2026-01-31T06:00:00+00:00", "stage": "input", "severity": "critical", "rows_judged": 480},
    }
    assert lines == [
        {**of_run, "state": "broken", "way": "computed", "rows_broken": 12, "observed": None},
        {**of_run, "state": "held", "way": "observed", "rows_broken": 0, "observed": None},
        {**of_run, "state": "held", "way": "observed", "rows_broken": 0, "observed": "480"},
    ]
    assert parse_lines(rule_line_adapter(), results[key])[2].observed == "480"
    assert [name for name in report(nothing_unread()).objects if name.startswith("results/rules")] == []


RESULTS, RESULTS_SAME = ("results", True), ("none", False)


def reported(*runs: RunFacts, refused: str = "results/") -> list[tuple[str, bool, str]]:
    """Return of each of some runs, to whom results are refused, its message: kind, whether it is sent, and its e-mail."""
    left: Any = Metrics()
    left.refused = {"put": refused}
    messages: list[tuple[str, bool, str]] = []
    for run in runs:
        reporting.publish_report(Clients(left, left, left), run)
        message = json.loads(left.objects[f"outbox/trades/{run.verdict.run_id}.json"])
        messages.append((message["kind"], message["send"], message["email"]))
    return messages


def test_a_good_run_whose_results_are_refused_stays_good_and_says_so_once_a_date() -> None:
    runs = (ended_run(), ended_run(), nothing_unread(run="jr_2"), ended_run(day=30))
    messages = reported(*runs)
    assert [message[:2] for message in messages] == [RESULTS, RESULTS_SAME, RESULTS_SAME, RESULTS]
    assert {run.verdict.state for run in runs} == {RunState.SUCCEEDED}
    assert messages[0][2].startswith("trades on 2026-01-31: the results of its runs are not whole.\n")
    for table in ("runs", "rules"):
        assert (f"s3://assets/results/{table}/dataset=trades/" in messages[0][2]) is (table == "runs")  # it judged none
    assert "An error occurred (AccessDenied) when calling the put operation" in messages[0][2]


def test_a_bad_run_whose_results_are_refused_stays_bad_and_says_so_in_its_message_once() -> None:
    bad = ended_run(broken_rule())
    messages = reported(bad, bad, ended_run(), ended_run())
    assert [message[:2] for message in messages] == [BAD, SAME, AGAIN, RESULTS_SAME]
    assert messages[0][2].startswith("trades is bad on 2026-01-31: trades.quantity.range broke (12 rows).\n")
    refused = [line for line in messages[0][2].splitlines() if line.startswith("Results could not be written")]
    assert [line.split("/")[4] for line in refused] == ["runs", "rules"]
    assert "told of 2026-01-31: the results of its runs are not whole, trades.quantity.range." in messages[2][2]
    assert "Results could not be written to s3://assets/results/runs/" in messages[2][2]


def test_rows_aside_and_results_that_are_refused_are_one_message_and_afterwards_none() -> None:
    messages = reported(rows_aside(), rows_aside(), refused="results/rules/")
    assert [message[:2] for message in messages] == [("set_aside", True), ("set_aside", False)]
    assert "Results could not be written to s3://assets/results/rules/" in messages[0][2]
    later = reported(ended_run(), rows_aside(), refused="results/runs/")
    assert [message[:2] for message in later] == [RESULTS, ("set_aside", True)]


def test_earlier_results_that_cannot_be_read_are_told_once_a_date_too() -> None:
    unread = ["s3://assets/results/runs/dataset=trades/day=2026-01-30/jr_0.jsonl: it is empty"]
    runs = [ended_run(*rules, unreadable_results=unread) for rules in ((), (), (broken_rule(),))]
    messages = reported(*runs, refused="nothing/")
    assert [message[:2] for message in messages] == [RESULTS, RESULTS_SAME, BAD]
    assert all(f"Results could not be read: {unread[0]}.\n" in message[2] for message in messages if message[1])


def test_a_run_tells_of_its_results_after_they_were_tried() -> None:
    calls = report(ended_run(broken_rule())).calls
    order = [call.split("/")[0] for call in calls if call.startswith("put")]
    assert order == ["put verdicts", "put verdicts", "put results", "put results", "put outbox", "put incidents"]


def test_a_run_that_is_killed_over_its_results_leaves_a_verdict_and_no_message_which_the_watch_takes_for_a_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(results_writer, "run_line", Mock(side_effect=SystemExit))
    left: Any = Metrics()
    with pytest.raises(SystemExit):
        reporting.publish_report(Clients(left, left, left), ended_run(broken_rule()))
    assert [*left.objects] == ["verdicts/trades/jr_1.json", "verdicts/trades/latest.json"]


def test_a_fault_of_ours_in_a_result_quotes_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_writer, "run_line", Mock(side_effect=ValueError("Lovelace")))
    [message] = reported(ended_run(), refused="nothing/")
    assert "jr_1.jsonl: ValueError." in message[2]
    assert "Lovelace" not in message[2]


def test_what_cannot_be_written_is_logged_and_changes_no_run(caplog: pytest.LogCaptureFixture) -> None:
    for prefix in ("outbox/", "incidents/", "results/"):
        left = report(ended_run(broken_rule()), refused={"put": prefix})
        assert f"s3://assets/{'outbox' if prefix == 'incidents/' else prefix.strip('/')}/" in caplog.text
        assert "verdicts/trades/latest.json" in left.objects
        caplog.clear()


def test_a_message_names_the_owner_of_the_contract_and_leads_to_the_page_of_what_broke() -> None:
    suites = [LAKE / "expectations" / "trades" / f"{stage}.json" for stage in SUITE_STAGES]
    contracts = tuple(parse_contract(suite.read_text(encoding="utf-8"), suite.name) for suite in suites)
    row_count = replace(broken_rule("trades.input.rows", 1, ("0",)), places=())
    facts = replace(ended_run(row_count, data_docs="s3://assets/docs/trades/jr_1/"), contracts=contracts)
    message = Bucket().tell(facts)
    assert message.owner == "trades-data"
    assert message.email.startswith("trades is bad on 2026-01-31: trades.input.rows broke (observed '0').\n")
    assert "- trades.input.rows: observed '0'\n  A trade has" in message.email
    assert "Show the samples to trades-data, who owns the data." in message.email
    assert message.event["data_docs_url"] == (
        "https://eu-west-1.console.aws.amazon.com/s3/object/assets?prefix=docs/trades/jr_1/input.html"
    )


def test_objects_that_wait_are_in_each_message_of_their_run_and_send_none_of_their_own() -> None:
    waiting = [WaitingObjects("a manifest *.json\n*bold*", 2, ("trades/a.csv", "trades/b.csv"))]
    words = "2 objects wait: trades/a.csv, trades/b.csv wait for a manifest *.json\\n*bold*."
    bad, aside = ended_run(broken_rule(), waiting=waiting), rows_aside()
    aside.verdict.waiting = waiting
    good = ended_run(waiting=waiting)
    for runs in ((bad,), (aside,), (bad, good)):
        assert words in first_message(*runs).email
    assert told(good) == [GOOD]


def test_a_file_that_is_no_manifest_is_named_first_and_may_be_skipped() -> None:
    manifest = "trades/day.json"
    rule = replace(broken_rule("trades.structure.manifest", key=manifest), stage=Stage.STRUCTURE)
    email = first_message(ended_run(rule, objects=[], manifests=[ObjectVersion(manifest, "v7")])).email
    assert "Look at row 17 of trades/day.json. Is the file wrong, or the contract?" in email
    assert "sluice skip trades trades/day.json --version v7" in email


def test_of_a_snapshot_it_is_said_what_was_there_already_and_what_left() -> None:
    copy = ended_run(rows_published=2, rows_unchanged=9985, rows_gone=1)
    readers = (
        "Readers see 2 rows that this run published, and 9,985 of the same copy that were there; 1 row left with it."
    )
    assert readers in first_message(ended_run(broken_rule()), copy).email
