"""The objects in the assets bucket that a run's message is: what was said before, the outbox, and what is remembered.

The outbox is written first. The flow tells of a run that dies before, and must not find a memory of what nobody heard.
"""

import json
import logging
from collections.abc import Iterator
from typing import Any

from etl.messages.incidents import (
    Incident,
    incident_key,
    incident_prefix,
    is_forgotten,
    parse_incident,
    parse_key,
)
from etl.messages.limits import OUTBOX_BYTES
from etl.messages.message import Message, MessageKind
from etl.messages.run_facts import RunFacts
from etl.messages.run_message import Outcome, Remembered, tell_of_run
from etl.runtime.arguments import RunKind
from etl.storage.clients import Clients
from etl.storage.optional_objects import read_object

logger = logging.getLogger(__name__)


def write_message(aws: Clients, facts: RunFacts) -> Outcome:
    """Write a run's message into the outbox, and what is remembered of it; return both.

    Raises:
        ClientError: S3 refused one of them.
    """
    outcome = tell_of_run(facts, _read_remembered(aws, facts))
    bucket = facts.arguments.verdicts.bucket
    key = outbox_key(facts.dataset, facts.verdict.run_id)
    aws.s3.put_object(Bucket=bucket, Key=key, Body=outbox_body(outcome.message), ContentType="application/json")
    for incident in outcome.written:
        body = json.dumps(incident.as_json(), ensure_ascii=False).encode()
        key = incident_key(facts.dataset, incident.run_date, incident.kind)
        aws.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    for incident in outcome.settled:
        aws.s3.delete_object(Bucket=bucket, Key=incident_key(facts.dataset, incident.run_date, incident.kind))
    return outcome


def outbox_key(dataset: str, run_id: str) -> str:
    """Return the key of a run's message."""
    return f"outbox/{dataset}/{run_id}.json"


def outbox_body(message: Message) -> bytes:
    """Return a message as bytes, at most 60,000; the event loses its text where they would be more."""
    content = message.as_json()
    body = json.dumps(content, ensure_ascii=False).encode(errors="replace")
    if len(body) <= OUTBOX_BYTES:
        return body
    shorter = {**content, "event": {**content["event"], "text": content["subject"]}}
    return json.dumps(shorter, ensure_ascii=False).encode(errors="replace")


def _read_remembered(aws: Clients, facts: RunFacts) -> Remembered:
    """Return what was said before, as far as it matters to the run; what cannot be read counts as not said."""
    try:
        incidents = [*_incidents(aws, facts)]
    except Exception as error:  # rather twice than never
        logger.warning("could not read what was said before of %s: %s", facts.dataset, error)
        return Remembered()
    return Remembered(
        tuple(incident for incident in incidents if incident.kind is MessageKind.BAD),
        tuple(incident for incident in incidents if incident.kind is MessageKind.SET_ASIDE),
        tuple(incident for incident in incidents if incident.kind is MessageKind.RESULTS),
    )


def _incidents(aws: Clients, facts: RunFacts) -> Iterator[Incident]:
    """Yield the incidents that matter to the run. They are listed first: who asks for what is not there is refused by S3."""
    verdict, dataset = facts.verdict, facts.dataset
    if verdict.nothing_unread and not verdict.skipped and not facts.results_faults:
        return
    for key in _listed_keys(aws, facts):
        day, kind = parse_key(dataset, key) or ("", MessageKind.NONE)
        if not _matters(facts, kind, is_own_date=day == facts.run_date):
            continue
        body = read_object(aws.s3, facts.arguments.verdicts.bucket, key)
        if body is None:
            continue
        incident = parse_incident(body, day, kind)
        if incident is None:
            logger.warning("%s cannot be read: that something was said is known, and not what", key)
        yield incident or Incident.unreadable(day, kind)


def _listed_keys(aws: Clients, facts: RunFacts) -> list[str]:
    """Return the keys of a dataset's incidents; those that are long past are deleted, unless they are bad."""
    bucket = facts.arguments.verdicts.bucket
    pages: Any = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=incident_prefix(facts.dataset))
    keys = [stored["Key"] for page in pages for stored in page.get("Contents", ())]
    days = {key: parse_key(facts.dataset, key) for key in keys}
    forgotten = {
        key
        for key, named in days.items()
        if named and named[1] is not MessageKind.BAD and is_forgotten(named[0], facts.arguments.calendar_day)
    }
    for key in sorted(forgotten):
        aws.s3.delete_object(Bucket=bucket, Key=key)
    return [key for key in keys if key not in forgotten]


def _matters(facts: RunFacts, kind: MessageKind, *, is_own_date: bool) -> bool:
    """Return whether a run needs to know an incident: it reads no more than it repeats or settles."""
    verdict = facts.verdict
    if not kind.is_remembered:
        return False
    if kind is MessageKind.RESULTS:
        return is_own_date and bool(facts.results_faults) and not verdict.state.is_failure
    if verdict.state.is_failure:
        return kind is MessageKind.BAD and is_own_date
    if kind is MessageKind.BAD:
        return verdict.kind is RunKind.RUN
    return verdict.kind is RunKind.REPLAY or (is_own_date and verdict.rows_quarantined > 0)
