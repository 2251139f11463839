"""After the run: its verdict, metrics, Data Docs and lineage. Nothing here can turn a failed run green or lose its verdict."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from etl.contract.model import Contract
from etl.iceberg.current_snapshot import Head
from etl.results.verdict import RuleState, Verdict
from etl.runtime.arguments import Order
from etl.storage.clients import Clients
from etl.wording import clean

NAMESPACE = "Sluice"


def publish(aws: Clients, order: Order, verdict: Verdict, head: Head, contracts: list[Contract]) -> None:
    """Log the verdict, write it as <run-id>.json and latest.json, put the metrics, upload the Data Docs, tell the lineage.

    A fault of one stops no other. `contracts` are those that the run loaded; a stage that it never judged has no page.
    A replay or rerun that failed has its own verdict alone: it changed nothing, so latest.json and the alarms stay.
    """
    judged = [contract for contract in contracts if _is_judged(contract, verdict)]
    pages = f"docs/{order.dataset}/{order.run_id}/"
    verdict.data_docs = order.verdicts.uri(pages) if judged else None
    text = json.dumps(verdict.as_json(), ensure_ascii=False)
    print(f"VERDICT {clean(text)}", flush=True)
    latest = [] if verdict.changed_nothing else [f"{order.verdicts.prefix}latest.json"]
    for key in (order.verdict_key, *latest):
        uri = order.verdicts.uri(key)
        _attempt(f"write the verdict {uri}", lambda key=key: _write(aws, order, key, text, "application/json"))
    if not verdict.changed_nothing:
        metrics = [_metric(order, *figure) for figure in _figures(verdict, head)]
        _attempt("put the metrics", lambda: aws.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=metrics))
    for contract in judged:
        key = f"{pages}{contract.stage}.html"
        uri = order.verdicts.uri(key)
        _attempt(f"write the Data Docs {uri}", lambda key=key, of=contract: _document(aws, order, verdict, key, of))
    if order.lineage:
        _attempt(f"tell the lineage to {order.lineage}", lambda: _lineage(aws, order, verdict, contracts))


def _is_judged(contract: Contract, verdict: Verdict) -> bool:
    return any(one.stage == contract.stage and one.evaluated for one in verdict.rules)


def _document(aws: Clients, order: Order, verdict: Verdict, key: str, contract: Contract) -> None:
    # Great Expectations takes seconds to import: a run that judged a stage has done so, and no other comes here.
    from etl.results import data_docs  # noqa: PLC0415

    page = data_docs.page(contract, verdict, {"run_date": order.run_date.isoformat()})
    _write(aws, order, key, page, "text/html; charset=utf-8")


def _lineage(aws: Clients, order: Order, verdict: Verdict, contracts: list[Contract]) -> None:
    from etl.results import lineage  # noqa: PLC0415  the library takes 0.4 s to import, and the run has ended

    lineage.tell(aws, order, verdict, contracts)


def _write(aws: Clients, order: Order, key: str, text: str, kind: str) -> None:
    aws.s3.put_object(Bucket=order.verdicts.bucket, Key=key, Body=text.encode(), ContentType=kind)


def _figures(verdict: Verdict, head: Head) -> list[tuple[str, float, str]]:
    figures: list[tuple[str, float, str]] = [
        ("Violations", len(verdict.broken), "Count"),
        ("RulesHeld", verdict.count(RuleState.HELD), "Count"),
        ("RulesNotEvaluated", verdict.count(RuleState.NOT_EVALUATED), "Count"),
        ("RulesInError", verdict.count(RuleState.ERROR), "Count"),
        ("RowsRead", verdict.rows_read, "Count"),
        ("RowsPublished", verdict.rows_published, "Count"),
        ("RowsQuarantined", verdict.rows_quarantined, "Count"),
    ]
    if head.published is not None:
        hours = (datetime.now(UTC).timestamp() - head.published / 1000) / 3600
        figures.append(("HoursSinceLastPublish", max(hours, 0.0), "None"))
    return figures


def _metric(order: Order, name: str, value: float, unit: str) -> dict[str, Any]:
    return {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": [{"Name": "JobName", "Value": order.job}]}


def _attempt(what: str, act: Callable[[], object]) -> None:
    try:
        act()
    except Exception as error:  # the run's own outcome stands, whatever this one's
        print(f"WARNING could not {what}: {clean(str(error), lines=True)}", file=sys.stderr, flush=True)
