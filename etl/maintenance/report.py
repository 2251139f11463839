"""What a maintenance did: logged as one line, written below the verdicts, two figures as metrics."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from etl.maintenance.arguments import MaintenanceArguments
from etl.maintenance.results_months import JoinedMonths
from etl.maintenance.table_storage import StorageFigures
from etl.reporting import NAMESPACE
from etl.storage.clients import Clients
from etl.wording import count_noun

logger = logging.getLogger(__name__)


@dataclass
class TableReport:
    """What was done to one table; `before` and `after` are None where it was not come to.

    `rows_expired` are rows that were older than `kept_from`, yyyy-MM-dd, which is empty where rows stay for ever.
    """

    table: str
    before: StorageFigures | None = None
    after: StorageFigures | None = None
    files_compacted: int = 0
    rows_removed: int = 0
    snapshots_expired: int = 0
    orphans_removed: int = 0
    summary_mended: bool = False
    moved: bool = False
    rows_expired: int = 0
    kept_from: str = ""

    @property
    def in_words(self) -> str:
        """What was done, for the message."""
        files = "unfinished"
        if self.before and self.after:
            files = f"{count_noun(self.before.files, 'data file')} to {self.after.files}"
        removed = f", {count_noun(self.rows_removed, 'row')} removed" if self.rows_removed else ""
        if self.kept_from:
            removed += f", {count_noun(self.rows_expired, 'row')} older than {self.kept_from} removed"
        removed_files = (
            f"{count_noun(self.snapshots_expired, 'snapshot')} expired, "
            f"{count_noun(self.orphans_removed, 'orphan')} removed"
        )
        mended = ", its summary counted anew" if self.summary_mended else ""
        moved = ", moved out of the published table's location" if self.moved else ""
        return f"{self.table}: {files}{moved}, {removed_files}{removed}{mended}"


class MaintenanceState(StrEnum):
    """What became of a maintenance.

    Members:
        SUCCEEDED: it did what there was to do.
        SKIPPED: it left the tables to a run under way; the report's message says why.
        FAILED: something kept it from its end.
    """

    SUCCEEDED = "SUCCEEDED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


@dataclass
class Report:
    """A maintenance run as its file tells it."""

    dataset: str
    run_id: str
    job: str
    started: str
    state: MaintenanceState = MaintenanceState.FAILED
    message: str = ""
    branches_dropped: list[str] = field(default_factory=list)
    tables: list[TableReport] = field(default_factory=list)
    ledger_files_removed: int = 0
    results: JoinedMonths = field(default_factory=JoinedMonths)
    seconds: float = 0.0


def publish_report(aws: Clients, arguments: MaintenanceArguments, report: Report) -> None:
    """Log the report, write it as <run-id>.json and latest.json, and put the metrics; a fault of one stops no other."""
    content = asdict(report)
    text = json.dumps(content, ensure_ascii=False)
    logger.info("MAINTENANCE", extra={"maintenance": content})
    for name in (arguments.run_id, "latest"):
        key = f"{arguments.folder}{name}.json"
        _try_action(
            f"write the report {arguments.verdicts.uri(key)}", lambda key=key: _write_file(aws, arguments, key, text)
        )
    if metrics := [metric for done in report.tables for metric in _table_metrics(arguments, done)]:
        _try_action("put the metrics", lambda: aws.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=metrics))


def _write_file(aws: Clients, arguments: MaintenanceArguments, key: str, text: str) -> None:
    aws.s3.put_object(Bucket=arguments.verdicts.bucket, Key=key, Body=text.encode(), ContentType="application/json")


def _table_metrics(arguments: MaintenanceArguments, done: TableReport) -> list[Any]:
    if done.table != arguments.table or not (done.before and done.after):
        return []
    figures = {"FilesBefore": done.before.files, "FilesAfter": done.after.files}
    if done.kept_from:
        figures["RowsExpired"] = done.rows_expired
    of_job = [{"Name": "JobName", "Value": arguments.job}]
    return [{"MetricName": name, "Value": count, "Dimensions": of_job} for name, count in figures.items()]


def _try_action(description: str, action: Callable[[], object]) -> None:
    try:
        action()
    except Exception as error:  # the tables are as they are, whether or not it can be told
        logger.warning("could not %s: %s", description, error)
