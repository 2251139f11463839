"""Consumers of the verdict's closed sets: each takes a rule or a run in every state that there is."""

from dataclasses import replace
from unittest import mock

from etl import reporting
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.iceberg.current_snapshot import Head
from etl.messages.run_facts import RunFacts
from etl.messages.run_message import Remembered, settled_incidents
from etl.results import lineage
from etl.results.data_docs_page import outcome_cell
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import RunState, Verdict
from etl.runtime.arguments import RunKind
from sluice.operations import status, status_report
from sluice.sandbox import output
from sluice.site import verdicts
from tests.closed_sets import Consumers

HELD = RuleResult("trips.x.range", Stage.INPUT, Severity.INFO, RuleState.HELD, 1)


def rule_in(state: RuleState) -> RuleResult:
    """Return a rule's result in a state; in an extra one too."""
    result = replace(HELD)
    object.__setattr__(result, "state", state)
    return result


def verdict_with(state: RuleState) -> Verdict:
    """Return a verdict with one rule, in a state."""
    return Verdict("trips", "jr_1", "job", "2026-01-31T06:00:00+00:00", RunState.FAILED, rules=[rule_in(state)])


def summarise_run(verdict: Verdict) -> verdicts.RunSummary:
    """Return what a page tells of a run."""
    with mock.patch.object(verdicts, "parse_verdict", return_value=verdict):
        return verdicts.RunSummary.from_verdict({})


def place_on_page(state: RuleState) -> None:
    """Find a rule on the page of its dataset, by name or in a count."""
    summary = summarise_run(verdict_with(state))
    assert summary.held or summary.waiting or summary.broken or summary.in_error


def place_in_status(state: RuleState) -> None:
    """Find a rule in what `sluice status` prints of the last verdict, by name or in a count."""
    with (
        mock.patch.object(status, "parse_verdict", return_value=verdict_with(state)),
        mock.patch.object(status.job_runs, "read_verdict"),
    ):
        verdict = status._latest_verdict(mock.Mock())
    assert verdict
    assert len([*status_report._render_verdict(verdict)]) > 1


def describe_attempt(state: RunState) -> None:
    """Say on a page what became of a run, and whether an operator's attempt changed anything."""
    verdict = replace(verdict_with(RuleState.HELD), state=state, kind=RunKind.REPLAY)
    words, _ = summarise_run(verdict).outcome
    assert words.startswith("replay: ")
    assert verdict.changed_nothing is not (words == "replay: published")


def settle_incidents(kind: RunKind) -> None:
    """Say what a good run of a kind made good."""
    verdict = replace(verdict_with(RuleState.HELD), state=RunState.SUCCEEDED)
    verdict.kind = kind
    facts = RunFacts(mock.Mock(), verdict, (), Head(), "eu-west-1")
    assert settled_incidents(facts, Remembered()) == []


RULE_STATES: Consumers = {
    "what is looked up": lambda state: (state.rank, state.label, state.is_conclusive),
    "run that a rule stops": lambda state: rule_in(state).stops_run,
    "metric": lambda state: reporting._rule_figure(verdict_with(state), state),
    "cell of Data Docs": lambda state: outcome_cell(rule_in(state)),
    "assertion of OpenLineage": lambda state: lineage._quality_assertions(verdict_with(state), (Stage.INPUT,), None),
    "place on a page": place_on_page,
    "count in a status": lambda state: (status.COUNT_FIELDS[state],),
    "place in a status": place_in_status,
}
RUN_STATES: Consumers = {
    "what is looked up": lambda state: state.is_failure,
    "words on a page": describe_attempt,
    "colour in a terminal": lambda state: status_report.STYLES[state],
    "style in the sandbox": lambda state: output.STATE_STYLES[state],
}
