"""The content of a run's message, for each kind of message there is."""

from collections.abc import Sequence

from etl.messages import first_steps
from etl.messages.content import Content, rule_evidence
from etl.messages.incidents import CRASH, Incident
from etl.messages.limits import ERROR_LENGTH, REASON_LENGTH
from etl.messages.links import run_links
from etl.messages.message import MessageKind
from etl.messages.run_facts import ERROR_PREFIX, RESULTS_FAULT, RunFacts
from etl.results.waiting_objects import describe_waiting
from etl.wording import clean_text, count_noun, join_names, shorten_text

MAX_DATES_NAMED, MAX_RULES_NAMED, MAX_RESULTS_NAMED = 7, 5, 4
LEDGER_ERRORS = ("LedgerGone", "MetadataGone")
"""Errors that the runbook has a heading of their own for."""


def bad_content(facts: RunFacts) -> Content:
    """Return what is said of a run that failed."""
    explained = facts.is_explained_by_rules
    rules = facts.stopping_rules
    happened = _broken_words(facts) if explained else f"the run failed ({facts.error or 'unknown error'})"
    error = shorten_text(clean_text(facts.verdict.message), ERROR_LENGTH)
    heading = "violations" if facts.verdict.broken and explained else _error_heading(facts)
    return Content(
        title=f"{facts.dataset} is bad on {facts.run_date}: {happened}",
        lead=(
            *(() if explained or not error else (f"Error: {error}",)),
            *_waiting_words(facts),
            *_results_words(facts),
        ),
        readers=_readers_of_failed(facts),
        rules=tuple(rule_evidence(facts, result) for result in rules),
        steps=first_steps.steps_for_broken_rules(facts)
        if heading == "violations"
        else first_steps.steps_for_error(facts),
        links=tuple(run_links(facts, heading)),
    )


def failed_repair_content(facts: RunFacts) -> Content:
    """Return what is said of a replay, a rerun or a withdrawal that failed: it changed nothing."""
    failed = bad_content(facts)
    happened = _broken_words(facts) if facts.is_explained_by_rules else "the run failed"
    return Content(
        title=f"A {facts.verdict.kind} of {facts.dataset} failed and changed nothing: {happened}",
        lead=failed.lead,
        readers=failed.readers,
        rules=failed.rules,
        steps=first_steps.steps_for_failed_repair(facts),
        links=failed.links,
    )


def set_aside_content(facts: RunFacts) -> Content:
    """Return what is said of a run that published and set rows aside."""
    rows = count_noun(facts.verdict.rows_quarantined, "row")
    return Content(
        title=f"{facts.dataset} on {facts.run_date}: {rows} set aside, the rest is published",
        lead=(*_waiting_words(facts), *_results_words(facts)),
        readers=f"Readers see the other {_published_words(facts)}. {_aside_words(facts)}",
        rules=tuple(rule_evidence(facts, result) for result in facts.warnings),
        steps=first_steps.steps_for_rows_aside(facts),
        links=tuple(run_links(facts, "quarantined")),
    )


def good_again_content(facts: RunFacts, settled: Sequence[Incident]) -> Content:
    """Return what is said of a run that made good what was said to be bad, or replayed what was set aside."""
    dates = join_names(sorted({incident.run_date for incident in settled}), MAX_DATES_NAMED)
    aside = facts.verdict.rows_quarantined
    is_replayed = all(incident.kind is MessageKind.SET_ASIDE for incident in settled)
    was = f"the rows that were set aside on {dates} are published" if is_replayed else f"it was bad on {dates}"
    return Content(
        title=f"{facts.dataset} is good again: {was}",
        lead=(
            *_accepted_words(facts),
            *(_settled_words(incident) for incident in settled[:MAX_DATES_NAMED]),
            *_waiting_words(facts),
            *_results_words(facts),
        ),
        readers=f"{_readers_of_good(facts)}{f' {_aside_words(facts)}' if aside else ''}",
        rules=tuple(rule_evidence(facts, result) for result in facts.warnings) if aside else (),
        steps=first_steps.steps_for_rows_aside(facts) if aside else (),
        links=tuple(run_links(facts, "quarantined" if aside else "violations")),
    )


def results_content(facts: RunFacts) -> Content:
    """Return what is said of a good run whose results could not be written, or that could not read earlier ones."""
    published = facts.published_words
    return Content(
        title=f"{facts.dataset} on {facts.run_date}: the results of its runs are not whole",
        lead=_results_words(facts),
        readers=f"The run itself is good. Readers see what was published{f' at {published}' if published else ''}.",
        rules=(),
        steps=first_steps.steps_for_results(facts),
        links=tuple(run_links(facts, "results")),
    )


def _results_words(facts: RunFacts) -> tuple[str, ...]:
    """Return what could not be written or read of results, as sentences."""
    return tuple(
        clean_text(shorten_text(fault, ERROR_LENGTH // 2)) for fault in facts.results_faults[:MAX_RESULTS_NAMED]
    )


def _waiting_words(facts: RunFacts) -> tuple[str, ...]:
    """Return which objects wait for a manifest, or for what one names."""
    words = describe_waiting(facts.verdict.waiting)
    return (f"{shorten_text(clean_text(words), ERROR_LENGTH)}.",) if words else ()


def _broken_words(facts: RunFacts) -> str:
    """Return which rule broke and by how much, or how many did."""
    rules = facts.stopping_rules
    in_error = sum(result.in_error for result in rules)
    broken = len(rules) - in_error
    named = f"{rules[0].rule} broke ({facts.count_words(rules[0])})"
    words = [named] if broken == 1 else [f"{count_noun(broken, 'rule')} broke"] if broken else []
    words += [f"{count_noun(in_error, 'rule')} could not be judged"] if in_error else []
    return ", ".join(words)


def _accepted_words(facts: RunFacts) -> tuple[str, ...]:
    """Return that an operator let the run pass whatever its history says, as a sentence; none where nobody did."""
    accepted = facts.verdict.accepted_history
    if accepted is None:
        return ()
    who = clean_text(accepted.who) or "An operator"
    why = clean_text(shorten_text(accepted.why, REASON_LENGTH))
    return (f"{who} let it pass though it is unlike the runs before: {why}",)


def _settled_words(incident: Incident) -> str:
    """Return what an incident was about, and which run told of it."""
    faults = [_fault_words(fault) for fault in incident.rules]
    rules = f": {join_names(faults, MAX_RULES_NAMED)}" if faults else ""
    run = f"Run {incident.run_id}" if incident.run_id else "A run"
    return f"{run} told of {incident.run_date}{rules}."


def _fault_words(fault: str) -> str:
    """Return what an incident has for a fault, as people read it: the id of a rule, or how a run ended without one."""
    if fault == CRASH:
        return "a run ended before it could say why"
    if fault == RESULTS_FAULT:
        return "the results of its runs are not whole"
    return fault.removeprefix(ERROR_PREFIX)


def _error_heading(facts: RunFacts) -> str:
    return "ledger-gone" if facts.error in LEDGER_ERRORS else "errors"


def _readers_of_good(facts: RunFacts) -> str:
    if facts.verdict.nothing_unread:
        published = f" what was published at {facts.published_words}" if facts.published_words else " what they saw"
        return f"What was bad is left alone by an operator. Readers see{published}."
    return f"Readers see {_published_words(facts, f' that this {facts.verdict.kind} published')}."


def _published_words(facts: RunFacts, published: str = "") -> str:
    """Say how many rows were published and, of a snapshot, how many were there already and how many left."""
    verdict = facts.verdict
    unchanged = f", and {verdict.rows_unchanged:,} of the same copy that were there" if verdict.rows_unchanged else ""
    leave = "row left with it" if verdict.rows_gone == 1 else "rows left with it"
    gone = f"; {verdict.rows_gone:,} {leave}" if verdict.rows_gone else ""
    return f"{count_noun(verdict.rows_published, 'row')}{published}{unchanged}{gone}"


def _readers_of_failed(facts: RunFacts) -> str:
    """Return what readers see after a run that failed; a run that isolates objects has published the sound ones."""
    if facts.verdict.rows_published:
        return (
            f"Readers see {count_noun(facts.verdict.rows_published, 'row')} that this run published from sound objects, and "
            "nothing of the others."
        )
    if facts.published_words:
        return f"Readers see what was published at {facts.published_words}, and nothing of this run."
    return "Readers see nothing of this run."


def _aside_words(facts: RunFacts) -> str:
    database = facts.arguments.table.split(".")[-2]
    rows = count_noun(facts.verdict.rows_quarantined, "row")
    verb = "waits" if facts.verdict.rows_quarantined == 1 else "wait"
    return f"{rows} {verb} in {database}.{facts.dataset}_quarantine."
