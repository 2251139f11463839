"""What earlier runs of a dataset came to: their lines of the results, of months as they were joined, else of days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from typing import Any

from etl.contract.results_layout import RUNS, day_of, days_prefix, month_of, months_folder
from etl.errors import ResultsUnreadable
from etl.results.result_lines import parse_lines
from etl.results.run_line import RunLine, run_line_adapter
from etl.storage.many_objects import list_keys, map_objects
from etl.storage.optional_objects import read_object


@dataclass(frozen=True)
class RunResultsRead:
    """The runs of some days.

    Attributes:
        lines: a line for each run, by its start.
        unreadable: the files that are corrupt, or of a later version of Sluice, as "<S3 URI>: <why>". They are passed over.
    """

    lines: list[RunLine]
    unreadable: list[str]


@dataclass(frozen=True)
class _FileRead:
    """One file: its lines, or why it has none."""

    lines: tuple[RunLine, ...] = ()
    fault: str = ""


def read_runs(s3: Any, bucket: str, dataset: str, since: date, until: date) -> RunResultsRead:
    """Read the lines of a dataset's runs that began on two days (UTC) and between them.

    A month's copy is read in place of its days; where it cannot be read the days are. Nothing there is no fault.

    Raises:
        ClientError: S3 refused to list or to read.
    """
    read_file = partial(_read_file, s3, bucket)
    months = months_between(since, until)
    joined = _joined_months(s3, bucket, dataset, months)
    copies = dict(zip(joined, map_objects(read_file, [*joined.values()]), strict=True))
    whole = {month for month, copy in copies.items() if not copy.fault}
    keys = [
        key
        for month in months
        if month not in whole
        for key in list_keys(s3, bucket, days_prefix(RUNS, dataset, month))
        if since.isoformat() <= day_of(RUNS, dataset, key) <= until.isoformat()
    ]
    files = [*copies.values(), *map_objects(read_file, keys)]
    return RunResultsRead(_lines_between(files, since, until), [file.fault for file in files if file.fault])


def months_between(since: date, until: date) -> list[str]:
    """Return the months of two dates and between them, as yyyy-MM in order."""
    first, last = since.year * 12 + since.month - 1, until.year * 12 + until.month - 1
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


def _joined_months(s3: Any, bucket: str, dataset: str, months: list[str]) -> dict[str, str]:
    """Return the keys of the copies that there are, by month."""
    keys = list_keys(s3, bucket, months_folder(RUNS, dataset))
    by_month = {month_of(RUNS, dataset, key): key for key in keys}
    return {month: by_month[month] for month in months if month in by_month}


def _read_file(s3: Any, bucket: str, key: str) -> _FileRead:
    body = read_object(s3, bucket, key)
    if body is None:  # it expired meanwhile
        return _FileRead()
    try:
        return _FileRead(tuple(parse_lines(run_line_adapter(), body)))
    except ResultsUnreadable as error:
        return _FileRead(fault=f"s3://{bucket}/{key}: {error}")


def _lines_between(files: Iterable[_FileRead], since: date, until: date) -> list[RunLine]:
    """Return each run's line once, of the runs that began on two days and between them, by their start."""
    lines = {line.run_id: line for line in chain.from_iterable(file.lines for file in files)}
    within = [line for line in lines.values() if since.isoformat() <= line.started[:10] <= until.isoformat()]
    return sorted(within, key=lambda line: (line.started, line.run_id))
