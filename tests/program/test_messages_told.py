"""What flow and watch tell: once, to the topics of its severity, and kept; what one did not tell, the other does."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from components.names import Names
from components.orchestration.message_states import ChannelTopic
from components.orchestration.state_machine import FlowStep, machine_definition
from components.orchestration.watch_states import WatchedDataset, watch_definition
from sluice.program.flow_structure import machine_faults
from sluice.program.graph import ACCOUNT
from tests.program.machine_runs import FakeAccount, make_teller, run_error, run_scope
from tests.program.test_names import DATASET, PREFIX, STACK

HERE = Names("sluice", "dev", "eu-west-1", ACCOUNT)
RUN, KEPT, OUTBOX = "jr_1", "messages/trades/jr_1.json", "outbox/trades/jr_1.json"
TODAY = datetime.now(UTC).date().isoformat()
MUTE = {"until": "2999-01-01", "why": "the source is rebuilt"}
SUBJECT, PUBLISHED, TITLE, DESCRIPTION = 100, 262_144, 250, 8000
"""SNS's limits: characters of a subject, bytes of a publish; the chat's: characters of a title and a description."""


def message(**changed: Any) -> dict[str, Any]:
    """What a job leaves in its outbox."""
    content = {
        "version": 1,
        "kind": "bad",
        "severity": "critical",
        "dataset": "trades",
        "owner": "team-trades",
        "run_date": TODAY,
        "run_id": RUN,
        "send": True,
        "why_not": "",
        "subject": "trades is bad",
        "email": "trades is bad, in words",
        "chat": {"version": "1.0", "source": "custom", "content": {"title": "trades is bad"}},
        "event": {"kind": "bad", "dataset": "trades"},
    }
    return content | changed


def flow_stage(mute: dict[str, str] | None = None, **teller: Any) -> dict[str, Any]:
    """The flow's stage of trades, with what it knows of it."""
    step = FlowStep("trades", "sluice-dev-trades", 60, "s3://v/trades/", owner="team-trades", mute=mute or {})
    machine = machine_definition(make_teller(HERE, **teller), [step], None, [])
    assert machine_faults(machine) == []
    return machine["States"]["Stage 1"]


def run_flow(account: FakeAccount, stage: dict[str, Any] | None = None) -> dict[str, Any]:
    return run_stage(stage or flow_stage(), account, "trades")


def run_stage(stage: dict[str, Any], account: FakeAccount, dataset: str) -> dict[str, Any]:
    """What becomes of the stage's one dataset."""
    return run_scope(stage["ItemProcessor"], stage["Items"][0], account, datasets=[dataset], failed=[])


def ran_well(**objects: Any) -> FakeAccount:
    return FakeAccount(objects, answers={"glue:startJobRun.sync": {"Id": RUN, "JobRunState": "SUCCEEDED"}})


def ran_badly(state: str = "FAILED", **objects: Any) -> FakeAccount:
    record = json.dumps({"Id": RUN, "JobRunState": state, "ErrorMessage": "no memory"})
    return FakeAccount(objects, answers={"glue:startJobRun.sync": run_error("States.TaskFailed", record)})


def watch(mute: dict[str, str] | None = None, active: bool = True, **teller: Any) -> dict[str, Any]:
    """The watch of a stack with trades."""
    watched = WatchedDataset("trades", "team-trades", 26, 30, active, mute or {})
    machine = watch_definition(make_teller(HERE, "watch", **teller), [watched])
    assert machine_faults(machine) == []
    return machine


def job_event(state: str, job: str = "sluice-dev-trades") -> dict[str, Any]:
    detail = {"jobName": job, "severity": "ERROR", "state": state, "jobRunId": RUN, "message": "no memory"}
    return {"source": "aws.glue", "detail-type": "Glue Job State Change", "detail": detail}


def alarm_event(label: str) -> dict[str, Any]:
    detail = {"alarmName": f"sluice-dev-{label}", "state": {"value": "ALARM"}}
    return {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": detail}


def test_what_a_run_says_is_published_once_in_words_and_kept() -> None:
    account = ran_badly()
    account.objects[OUTBOX] = message()
    assert run_flow(account) == {"dataset": "trades", "outcome": "FAILED"}
    (publication,) = account.published
    assert (publication["TopicArn"], publication["Subject"], publication["MessageStructure"]) == (
        "topic-critical",
        "trades is bad",
        "json",
    )
    parts = json.loads(publication["Message"])
    assert set(parts) == {"default", "email", "https"}
    assert parts["email"] == parts["default"] == "trades is bad, in words"
    assert json.loads(parts["https"]) == message()["chat"]
    attributes = {name: value["StringValue"] for name, value in publication["MessageAttributes"].items()}
    assert attributes == {"dataset": "trades", "owner": "team-trades", "severity": "critical", "kind": "bad"}
    kept = account.objects[KEPT]
    assert kept == message() | {"told_by": "flow", "topics": ["topic-critical"], "muted": False}


@pytest.mark.parametrize(
    ("left", "topics"),
    [
        (message(kind="none", send=False), []),
        (message(kind="good_again", severity="info"), ["topic-info"]),
        (message(kind="set_aside", severity="warning"), ["topic-warning"]),
    ],
)
def test_a_good_run_is_kept_and_told_where_it_has_something_to_say(left: dict[str, Any], topics: list[str]) -> None:
    account = ran_well()
    account.objects[OUTBOX] = left
    assert run_flow(account) == {"dataset": "trades", "outcome": "SUCCEEDED"}
    assert [publication["TopicArn"] for publication in account.published] == topics
    assert account.objects[KEPT]["topics"] == topics


def test_a_good_run_that_left_no_message_has_nothing_to_say() -> None:
    account = ran_well()
    assert run_flow(account) == {"dataset": "trades", "outcome": "SUCCEEDED"}
    assert (account.published, account.objects) == ([], {})


@pytest.mark.parametrize("call", ["sns:publish", "aws-sdk:s3:putObject", "aws-sdk:s3:getObject"])
@pytest.mark.parametrize(("ran", "outcome"), [(ran_well, "SUCCEEDED"), (ran_badly, "FAILED")])
def test_a_telling_that_fails_changes_no_outcome_and_is_left_to_the_watch(call: str, ran: Any, outcome: str) -> None:
    account = ran()
    account.objects[OUTBOX] = message()
    account.refused = {call}
    assert run_flow(account)["outcome"] == outcome
    if call != "aws-sdk:s3:getObject":
        assert KEPT not in account.objects
        account.refused = set()
        run_scope(watch(), job_event("SUCCEEDED"), account)
        assert account.objects[KEPT]["told_by"] == "watch"
        assert account.texts()[-1] == message()["email"]


def test_a_run_that_was_killed_is_told_in_words_once_a_day() -> None:
    account = ran_badly("TIMEOUT")
    assert run_flow(account)["outcome"] == "FAILED"
    (text,) = account.texts()
    assert text.startswith(f"sluice-dev: trades is bad on {TODAY}: the run ended TIMEOUT\n\nno memory\n")
    for part in (
        "Readers see what was published before.",
        "s3://v/trades/jr_1.json",
        "#failed",
        "sluice start trades",
    ):
        assert part in text
    assert account.objects[f"incidents/trades/{TODAY}.json"]["run_id"] == RUN
    second = json.dumps({"Id": "jr_2", "JobRunState": "FAILED", "ErrorMessage": "no memory"})
    account.answers["glue:startJobRun.sync"] = run_error("States.TaskFailed", second)
    run_flow(account)
    assert len(account.published) == 1
    kept = account.objects["messages/trades/jr_2.json"]
    assert (kept["send"], kept["why_not"], kept["topics"]) == (False, "said already by run jr_1", [])


def test_a_crash_that_was_noted_and_not_told_is_told_by_the_watch() -> None:
    account = ran_badly()
    account.refused = {"sns:publish"}
    run_flow(account)
    assert f"incidents/trades/{TODAY}.json" in account.objects
    account.refused = set()
    run_scope(watch(), job_event("FAILED"), account)
    assert len(account.published) == 1
    assert account.objects[KEPT]["told_by"] == "watch"


def test_a_run_that_never_started_is_told_by_the_name_of_the_execution() -> None:
    account = FakeAccount(answers={"glue:startJobRun.sync": run_error("Glue.EntityNotFoundException", "no such job")})
    run_flow(account)
    (text,) = account.texts()
    assert text.startswith(
        f"sluice-dev: trades is bad on {TODAY}: no run started, Glue.EntityNotFoundException\n\nno such job\n"
    )
    assert "messages/trades/start-exec-1.json" in account.objects


@pytest.mark.parametrize("until", [TODAY, "2999-01-01", "2000-01-01"])
def test_of_a_muted_dataset_nothing_is_published_until_its_day_is_over(until: str) -> None:
    account = ran_badly()
    account.objects[OUTBOX] = message()
    run_flow(account, flow_stage(MUTE | {"until": until}))
    muted = until >= TODAY
    assert len(account.published) == (0 if muted else 1)
    kept = account.objects[KEPT]
    assert kept["muted"] is muted
    assert kept["why_not"] == (f"muted until {until}: the source is rebuilt" if muted else "")


@pytest.mark.parametrize(
    ("owner", "severity", "topics"),
    [
        ("team-trades", "critical", ["topic-critical", "own"]),
        ("team-other", "critical", ["topic-critical"]),
        ("nobodys", "critical", ["topic-critical", "own"]),
        ("team-trades", "warning", ["topic-warning", "own"]),
        ("nobodys", "warning", ["topic-warning"]),
        ("stack", "warning", ["topic-warning", "own"]),
        ("team-trades", "info", ["topic-info"]),
    ],
)
def test_a_channel_with_a_topic_of_its_own_hears_its_owners(owner: str, severity: str, topics: list[str]) -> None:
    heard = {"critical": {"but": ["team-other"]}, "warning": {"only": ["team-trades", "stack"]}}
    branch = flow_stage(channel_topics=[ChannelTopic("own", heard)])
    account = ran_badly()
    account.objects[OUTBOX] = message(owner=owner, severity=severity)
    run_flow(account, branch)
    assert sorted(publication["TopicArn"] for publication in account.published) == sorted(topics)


def test_where_somebody_listens_on_the_event_bus_the_event_goes_there_too() -> None:
    account = ran_badly()
    account.objects[OUTBOX] = message()
    run_flow(account, flow_stage(event_source="sluice.sluice-dev"))
    (event,) = account.events
    assert event == {"Source": "sluice.sluice-dev", "DetailType": "Sluice Message", "Detail": message()["event"]}
    assert not FakeAccount().events


def test_the_watch_is_silent_where_somebody_told() -> None:
    account = FakeAccount({OUTBOX: message(), KEPT: message()})
    run_scope(watch(), job_event("FAILED"), account)
    assert (account.published, account.metrics) == ([], [])


def test_the_watch_tells_of_a_run_that_nobody_told_of() -> None:
    account = FakeAccount({OUTBOX: message()})
    run_scope(watch(), job_event("FAILED"), account)
    assert account.texts() == [message()["email"]]
    assert account.objects[KEPT]["told_by"] == "watch"


def test_the_watch_counts_a_killed_run_as_bad_and_tells_of_it() -> None:
    account = FakeAccount()
    run_scope(watch(), job_event("STOPPED"), account)
    (metric,) = account.metrics
    assert metric == {
        "Namespace": "Sluice",
        "MetricData": [
            {
                "MetricName": "Broken",
                "Value": 1,
                "Dimensions": [{"Name": "JobName", "Value": "sluice-dev-trades"}],
            }
        ],
    }
    assert account.texts()[0].startswith(f"sluice-dev: trades is bad on {TODAY}: the run ended STOPPED")


def test_a_good_run_is_not_counted_as_bad_and_one_without_a_message_says_nothing() -> None:
    account = FakeAccount()
    run_scope(watch(), job_event("SUCCEEDED"), account)
    assert (account.metrics, account.published) == ([], [])


def test_a_watch_that_cannot_tell_fails_and_names_the_message() -> None:
    account = FakeAccount({OUTBOX: message()}, refused={"sns:publish"})
    with pytest.raises(Exception, match="NotTold") as failed:
        run_scope(watch(), job_event("FAILED"), account)
    assert KEPT in str(vars(failed.value))


EVENTS = [
    (job_event("FAILED", "sluice-dev-trades-maintain"), "maintenance_failed", "warning", "maintenance ended FAILED"),
    (
        {"detail-type": "Glue Job Run Status", "detail": {"jobName": "sluice-dev-trades", "jobRunId": RUN}},
        "late",
        "warning",
        "longer than 30 minutes",
    ),
    (alarm_event("trades-missing"), "never_came", "critical", "for 26 hours"),
    (alarm_event("trades-stale"), "stale", "critical", "nothing new was published for 26 hours"),
]


@pytest.mark.parametrize(("event", "kind", "severity", "words"), EVENTS)
def test_the_watch_tells_of_a_datasets_events_once_a_day(
    event: dict[str, Any], kind: str, severity: str, words: str
) -> None:
    account = FakeAccount()
    for _ in range(2):
        run_scope(watch(), event, account)
    (publication,) = account.published
    attributes = {name: value["StringValue"] for name, value in publication["MessageAttributes"].items()}
    assert attributes == {"dataset": "trades", "owner": "team-trades", "severity": severity, "kind": kind}
    assert publication["TopicArn"] == f"topic-{severity}"
    assert words in account.texts()[0]
    assert list(account.objects) == [f"messages/trades/{kind}-{TODAY}.json"]


@pytest.mark.parametrize(("event", "kind", "severity", "words"), EVENTS)
def test_of_a_muted_dataset_the_watch_tells_nothing(
    event: dict[str, Any], kind: str, severity: str, words: str
) -> None:
    account = FakeAccount()
    run_scope(watch(MUTE), event, account)
    assert account.published == []
    assert [kept["muted"] for kept in account.objects.values()] == [True]


def test_a_dataset_that_nothing_starts_never_comes_and_nobody_is_told() -> None:
    account = FakeAccount()
    run_scope(watch(active=False), alarm_event("trades-missing"), account)
    assert account.published == []
    run_scope(watch(active=False), alarm_event("trades-stale"), account)
    assert len(account.published) == 1


@pytest.mark.parametrize(("label", "kind"), [("undelivered", "undelivered"), ("watch", "watch_failed")])
def test_the_watch_tells_of_the_stacks_own_alarms(label: str, kind: str) -> None:
    account = FakeAccount()
    run_scope(watch(), alarm_event(label), account)
    (publication,) = account.published
    assert publication["MessageAttributes"]["owner"]["StringValue"] == "stack"
    assert list(account.objects) == [f"messages/stack/{kind}-{TODAY}.json"]


FORGET_EVENTS = [
    (
        job_event("TIMEOUT", "sluice-dev-forget"),
        "forget_failed",
        "sluice-dev-forget ended TIMEOUT: rows are still to be",
    ),
    (
        {"detail-type": "Glue Job Run Status", "detail": {"jobName": "sluice-dev-forget", "jobRunId": RUN}},
        "late",
        "sluice-dev-forget is late: it takes longer than 120 minutes",
    ),
]


@pytest.mark.parametrize(("event", "kind", "words"), FORGET_EVENTS)
def test_the_watch_tells_once_of_a_run_that_was_to_forget_rows(event: dict[str, Any], kind: str, words: str) -> None:
    account = FakeAccount()
    for _ in range(2):
        run_scope(watch(), event, account)
    (publication,) = account.published
    assert publication["TopicArn"] == "topic-warning"
    assert account.texts()[0].startswith(words)
    assert list(account.objects) == [f"messages/stack/{kind}-{RUN}.json"]


@pytest.mark.parametrize("label", ["trades-violations", "trades-broken", "trades-quarantined", "trades-errors"])
def test_of_alarms_that_a_run_tells_of_the_watch_says_nothing(label: str) -> None:
    account = FakeAccount()
    run_scope(watch(), alarm_event(label), account)
    assert (account.published, account.objects) == ([], {})


def flow_event() -> dict[str, Any]:
    detail = {"executionArn": "arn:aws:states:x", "name": "n-1", "status": "FAILED"}
    return {"detail-type": "Step Functions Execution Status Change", "detail": detail}


@pytest.mark.parametrize(("error", "messages"), [("DatasetsFailed", 0), ("WrongInput", 1), (None, 1)])
def test_of_a_flow_that_broke_the_watch_tells_unless_each_dataset_was_told(error: str | None, messages: int) -> None:
    described = {"Error": error, "Cause": "given 5"} if error else {}
    account = FakeAccount(answers={"aws-sdk:sfn:describeExecution": described})
    run_scope(watch(), flow_event(), account)
    assert len(account.published) == messages
    if error == "WrongInput":
        assert account.texts()[0].startswith("sluice-dev-flow ended FAILED: WrongInput\n\ngiven 5\n")
    assert list(account.objects) == ["messages/stack/flow_failed-n-1.json"] * messages


def test_of_a_look_for_what_is_due_that_broke_the_watch_tells_by_its_name() -> None:
    event = flow_event()
    event["detail"]["executionArn"] = "arn:aws:states:eu-west-1:123456789012:execution:sluice-dev-due:n-1"
    account = FakeAccount(answers={"aws-sdk:sfn:describeExecution": {"Error": "NotTold", "Cause": "not kept"}})
    run_scope(watch(), event, account)
    assert account.texts()[0].startswith("sluice-dev-due ended FAILED: NotTold\n\nnot kept\n")
    assert list(account.objects) == ["messages/stack/look_failed-n-1.json"]


def test_a_flow_whose_end_cannot_be_read_is_told_of() -> None:
    account = FakeAccount(refused={"aws-sdk:sfn:describeExecution"})
    run_scope(watch(), flow_event(), account)
    assert account.texts()[0].startswith("sluice-dev-flow ended FAILED: unknown")


def test_a_drill_is_told_as_it_is_given() -> None:
    account = FakeAccount()
    run_scope(watch(), {"drill": message(subject="drill", owner="stack")}, account)
    assert [publication["Subject"] for publication in account.published] == ["drill"]
    assert list(account.objects) == ["messages/stack/drill-exec-1.json"]


def test_the_watch_refuses_what_is_no_event() -> None:
    with pytest.raises(Exception, match="WrongInput"):
        run_scope(watch(), {"detail-type": "Scheduled Event"}, FakeAccount())


NASTY = 'fault <!here> @channel *bold* `code` [x](y) "quote" \\ é ☃ 😀\n'


def test_the_longest_message_is_within_every_services_limits_and_mentions_nobody() -> None:
    here = Names(PREFIX, STACK, "eu-west-1", ACCOUNT)
    step = FlowStep(DATASET, f"{PREFIX}-{STACK}-{DATASET}", 60, f"s3://{'b' * 63}/verdicts/{DATASET}/", owner="o" * 200)
    machine = machine_definition(make_teller(here), [step], None, [])
    record = json.dumps({"Id": "jr_" + "9" * 64, "JobRunState": "FAILED", "ErrorMessage": NASTY * 2000})
    account = FakeAccount(answers={"glue:startJobRun.sync": run_error("States.TaskFailed", record)})
    run_stage(machine["States"]["Stage 1"], account, DATASET)
    (publication,) = account.published
    assert len(json.dumps(publication).encode()) < PUBLISHED
    assert len(publication["Subject"]) <= SUBJECT
    assert publication["Subject"].isascii()
    assert publication["Subject"].isprintable()
    content = json.loads(account.texts("https")[0])["content"]
    assert len(content["title"]) <= TITLE
    assert len(content["description"]) <= DESCRIPTION
    assert not set("<>@*`[]") & set(content["description"] + content["title"])
    assert "#failed" in content["description"]
