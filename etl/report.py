"""After the run: its verdict and metrics. Nothing here can turn a failed run green or lose its verdict."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from etl.arguments import Order
from etl.clients import Clients
from etl.head import Head
from etl.verdict import Verdict

NAMESPACE = "Sluice"


def publish(aws: Clients, order: Order, verdict: Verdict, head: Head) -> None:
    """Log the verdict, write it as <run-id>.json and latest.json, and put the metrics; a fault of one stops no other."""
    text = json.dumps(verdict.as_json(), ensure_ascii=False)
    print(f"VERDICT {text}", flush=True)
    for key in (order.verdict_key, f"{order.verdicts.prefix}latest.json"):
        _attempt(f"write the verdict {order.verdicts.uri(key)}", lambda key=key: _write(aws, order, key, text))
    metrics = [_metric(order, *one) for one in _figures(verdict, head)]
    _attempt("put the metrics", lambda: aws.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=metrics))


def _write(aws: Clients, order: Order, key: str, text: str) -> None:
    bucket = order.verdicts.bucket
    aws.s3.put_object(Bucket=bucket, Key=key, Body=text.encode(), ContentType="application/json")


def _figures(verdict: Verdict, head: Head) -> list[tuple[str, float, str]]:
    figures: list[tuple[str, float, str]] = [
        ("Violations", len(verdict.broken), "Count"),
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
        print(f"WARNING could not {what}: {error}", file=sys.stderr, flush=True)
