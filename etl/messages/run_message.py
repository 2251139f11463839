"""From a run to its message: what kind it is, whether people are told, and what is remembered of it. Pure functions."""

from dataclasses import dataclass, replace
from typing import assert_never

from etl.contract.severity import Severity
from etl.messages import run_content
from etl.messages.chat_notification import render_chat
from etl.messages.content import Content
from etl.messages.email_text import render_email
from etl.messages.event_detail import render_event
from etl.messages.incidents import Incident
from etl.messages.limits import subject_line
from etl.messages.message import Message, MessageKind
from etl.messages.run_facts import RESULTS_FAULT, RunFacts
from etl.runtime.arguments import RunKind


@dataclass(frozen=True)
class Remembered:
    """What was said before this run.

    Attributes:
        bad: of bad dates; for a run that failed that of its own date, else all.
        aside: of dates with rows aside: that of the run's own date, and for a replay all.
        results: of results that are not whole, of a good run's own date.
    """

    bad: tuple[Incident, ...] = ()
    aside: tuple[Incident, ...] = ()
    results: tuple[Incident, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A run's message, and what is remembered after it: incidents to write, and to delete."""

    message: Message
    written: tuple[Incident, ...] = ()
    settled: tuple[Incident, ...] = ()


def tell_of_run(facts: RunFacts, remembered: Remembered) -> Outcome:
    """Return the message of a run that has ended."""
    if facts.verdict.changed_nothing:
        return _failed_repair(facts, remembered)
    if facts.verdict.state.is_failure:
        return _bad(facts, remembered)
    return _with_results_faults(facts, remembered, _good(facts, remembered))


def _good(facts: RunFacts, remembered: Remembered) -> Outcome:
    settled = settled_incidents(facts, remembered)
    aside = _remembered_aside(facts, remembered)
    if settled:
        content = run_content.good_again_content(facts, settled)
        first_date = min(incident.run_date for incident in settled)
        message = _message(facts, MessageKind.GOOD_AGAIN, settled[0].severity, content, first_date)
        return Outcome(message, aside, tuple(settled))
    if facts.verdict.rows_quarantined:
        return Outcome(_set_aside(facts, remembered), aside)
    reason = "nothing was unread" if facts.verdict.nothing_unread else "all is well, and nothing was said to be bad"
    return Outcome(_unsent(_bare_message(facts), reason), aside)


def _with_results_faults(facts: RunFacts, remembered: Remembered, outcome: Outcome) -> Outcome:
    """Return a good run's message with what is missing of results: once a date, in a message of its own where it sends none."""
    if not facts.results_faults:
        return outcome
    begun = Incident.begin(
        facts.run_date, (RESULTS_FAULT,), Severity.WARNING, facts.verdict.run_id, MessageKind.RESULTS
    )
    before = _on_date(remembered.results, facts.run_date)
    incident = before.extended((RESULTS_FAULT,), facts.verdict.run_id) if before else begun
    message = outcome.message
    if not message.send and not before:
        message = _message(facts, MessageKind.RESULTS, Severity.WARNING, run_content.results_content(facts))
    return replace(outcome, message=message, written=(*outcome.written, incident))


def settled_incidents(facts: RunFacts, remembered: Remembered) -> list[Incident]:
    """Return what a good run made good.

    A bad object is read by each run until it is mended, skipped or set aside, so an ordinary run that published has it settled,
    whatever its date. One that found nothing unread has settled what an operator had left alone, and nothing else. A replay
    settles the rows that its run set aside, where none went aside again.
    """
    verdict = facts.verdict
    match verdict.kind:
        case RunKind.RUN:
            if not verdict.nothing_unread:
                return [*remembered.bad]
            skipped = {skipped_object.key for skipped_object in verdict.skipped}
            return [incident for incident in remembered.bad if incident.is_settled_by_skipping(skipped)]
        case RunKind.REPLAY:
            is_whole = not verdict.rows_quarantined
            return [incident for incident in remembered.aside if is_whole and {*incident.runs} == {verdict.replay}]
        case RunKind.RERUN | RunKind.WITHDRAW:
            return []
        case _:
            assert_never(verdict.kind)


def _bad(facts: RunFacts, remembered: Remembered) -> Outcome:
    before = _on_date(remembered.bad, facts.run_date)
    run_id = facts.verdict.run_id
    incident = (
        before.extended(facts.faults, run_id)
        if before
        else Incident.begin(facts.run_date, facts.faults, Severity.CRITICAL, run_id, MessageKind.BAD)
    )
    objects = {origin.object for result in facts.verdict.broken for origin in result.places if origin}
    message = _message(facts, MessageKind.BAD, Severity.CRITICAL, run_content.bad_content(facts))
    return Outcome(_unless_covered(message, before, facts.faults), (incident.about(objects),))


def _failed_repair(facts: RunFacts, remembered: Remembered) -> Outcome:
    """Nothing changed for readers, so nothing is remembered; but whoever started it may not be at the screen."""
    message = _message(facts, MessageKind.BAD, Severity.WARNING, run_content.failed_repair_content(facts))
    return Outcome(_unless_covered(message, _on_date(remembered.bad, facts.run_date), facts.faults))


def _set_aside(facts: RunFacts, remembered: Remembered) -> Message:
    rules = [result.rule for result in facts.warnings]
    message = _message(facts, MessageKind.SET_ASIDE, Severity.WARNING, run_content.set_aside_content(facts))
    return _unless_covered(message, _aside_before(facts, remembered), rules)


def _remembered_aside(facts: RunFacts, remembered: Remembered) -> tuple[Incident, ...]:
    """Return what is remembered of rows aside after a good run; a replay's rest stands under the replay's own id."""
    verdict, before = facts.verdict, _aside_before(facts, remembered)
    rules = [result.rule for result in facts.warnings]
    if before and verdict.replay:
        before = before.without_run(verdict.replay)
    if verdict.rows_quarantined:
        begun = Incident.begin(facts.run_date, rules, Severity.WARNING, verdict.run_id, MessageKind.SET_ASIDE)
        return (before.extended(rules, verdict.run_id) if before else begun,)
    return (before,) if before and verdict.replay and before.runs else ()


def _aside_before(facts: RunFacts, remembered: Remembered) -> Incident | None:
    """Return what was said of rows aside: by the run that is replayed, else on the run's own date."""
    if facts.verdict.replay:
        return next((incident for incident in remembered.aside if facts.verdict.replay in incident.runs), None)
    return _on_date(remembered.aside, facts.run_date)


def _on_date(incidents: tuple[Incident, ...], run_date: str) -> Incident | None:
    return next((incident for incident in incidents if incident.run_date == run_date), None)


def _unless_covered(message: Message, before: Incident | None, faults: list[str] | tuple[str, ...]) -> Message:
    return _unsent(message, f"said already by run {before.run_id}") if before and before.covers(faults) else message


def _unsent(message: Message, why_not: str) -> Message:
    return replace(message, send=False, why_not=why_not)


def _bare_message(facts: RunFacts) -> Message:
    return Message(
        MessageKind.NONE, Severity.INFO, facts.dataset, facts.owner, facts.run_date, facts.verdict.run_id, send=True
    )


def _message(
    facts: RunFacts, kind: MessageKind, severity: Severity, content: Content, thread_date: str = ""
) -> Message:
    """Return a message with its text in each form; in chat it goes to the thread of a run date, by default its own."""
    labels = {**facts.labels, "kind": str(kind), "severity": str(severity)}
    subject = subject_line(f"{facts.lake}: {content.title}")
    email = render_email(content, facts.owner)
    rules = facts.stopping_rules or facts.warnings
    return replace(
        _bare_message(facts),
        kind=kind,
        severity=severity,
        subject=subject,
        email=email,
        chat=render_chat(content, labels, facts.lake, thread_date or facts.run_date),
        event=render_event(content, labels, subject, email, rules),
    )
