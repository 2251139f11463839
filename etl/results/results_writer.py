"""A run's own results, written into the assets bucket: what cannot be written is told, and changes no run."""

import logging
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from etl.contract.results_layout import RULES, RUNS, ResultKind, run_key
from etl.results.result_lines import CONTENT_TYPE, render_lines
from etl.results.rule_line import rule_line_adapter, rule_lines
from etl.results.run_line import RunFigures, run_line, run_line_adapter
from etl.results.verdict import Verdict
from etl.storage.clients import Clients

logger = logging.getLogger(__name__)


def write_results(aws: Clients, bucket: str, verdict: Verdict, figures: RunFigures) -> tuple[str, ...]:
    """Write the line of a run that has ended, and those of its rules where it has any.

    Returns a sentence for each file that could not be written: which one, and what S3 said of it.
    """
    bodies: dict[ResultKind, Callable[[], bytes]] = {
        RUNS: lambda: render_lines(run_line_adapter(), [run_line(verdict, figures)])
    }
    if verdict.rules:
        bodies[RULES] = lambda: render_lines(rule_line_adapter(), rule_lines(verdict, figures.run_date))
    faults = (
        _write_file(aws, bucket, run_key(kind, verdict.dataset, verdict.started[:10], verdict.run_id), render)
        for kind, render in bodies.items()
    )
    return tuple(fault for fault in faults if fault)


def _write_file(aws: Clients, bucket: str, key: str, render: Callable[[], bytes]) -> str:
    """Write one file; return "", or a sentence on why it is not there."""
    try:
        aws.s3.put_object(Bucket=bucket, Key=key, Body=render(), ContentType=CONTENT_TYPE)
    except Exception as error:
        logger.warning("could not write the results s3://%s/%s: %s", bucket, key, error)
        # What S3 says names a permission; anything else could quote a value.
        why = str(error) if isinstance(error, (ClientError, BotoCoreError)) else type(error).__name__
        return f"Results could not be written to s3://{bucket}/{key}: {why}."
    return ""
