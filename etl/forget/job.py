"""The entry: arguments in, report out."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from pyspark.sql import SparkSession

from etl.forget import arguments, report
from etl.forget.errors import ForgetRefused, RunsInProgress, masked_error
from etl.forget.forget_run import Forgetting
from etl.forget.report import ForgetReport, ForgetState
from etl.runtime import json_logging, session
from etl.storage.clients import Clients


def main(argv: list[str]) -> None:
    """Forget rows of a dataset and log it as JSON lines; returns where nothing within reach has them any more.

    Raises:
        ForgetRefused: the keys, or the dataset, are none that rows can be forgotten by; nothing was changed.
        RunsInProgress: a job stages on the tables.
        ForgetIncomplete: some places may have such rows still; the report names them.
        EngineFailed: an engine failed; the report has its class and condition.
        Exception: any other fault, such as a permission that is missing; the report is written too.
    """
    with json_logging.json_log() as log:
        job_arguments = arguments.parse_arguments(argv)
        log.identify_run(job_arguments.run_id, job_arguments.dataset)
        forget_and_report(Clients.connect(), job_arguments)


def forget_and_report(
    aws: Clients,
    job_arguments: arguments.ForgetArguments,
    start: Callable[[], SparkSession] = session.start_session,
) -> None:
    """Forget the rows, and say what went.

    Raises:
        Exception: as `main` says.
    """
    forget_report = ForgetReport(
        job_arguments.dataset, job_arguments.run_id, job_arguments.job, datetime.now(UTC).isoformat(timespec="seconds")
    )
    started = time.monotonic()
    forgetting = Forgetting(job_arguments, aws, forget_report, start)
    try:
        forgetting.run()
    except Exception as error:
        shown_error = masked_error(job_arguments.dataset, error)
        forget_report.message = forget_report.message or str(shown_error)
        if isinstance(error, ForgetRefused | RunsInProgress) and not forgetting.has_begun:
            forget_report.state = ForgetState.REFUSED
        # The chain of causes would be in the log and quote what is masked here.
        raise shown_error.with_traceback(error.__traceback__) from None
    except BaseException as error:
        forget_report.message = type(error).__name__
        raise
    finally:
        forget_report.seconds = round(time.monotonic() - started, 1)
        report.publish_report(aws, job_arguments, forget_report)
