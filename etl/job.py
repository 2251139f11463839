"""The entry: arguments in, verdict out."""

import time
from datetime import UTC, datetime

from etl import reporting
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES
from etl.errors import EngineFailed, SluiceError
from etl.iceberg.current_snapshot import Head, read_head
from etl.messages.run_facts import RunFacts
from etl.results.verdict import RunState, Verdict
from etl.run import Run
from etl.runtime import arguments, json_logging
from etl.storage.clients import Clients


def main(argv: list[str]) -> None:
    """Run a dataset's job and log it as JSON lines; returns where it succeeded, so that the exit code is 0.

    Raises:
        ContractBroken: naming dataset, rules and verdict: Glue shows the message, and the exit code is not 0.
        EngineFailed: any other fault of a dataset with values about persons, which its message could quote.
        Exception: any other fault; its verdict is written too.
    """
    with json_logging.json_log() as log:
        job_arguments = arguments.parse_arguments(argv)
        log.identify_run(job_arguments.run_id, job_arguments.dataset)
        _run_and_report(job_arguments)


def _run_and_report(job_arguments: arguments.JobArguments) -> None:
    aws = Clients.connect()
    verdict = Verdict(
        job_arguments.dataset, job_arguments.run_id, job_arguments.job, datetime.now(UTC).isoformat(timespec="seconds")
    )
    run = Run(job_arguments, aws, verdict)
    begun = time.monotonic()
    failure = ""
    try:
        run.run()
        verdict.state = RunState.SUCCEEDED
    except Exception as error:
        masked_error = mask_error(error, run)
        failure = type(masked_error).__name__
        verdict.message = str(masked_error)
        if not run.masking.applies:
            raise
        # The chain of causes would be in the log and quote what is masked here.
        raise masked_error.with_traceback(error.__traceback__) from None
    except BaseException as error:
        failure = type(error).__name__
        verdict.message = str(error)
        raise
    finally:
        verdict.seconds = round(time.monotonic() - begun, 1)
        head, region = _load_head(job_arguments, aws), aws.s3.meta.region_name
        contracts = tuple(_loaded_contracts(run))
        reporting.publish_report(
            aws, RunFacts(job_arguments, verdict, contracts, head, region, failure, run.bytes_read)
        )


def mask_error(error: Exception, run: Run) -> Exception:
    """Return an error as it may be shown: our own are masked where they are made, any other may quote a value."""
    if isinstance(error, SluiceError) or not run.masking.applies:
        return error
    verdict_uri = run.arguments.verdicts.uri(run.arguments.verdict_key)
    return EngineFailed(
        f"{run.arguments.dataset}: verdict {verdict_uri}: the run failed: {run.masking.mask_exception(error)}"
    )


def _load_head(job_arguments: arguments.JobArguments, aws: Clients) -> Head:
    try:
        return read_head(aws.glue, aws.s3, job_arguments.table)
    except Exception:  # only the age of the last publish is lost
        return Head()


def _loaded_contracts(run: Run) -> list[Contract]:
    """Return those that the run came to load."""
    loaded = (getattr(run, stage, None) for stage in SUITE_STAGES)
    return [contract for contract in loaded if contract]
