"""What a run wrote, in the log groups that its job names, so that `aws logs filter-log-events` shows it as on AWS.

Knows MiniStack's inside as `glue_adapter` does (here `ministack.services.cloudwatch_logs`: `_create_log_group`,
`_create_log_stream`, `_put_log_events`). Names of groups and streams: AWS Glue developer guide, Logging for AWS Glue jobs.
Limits: Amazon CloudWatch Logs API reference, PutLogEvents.
"""

import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ministack.services import cloudwatch_logs

SHARED_GROUPS = "/aws-glue/jobs"
BATCH_EVENTS, BATCH_BYTES, EVENT_OVERHEAD = 10_000, 1_048_576, 26
LONGEST_EVENT = 262_144 - EVENT_OVERHEAD
MOST_BYTES, MOST_LINES = 1_048_576, 10_000
"""Of a log's end that are kept, since MiniStack takes some 30 microseconds a line; the file has it whole."""
SPARK_ERROR_LINE = re.compile(r"\d\d:\d\d:\d\d (ERROR|FATAL) ")
"""How `runner.QUIET_LOG4J` begins a line."""
Event = dict[str, Any]


def put_run_log(arguments: Mapping[str, str], run_id: str, log: Path, message: str) -> None:
    """Put the end of a run's log into its groups, at the time of the call; `message` is what the run ended with, or "".

    `/output` gets all that the run wrote, `/error` Spark's error lines and the message: Glue's launcher writes that there.
    A log that cannot be put changes nothing about the run.
    """
    try:
        lines = last_lines(log) if log.exists() else []
        prefix = arguments.get("--custom-logGroup-prefix", SHARED_GROUPS)
        stream = f"{arguments.get('--custom-logStream-prefix', run_id)}-driver"
        errors = [line for line in lines if SPARK_ERROR_LINE.match(line)] + ([message] if message else [])
        for group, texts in ((f"{prefix}/output", lines), (f"{prefix}/error", errors)):
            _put_events(group, stream, texts)
    except Exception:
        logging.getLogger(__name__).exception("the log of %s was not put into its group", run_id)


def last_lines(log: Path) -> list[str]:
    """Return the last lines of a file, after a line that says where the others are."""
    size = log.stat().st_size
    with log.open("rb") as file:
        file.seek(max(0, size - MOST_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    if size <= MOST_BYTES and len(lines) <= MOST_LINES:
        return lines
    whole_lines = lines[1:] or lines if size > MOST_BYTES else lines  # the first may be cut
    return [f"(what was written before this is in {log})", *whole_lines[-MOST_LINES:]]


def event_batches(texts: Iterable[str], now: int) -> Iterator[list[Event]]:
    """Yield log events, each batch within the limits of PutLogEvents; `now` is their time in milliseconds.

    A blank line is none, since an event may not be empty; a longer line than an event may be goes on in the next.
    """
    batch, size = list[Event](), 0
    for text in texts:
        for part in _split_text(text) if text.strip() else ():
            length = len(part.encode()) + EVENT_OVERHEAD
            if batch and (len(batch) == BATCH_EVENTS or size + length > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append({"timestamp": now, "message": part})
            size += length
    if batch:
        yield batch


def _split_text(text: str) -> Iterator[str]:
    """The text itself, or pieces of it that are short enough even where each character takes four bytes."""
    piece_length = len(text) if len(text.encode()) <= LONGEST_EVENT else LONGEST_EVENT // 4
    return (text[start : start + piece_length] for start in range(0, len(text), piece_length))


def _put_events(group: str, stream: str, texts: Iterable[str]) -> None:
    log_stream = {"logGroupName": group, "logStreamName": stream}
    for events in event_batches(texts, round(time.time() * 1000)):
        cloudwatch_logs._create_log_group({"logGroupName": group})  # Glue makes what is missing; what is there stays
        cloudwatch_logs._create_log_stream(log_stream)
        cloudwatch_logs._put_log_events(log_stream | {"logEvents": events})
