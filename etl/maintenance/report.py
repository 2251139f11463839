"""What a maintenance did: logged as one line, written below the verdicts, two figures as metrics."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from etl.maintenance.arguments import Order
from etl.maintenance.table_storage import Figures
from etl.reporting import NAMESPACE
from etl.storage.clients import Clients
from etl.wording import clean, counted


@dataclass
class Done:
    """What was done to one table; `before` and `after` are None where it was not come to."""

    table: str
    before: Figures | None = None
    after: Figures | None = None
    files_compacted: int = 0
    rows_removed: int = 0
    snapshots_expired: int = 0
    orphans_removed: int = 0
    summary_mended: bool = False
    moved: bool = False

    @property
    def in_words(self) -> str:
        """What was done, for the message."""
        files = "unfinished"
        if self.before and self.after:
            files = f"{counted(self.before.files, 'data file')} to {self.after.files}"
        removed = f", {counted(self.rows_removed, 'row')} removed" if self.rows_removed else ""
        gone = (
            f"{counted(self.snapshots_expired, 'snapshot')} expired, {counted(self.orphans_removed, 'orphan')} removed"
        )
        mended = ", its summary counted anew" if self.summary_mended else ""
        moved = ", moved out of the published table's location" if self.moved else ""
        return f"{self.table}: {files}{moved}, {gone}{removed}{mended}"


@dataclass
class Report:
    """A maintenance run as its file tells it: SUCCEEDED, SKIPPED with the reason as message, or FAILED."""

    dataset: str
    run_id: str
    job: str
    started: str
    state: str = "FAILED"
    message: str = ""
    branches_dropped: list[str] = field(default_factory=list)
    tables: list[Done] = field(default_factory=list)
    ledger_files_removed: int = 0
    seconds: float = 0.0


def publish(aws: Clients, order: Order, report: Report) -> None:
    """Log the report, write it as <run-id>.json and latest.json, and put the metrics; a fault of one stops no other."""
    text = json.dumps(asdict(report), ensure_ascii=False)
    print(f"MAINTENANCE {clean(text)}", flush=True)
    for name in (order.run_id, "latest"):
        key = f"{order.folder}{name}.json"
        _attempt(f"write the report {order.verdicts.uri(key)}", lambda key=key: _write(aws, order, key, text))
    if metrics := [metric for done in report.tables for metric in _metrics(order, done)]:
        _attempt("put the metrics", lambda: aws.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=metrics))


def _write(aws: Clients, order: Order, key: str, text: str) -> None:
    aws.s3.put_object(Bucket=order.verdicts.bucket, Key=key, Body=text.encode(), ContentType="application/json")


def _metrics(order: Order, done: Done) -> list[dict[str, Any]]:
    if done.table != order.table or not (done.before and done.after):
        return []
    figures = {"FilesBefore": done.before.files, "FilesAfter": done.after.files}
    of_job = [{"Name": "JobName", "Value": order.job}]
    return [{"MetricName": name, "Value": count, "Dimensions": of_job} for name, count in figures.items()]


def _attempt(what: str, act: Callable[[], object]) -> None:
    try:
        act()
    except Exception as error:  # the tables are as they are, whether or not it can be told
        print(f"WARNING could not {what}: {clean(str(error), lines=True)}", file=sys.stderr, flush=True)
