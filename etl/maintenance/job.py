"""The entry: arguments in, report out."""

import time
from datetime import UTC, datetime

from etl.maintenance import arguments, report
from etl.maintenance.maintenance_run import Maintenance
from etl.maintenance.report import Report
from etl.storage.clients import Clients


def main(argv: list[str]) -> None:
    """Maintain a dataset's tables; returns where that succeeded or had to be skipped, so that the exit code is 0.

    Raises:
        ForeignSnapshot: somebody else wrote to the table; nothing was compacted or expired.
        EngineFailed: an engine failed; the report has its class and condition.
        Exception: any other fault, such as a permission that is missing; the report is written too.
    """
    order = arguments.parse(argv)
    aws = Clients.connect()
    told = Report(order.dataset, order.run_id, order.job, datetime.now(UTC).isoformat(timespec="seconds"))
    begun = time.monotonic()
    try:
        Maintenance(order, aws, told).through()
    finally:
        told.seconds = round(time.monotonic() - begun, 1)
        report.publish(aws, order, told)
