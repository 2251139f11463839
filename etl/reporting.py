"""After the run: its verdict, metrics, Data Docs and lineage. Nothing here can turn a failed run green or lose its verdict."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, assert_never

from etl.contract.model import Contract
from etl.iceberg.current_snapshot import Head
from etl.results.rule_state import RuleState
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients

NAMESPACE = "Sluice"

logger = logging.getLogger(__name__)


def publish_report(
    aws: Clients, arguments: JobArguments, verdict: Verdict, head: Head, contracts: list[Contract]
) -> None:
    """Log the verdict, write it as <run-id>.json and latest.json, put the metrics, upload the Data Docs, tell the lineage.

    A fault of one stops no other. `contracts` are those that the run loaded; a stage that it never judged has no page.
    A replay or rerun that failed has its own verdict alone: it changed nothing, so latest.json and the alarms stay.
    """
    judged = [contract for contract in contracts if _is_judged(contract, verdict)]
    pages = f"docs/{arguments.dataset}/{arguments.run_id}/"
    verdict.data_docs = arguments.verdicts.uri(pages) if judged else None
    content = verdict.as_json()
    text = json.dumps(content, ensure_ascii=False)
    logger.info("VERDICT", extra={"verdict": content})
    latest = [] if verdict.changed_nothing else [f"{arguments.verdicts.prefix}latest.json"]
    for key in (arguments.verdict_key, *latest):
        uri = arguments.verdicts.uri(key)
        _warn_on_failure(
            f"write the verdict {uri}", lambda key=key: _put_object(aws, arguments, key, text, "application/json")
        )
    if not verdict.changed_nothing:
        metrics: list[Any] = [_metric_datum(arguments, *figure) for figure in _metric_figures(verdict, head)]
        _warn_on_failure(
            "put the metrics", lambda: aws.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=metrics)
        )
    for contract in judged:
        key = f"{pages}{contract.stage}.html"
        uri = arguments.verdicts.uri(key)
        _warn_on_failure(
            f"write the Data Docs {uri}",
            lambda key=key, stage_contract=contract: _write_data_docs(aws, arguments, verdict, key, stage_contract),
        )
    if arguments.lineage:
        _warn_on_failure(
            f"tell the lineage to {arguments.lineage}", lambda: _send_lineage(aws, arguments, verdict, contracts)
        )


def _is_judged(contract: Contract, verdict: Verdict) -> bool:
    return any(result.stage == contract.stage and result.evaluated for result in verdict.rules)


def _write_data_docs(aws: Clients, arguments: JobArguments, verdict: Verdict, key: str, contract: Contract) -> None:
    # Great Expectations takes seconds to import: a run that judged a stage has done so, and no other comes here.
    from etl.results import data_docs  # noqa: PLC0415

    html = data_docs.render_page(contract, verdict, arguments.rule_parameters)
    _put_object(aws, arguments, key, html, "text/html; charset=utf-8")


def _send_lineage(aws: Clients, arguments: JobArguments, verdict: Verdict, contracts: list[Contract]) -> None:
    from etl.results import lineage  # noqa: PLC0415  the library takes 0.4 s to import, and the run has ended

    lineage.send_events(aws, arguments, verdict, contracts)


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


def _warn_on_failure(action: str, function: Callable[[], object]) -> None:
    try:
        function()
    except Exception as error:  # the run's own outcome stands, whatever this one's
        logger.warning("could not %s: %s", action, error)
