"""After the run: verdict, results, message, metrics, Data Docs, lineage.

Nothing here turns a failed run green or loses its verdict.
"""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar, assert_never

from etl.contract.model import Contract
from etl.iceberg.current_snapshot import Head
from etl.messages.message import MessageKind
from etl.messages.outbox import outbox_key, write_message
from etl.messages.run_facts import RunFacts, pages_prefix
from etl.messages.run_message import Outcome
from etl.results.results_writer import write_results
from etl.results.rule_state import RuleState
from etl.results.run_line import RunFigures
from etl.results.verdict import Verdict
from etl.runtime import job_runs
from etl.runtime.arguments import JobArguments, RunKind
from etl.storage.clients import Clients

NAMESPACE, BROKEN = "Sluice", "Broken"
Result = TypeVar("Result")

logger = logging.getLogger(__name__)


def publish_report(aws: Clients, facts: RunFacts) -> None:
    """Tell of a run that has ended: log, verdict, results, message to people, metrics, Data Docs, lineage.

    A fault of one stops no other. A stage that the run never judged has no page. A replay or rerun that failed has its own
    verdict alone: it changed nothing, so latest.json and the alarms stay.
    """
    arguments, verdict = facts.arguments, facts.verdict
    judged = [contract for contract in facts.contracts if _is_judged(contract, verdict)]
    verdict.data_docs = arguments.verdicts.uri(pages_prefix(facts.dataset, verdict.run_id)) if judged else None
    _write_verdict(aws, arguments, verdict)
    # Before the message, which says what is missing of them. The watch tells of a run that is killed meanwhile.
    facts = _write_results(aws, facts)
    # Before the pages, which take memory: a run that is killed over them is told of all the same.
    message_uri = arguments.verdicts.uri(outbox_key(facts.dataset, verdict.run_id))
    outcome = _warn_on_failure(f"write the message {message_uri}", lambda: write_message(aws, facts))
    if not verdict.changed_nothing:
        figures = [*_metric_figures(verdict, facts.head), *_broken_figure(verdict, outcome)]
        metrics: list[Any] = [_metric_datum(arguments, *figure) for figure in figures]
        _warn_on_failure(
            "put the metrics", lambda: aws.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=metrics)
        )
    for contract in judged:
        key = f"{pages_prefix(facts.dataset, verdict.run_id)}{contract.stage}.html"
        uri = arguments.verdicts.uri(key)
        _warn_on_failure(
            f"write the Data Docs {uri}",
            lambda key=key, stage_contract=contract: _write_data_docs(aws, arguments, verdict, key, stage_contract),
        )
    if arguments.lineage:
        _warn_on_failure(f"tell the lineage to {arguments.lineage}", lambda: _send_lineage(aws, facts))


def _write_results(aws: Clients, facts: RunFacts) -> RunFacts:
    """Write the run's lines of the results; return the facts with what could not be written, nor read before."""
    arguments, verdict, taken = facts.arguments, facts.verdict, None
    with suppress(Exception):  # then the line says null
        taken = job_runs.dpu_seconds(aws, arguments.job, arguments.run_id)
    figures = RunFigures(facts.run_date, facts.bytes_read, taken, facts.published_at, facts.freshness_hours)
    unread = (f"Results could not be read: {fault}." for fault in verdict.unreadable_results)
    return replace(facts, results_faults=(*write_results(aws, arguments.verdicts.bucket, verdict, figures), *unread))


def _write_verdict(aws: Clients, arguments: JobArguments, verdict: Verdict) -> None:
    """Log the verdict, and write it as <run-id>.json and latest.json."""
    content = verdict.as_json()
    text = json.dumps(content, ensure_ascii=False)
    logger.info("VERDICT", extra={"verdict": content})
    latest = [] if verdict.changed_nothing else [f"{arguments.verdicts.prefix}latest.json"]
    for key in (arguments.verdict_key, *latest):
        uri = arguments.verdicts.uri(key)
        _warn_on_failure(
            f"write the verdict {uri}", lambda key=key: _put_object(aws, arguments, key, text, "application/json")
        )


def _is_judged(contract: Contract, verdict: Verdict) -> bool:
    return any(result.stage == contract.stage and result.evaluated for result in verdict.rules)


def _write_data_docs(aws: Clients, arguments: JobArguments, verdict: Verdict, key: str, contract: Contract) -> None:
    # Great Expectations takes seconds to import: a run that judged a stage has done so, and no other comes here.
    from etl.results import data_docs  # noqa: PLC0415

    bounds = {bound.name: bound.value for bound in verdict.bounds if bound.value is not None}
    html = data_docs.render_page(contract, verdict, {**arguments.rule_parameters, **bounds})
    _put_object(aws, arguments, key, html, "text/html; charset=utf-8")


def _send_lineage(aws: Clients, facts: RunFacts) -> None:
    from etl.results import lineage  # noqa: PLC0415  the library takes 0.4 s to import, and the run has ended

    lineage.send_events(aws, facts.arguments, facts.verdict, facts.contracts)


def _put_object(aws: Clients, arguments: JobArguments, key: str, text: str, kind: str) -> None:
    aws.s3.put_object(Bucket=arguments.verdicts.bucket, Key=key, Body=text.encode(), ContentType=kind)


def _metric_figures(verdict: Verdict, head: Head) -> list[tuple[str, float, str]]:
    figures: list[tuple[str, float, str]] = [
        *((*_rule_figure(verdict, state), "Count") for state in RuleState),
        ("RowsRead", verdict.rows_read, "Count"),
        ("RowsPublished", verdict.rows_published, "Count"),
        ("RowsQuarantined", verdict.rows_quarantined, "Count"),
    ]
    if head.published is not None:
        hours = (datetime.now(UTC).timestamp() - head.published / 1000) / 3600
        figures.append(("HoursSinceLastPublish", max(hours, 0.0), "None"))
    return figures


def _broken_figure(verdict: Verdict, outcome: Outcome | None) -> list[tuple[str, float, str]]:
    """Return whether the dataset is bad: 1 after a bad run, 0 after one that has what was bad settled, else nothing.

    What a replay or a rerun reads is not what broke, and a run that found nothing unread says nothing of what broke.
    """
    if verdict.state.is_failure:
        return [(BROKEN, 1, "None")]
    is_settled = outcome is not None and any(incident.kind is MessageKind.BAD for incident in outcome.settled)
    is_published = verdict.kind is RunKind.RUN and not verdict.nothing_unread
    return [(BROKEN, 0, "None")] if is_settled or is_published else []


def _rule_figure(verdict: Verdict, state: RuleState) -> tuple[str, int]:
    """Return the metric of the rules in a state: of broken ones, how many stopped the run."""
    match state:
        case RuleState.NOT_EVALUATED:
            return "RulesNotEvaluated", verdict.count_rules(state)
        case RuleState.HELD:
            return "RulesHeld", verdict.count_rules(state)
        case RuleState.BROKEN:
            return "Violations", len(verdict.broken)
        case RuleState.ERROR:
            return "RulesInError", verdict.count_rules(state)
        case _:
            assert_never(state)


def _metric_datum(arguments: JobArguments, name: str, value: float, unit: str) -> dict[str, Any]:
    return {
        "MetricName": name,
        "Value": value,
        "Unit": unit,
        "Dimensions": [{"Name": "JobName", "Value": arguments.job}],
    }


def _warn_on_failure(action: str, function: Callable[[], Result]) -> Result | None:
    """Return what a function returns, None where it fails: the run's own outcome stands, whatever this one's."""
    try:
        return function()
    except Exception as error:
        logger.warning("could not %s: %s", action, error)
        return None
