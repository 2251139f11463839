"""The entry: arguments in, verdict out."""

import time
from datetime import UTC, datetime

from etl import arguments, report
from etl.clients import Clients
from etl.contract import Contract
from etl.head import Head, head
from etl.run import Run
from etl.verdict import Verdict


def main(argv: list[str]) -> None:
    """Run a dataset's job; returns where it succeeded, so that the exit code is 0.

    Raises:
        ContractBroken: naming dataset, rules and verdict: Glue shows the message, and the exit code is not 0.
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
    except BaseException as error:
        verdict.message = str(error)
        raise
    finally:
        verdict.seconds = round(time.monotonic() - begun, 1)
        report.publish(aws, order, verdict, _head(order, aws), _contracts(run))


def _head(order: arguments.Order, aws: Clients) -> Head:
    try:
        return head(aws.glue, aws.s3, order.table)
    except Exception:  # only the age of the last publish is lost
        return Head()


def _contracts(run: Run) -> list[Contract]:
    """Return those that the run came to load."""
    loaded = (getattr(run, stage, None) for stage in ("input", "output"))
    return [contract for contract in loaded if contract]
