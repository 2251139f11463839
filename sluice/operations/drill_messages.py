"""The messages of a drill: one of each kind that people may get, in the form of those that a job leaves in `outbox/`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from etl.contract.severity import Severity

STACK_OWNER = "stack"
"""The owner of a message that is about no dataset: each channel hears it."""
SENTENCE = "This is a drill: nothing is wrong, and nothing was changed."


@dataclass(frozen=True)
class DrilledKind:
    """A kind of message, its severity, and what one of it says."""

    kind: str
    severity: Severity
    says: str


DRILLED_KINDS = (
    DrilledKind("bad", Severity.CRITICAL, "a file broke its contract, or a run failed"),
    DrilledKind("good_again", Severity.CRITICAL, "what was bad is good, by a run or a replay"),
    DrilledKind("never_came", Severity.CRITICAL, "no run of a dataset has succeeded in time"),
    DrilledKind("stale", Severity.CRITICAL, "runs of a dataset succeed and find nothing new"),
    DrilledKind("flow_failed", Severity.CRITICAL, "the flow itself broke off, or was stopped"),
    DrilledKind("undelivered", Severity.CRITICAL, "an event, a start or a message did not reach its target"),
    DrilledKind("look_failed", Severity.CRITICAL, "the look for what is due broke off"),
    DrilledKind("set_aside", Severity.WARNING, "a run published, and set rows aside"),
    DrilledKind("late", Severity.WARNING, "a run takes longer than it should"),
    DrilledKind("not_arrived", Severity.WARNING, "files that were due have not come, or could not be looked for"),
    DrilledKind("maintenance_failed", Severity.WARNING, "a maintenance failed; no row is touched by that"),
    DrilledKind("forget_failed", Severity.WARNING, "rows are still to be forgotten"),
    DrilledKind("digest", Severity.INFO, "what was published, set aside and broken, and what it cost"),
)


def drill_message(drilled: DrilledKind, prefix: str, who: str) -> dict[str, Any]:
    """Return a message of a kind, for the stack whose names begin with `prefix`; `who` started the drill."""
    now = datetime.now(UTC)
    title = f"DRILL of {prefix}: {drilled.kind}"
    text = f"{SENTENCE} A message of this kind says: {drilled.says}."
    labels: dict[str, Any] = {
        "version": 1,
        "kind": drilled.kind,
        "severity": str(drilled.severity),
        "dataset": STACK_OWNER,
        "owner": STACK_OWNER,
        "run_date": now.date().isoformat(),
        "run_id": f"drill-{now:%Y%m%dT%H%M%S}",
    }
    content = {"textType": "client-markdown", "title": title, "description": f"{text}\nStarted by {who}"}
    metadata = {"threadId": f"{prefix}-drill-{labels['run_date']}", "summary": title, "eventType": drilled.kind}
    return {
        **labels,
        "send": True,
        "why_not": "",
        "subject": title.encode("ascii", "replace").decode()[:99],
        "email": f"{title}.\n{text}\nStarted by {who}.\n",
        "chat": {"version": "1.0", "source": "custom", "content": content, "metadata": metadata},
        "event": {**labels, "subject": title, "title": title, "text": text},
    }
