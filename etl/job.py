"""The entry: arguments in, verdict out."""

import time
from datetime import UTC, datetime

from etl import reporting
from etl.contract.model import Contract
from etl.errors import EngineFailed, SluiceError
from etl.iceberg.current_snapshot import Head, head
from etl.results.verdict import Verdict
from etl.run import Run
from etl.runtime import arguments
from etl.storage.clients import Clients


def main(argv: list[str]) -> None:
    """Run a dataset's job; returns where it succeeded, so that the exit code is 0.

    Raises:
        ContractBroken: naming dataset, rules and verdict: Glue shows the message, and the exit code is not 0.
        EngineFailed: any other fault of a dataset with values about persons, which its message could quote.
        Exception: any other fault; its verdict is written too.
    """
    order = arguments.parse(argv)
    aws = Clients.connect()
    verdict = Verdict(order.dataset, order.run_id, order.job, datetime.now(UTC).isoformat(timespec="seconds"))
    run = Run(order, aws, verdict)
    begun = time.monotonic()
    try:
        run.through()
        verdict.state = "SUCCEEDED"
    except Exception as error:
        told = shown(error, run)
        verdict.message = str(told)
        if not run.masking.applies:
            raise
        # The chain of causes would be in the log and quote what is masked here.
        raise told.with_traceback(error.__traceback__) from None
    except BaseException as error:
        verdict.message = str(error)
        raise
    finally:
        verdict.seconds = round(time.monotonic() - begun, 1)
        reporting.publish(aws, order, verdict, _head(order, aws), _contracts(run))


def shown(error: Exception, run: Run) -> Exception:
    """Return an error as it may be shown: our own are masked where they are made, any other may quote a value."""
    if isinstance(error, SluiceError) or not run.masking.applies:
        return error
    at = run.order.verdicts.uri(run.order.verdict_key)
    return EngineFailed(f"{run.order.dataset}: verdict {at}: the run failed: {run.masking.exception(error)}")


def _head(order: arguments.Order, aws: Clients) -> Head:
    try:
        return head(aws.glue, aws.s3, order.table)
    except Exception:  # only the age of the last publish is lost
        return Head()


def _contracts(run: Run) -> list[Contract]:
    """Return those that the run came to load."""
    loaded = (getattr(run, stage, None) for stage in ("input", "output"))
    return [contract for contract in loaded if contract]
