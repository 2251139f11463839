"""The job's log: one JSON object a line, with the run's id and dataset, as CloudWatch Logs Insights takes it apart.

Lines are those of the job's own loggers; why no other library's are is in docs/decisions/0049-the-log-is-json-lines.md.
"""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from etl.wording import clean_text, shorten_text

JOB_LOGGER = "etl"
RECORD_ATTRIBUTES = {*vars(logging.makeLogRecord({})), "message", "asctime"}
"""What `logging` itself sets on a record; everything else came by `extra`."""
LONGEST_LINE = 250_000
"""Bytes. An event of CloudWatch Logs had 256 KB at most, 26 bytes of it CloudWatch's own, and has 1 MB today
(Amazon CloudWatch Logs API reference, PutLogEvents). What is longer would come in pieces that are no JSON."""
LENGTH_LIMITS = ((1_000, 10_000), (100, 1_000), (10, 100))
"""The most entries of a list, and letters of a text, in a line that would be too long: the first that suffice."""


class JsonFormatter(logging.Formatter):
    """Makes one JSON object of a record: time, level, logger, message, the run's id and dataset, then what `extra` has.

    Of an exception it has the class alone, under `exception`: the words may quote a value of a row.
    """

    def __init__(self) -> None:
        super().__init__()
        self.run_fields: dict[str, str] = {}

    def identify_run(self, run_id: str, dataset: str) -> None:
        """Put the run's id and dataset into each line from now on, whichever thread logs it."""
        self.run_fields = {"run_id": run_id, "dataset": dataset}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        fixed_fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": clean_text(record.getMessage(), lines=True),
            **self.run_fields,
        }
        if record.exc_info and record.exc_info[0]:
            fixed_fields["exception"] = record.exc_info[0].__name__
        extra_fields = {name: value for name, value in vars(record).items() if name not in RECORD_ATTRIBUTES}
        return fit_line(fixed_fields, extra_fields)


def fit_line(fixed_fields: Mapping[str, str], extra_fields: Mapping[str, Any]) -> str:
    """Return the fields as a line of at most `LONGEST_LINE` bytes; where both have a name, it is the fixed field's.

    Lists and texts of a line that would be longer end early. Where even that does not suffice, it has no extra fields.
    `cut` then names the fields that are not whole.
    """
    line = ""
    for fields in _ever_shorter(fixed_fields, extra_fields):
        text = json.dumps(fields, ensure_ascii=False, default=str)
        if len(text) > LONGEST_LINE:  # cleaning makes no text shorter, and looks at each letter
            continue
        line = clean_text(text)
        if len(line.encode()) <= LONGEST_LINE:
            break
    return line


def _ever_shorter(fixed_fields: Mapping[str, str], extra_fields: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of a line, first whole, then with less and less; the last are short whatever the line tells."""
    fields = {**fixed_fields, **{name: value for name, value in extra_fields.items() if name not in fixed_fields}}
    yield fields
    for most_entries, most_letters in LENGTH_LIMITS:
        cut = set[str]()
        yield _shorten_value(fields, most_entries, most_letters, "", cut) | {"cut": sorted(cut)}
    cut = set(fields) - set(fixed_fields)
    yield _shorten_value(fixed_fields, *LENGTH_LIMITS[-1], "", cut) | {"cut": sorted(cut)}


def _shorten_value(value: Any, most_entries: int, most_letters: int, path: str, cut: set[str]) -> Any:
    """Return a value with the beginnings of its lists and texts; the paths of those that lost something go into `cut`."""
    match value:
        case str() if len(value) > most_letters:
            cut.add(path)
            return shorten_text(value, most_letters)
        case Mapping():
            return {
                name: _shorten_value(entry, most_entries, most_letters, f"{path}.{name}".lstrip("."), cut)
                for name, entry in value.items()
            }
        case list() | tuple():
            if len(value) > most_entries:
                cut.add(path)
            return [_shorten_value(entry, most_entries, most_letters, path, cut) for entry in value[:most_entries]]
        case _:
            return value


@contextmanager
def json_log() -> Iterator[JsonFormatter]:
    """Let the job's loggers write to stdout within the block, a JSON object a line; yield the formatter that does it."""
    formatter, handler = JsonFormatter(), logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    logger = logging.getLogger(JOB_LOGGER)
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False  # a handler of the surroundings would write each line once more
    try:
        yield formatter
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
