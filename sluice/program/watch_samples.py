"""Messages that no run wrote, made by the state machines' JSONata from made-up events: what docs/messages.md shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonata

from components.names import FORGET, Names
from components.orchestration import due_words, run_words, watch_words
from etl.contract.severity import Severity
from sluice.program.message_samples import DATASET, REGION

NAMES = Names("sluice", "prod", REGION, "123456789012")
DOCS_URL = "https://lake.example.com/docs/"
NOW = "'2025-01-19T06:30:00.000Z'"
FACTS = {"dataset": DATASET, "owner": "web-shop", "hours": 26, "late_minutes": 30, "mute": {}, "active": True}
DATASETS = {DATASET: FACTS}


@dataclass(frozen=True)
class WatchMessage:
    """What people are told: `chat` is a custom notification of AWS's chat integration."""

    kind: str
    severity: Severity
    subject: str
    email: str
    chat: Mapping[str, Any]
    event: Mapping[str, Any]


@dataclass(frozen=True)
class WatchSample:
    """A message that the page shows: `name` is its pictures', `title` its heading, `when` says when it comes."""

    name: str
    title: str
    when: str
    message: WatchMessage


def watch_samples() -> Iterator[WatchSample]:
    """Yield a message of each kind that the flow or the watch words."""
    job = NAMES.resource_name(DATASET)
    crash = run_words.crash_words(
        NAMES, f"'{job}'", "'s3://sluice-prod-assets-123456789012/verdicts/orders/'", *_crash()
    )
    killed = {"run": "jr_2f6c", "state": "TIMEOUT", "error": "Job run timed out after 60 minutes"}
    yield _sample("killed", "A run was killed, and left no message", "Once for a dataset and day.", crash, killed)
    yield from _alarm_samples(job)
    late = {"jobName": job, "jobRunId": "jr_2f6c"}
    yield _sample(
        "late",
        "A run takes long",
        "When a run has taken `notify_after` minutes.",
        watch_words.late_words(NAMES, DOCS_URL),
        {"event": {"detail": late}, "datasets": DATASETS},
    )
    maintenance = {"jobName": f"{job}-maintain", "state": "FAILED", "message": "ForeignSnapshot: orders has a snapshot"}
    yield _sample(
        "maintenance",
        "Maintenance failed",
        "Once for a dataset and day.",
        watch_words.maintenance_words(NAMES, DOCS_URL),
        {"event": {"detail": maintenance}, "datasets": DATASETS},
    )
    yield _forget_sample()
    name = "2025-01-19-0600"
    execution = f"arn:aws:states:{REGION}:123456789012:execution:sluice-prod-flow:{name}"
    flow = {"status": "ABORTED", "name": name, "executionArn": execution}
    yield _sample(
        "flow",
        "The flow itself ended badly",
        "Once for an execution. Datasets that failed are told of by themselves.",
        watch_words.flow_words(NAMES, DOCS_URL),
        {"event": {"detail": flow}, "error": "stopped", "cause": "Stopped by an operator"},
    )
    yield from _due_samples()


def _forget_sample() -> WatchSample:
    error = "EngineFailed: UNABLE_TO_ACQUIRE_MEMORY"
    detail = {"jobName": NAMES.resource_name(FORGET), "jobRunId": "jr_7d0a", "state": "FAILED", "message": error}
    words = watch_words.forget_words(NAMES, DOCS_URL)
    return _sample("forget", "Rows could not be forgotten", "Once for a run.", words, {"event": {"detail": detail}})


def _due_samples() -> Iterator[WatchSample]:
    store = {"glob": f"{DATASET}/*-store17.csv", "count": 1, "since": "00:00", "manifest": False, "seen": 0, "late": 0}
    hourly = {**store, "glob": f"{DATASET}/hourly/*.csv", "count": 24, "since": "06:00 of the day before", "seen": 23}
    due = {"dataset": DATASET, "owner": "web-shop", "due": "05:30", "day": "2025-01-19", "error": "", "unseen": []}
    yield _sample(
        "not-arrived",
        "Files that were due have not come",
        "Once for a dataset, day and time of `meta.arrivals`.",
        due_words.missing_words(NAMES, DOCS_URL),
        {**due, "missing": [store, hourly]},
    )
    execution = f"arn:aws:states:{REGION}:123456789012:execution:sluice-prod-due:2025-01-19-0530"
    broken = {"status": "FAILED", "name": "2025-01-19-0530", "executionArn": execution}
    yield _sample(
        "look",
        "The look for what is due ended badly",
        "Once for an execution.",
        watch_words.look_words(NAMES, DOCS_URL),
        {"event": {"detail": broken}, "error": "NotTold", "cause": "what is missing was not published or kept"},
    )


def _alarm_samples(job: str) -> Iterator[WatchSample]:
    alarms = (
        ("missing", "A day never came", "Once for a dataset and day, where its start is active."),
        ("stale", "Runs succeed, and nothing new arrives", "Once for a dataset and day."),
        ("undelivered", "A target could not be reached", "Once a day for the stack."),
        (
            "watch",
            "A message could not be told",
            "Once a day for the stack. The alarm on the watch reaches the pager, too.",
        ),
    )
    for label, title, when in alarms:
        words = watch_words.alarm_words(NAMES, label, DOCS_URL)
        detail = {"alarmName": f"{job}-{label}"}
        yield _sample(label, title, when, words, {"event": {"detail": detail}, "datasets": DATASETS})


def _crash() -> tuple[str, str, str]:
    return f"'{DATASET}'", "'web-shop'", DOCS_URL


def _sample(name: str, title: str, when: str, expression: str, state_input: Mapping[str, Any]) -> WatchSample:
    dated = expression.replace("$now()", NOW)
    answer: Any = jsonata.Jsonata(f"($states := $; {dated})").evaluate({"input": dict(state_input)})
    message = answer.get("message", answer)
    severity = Severity(message["severity"])
    shown = WatchMessage(
        message["kind"], severity, message["subject"], message["email"], message["chat"], message["event"]
    )
    return WatchSample(name, title, when, shown)
