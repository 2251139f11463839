"""The entry: arguments in, report out."""

import time
from datetime import UTC, datetime

from etl.maintenance import arguments, report
from etl.maintenance.maintenance_run import Maintenance
from etl.maintenance.report import Report
from etl.runtime import json_logging
from etl.storage.clients import Clients


def main(argv: list[str]) -> None:
    """Maintain a dataset's tables and log it as JSON lines.

    It returns where that succeeded or had to be skipped, so that the exit code is 0.

    Raises:
        ForeignSnapshot: somebody else wrote to the table; nothing was compacted or expired.
        EngineFailed: an engine failed; the report has its class and condition.
        Exception: any other fault, such as a permission that is missing; the report is written too.
    """
    with json_logging.json_log() as log:
        job_arguments = arguments.parse_arguments(argv)
        log.identify_run(job_arguments.run_id, job_arguments.dataset)
        _maintain_and_report(job_arguments)


def _maintain_and_report(job_arguments: arguments.MaintenanceArguments) -> None:
    aws = Clients.connect()
    maintenance_report = Report(
        job_arguments.dataset, job_arguments.run_id, job_arguments.job, datetime.now(UTC).isoformat(timespec="seconds")
    )
    started = time.monotonic()
    try:
        Maintenance(job_arguments, aws, maintenance_report).run()
    finally:
        maintenance_report.seconds = round(time.monotonic() - started, 1)
        report.publish_report(aws, job_arguments, maintenance_report)
