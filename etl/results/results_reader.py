"""What earlier runs of a dataset came to: their lines of the results, of months as they were joined, else of days."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from etl.contract.results_layout import RULES, RUNS, ResultKind, day_of, days_prefix, month_of, months_folder
from etl.errors import ResultsUnreadable
from etl.results.result_lines import parse_lines
from etl.results.rule_line import RuleLine, rule_line_adapter
from etl.results.run_line import RunLine, run_line_adapter
from etl.storage.many_objects import list_keys, map_objects
from etl.storage.optional_objects import read_object

Line = TypeVar("Line", RunLine, RuleLine)


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
class RuleResultsRead:
    """The rules of the runs of some days.

    Attributes:
        lines: a line for each rule of a run, by the run's start.
        unreadable: the files that were passed over, as those of runs.
    """

    lines: list[RuleLine]
    unreadable: list[str]


@dataclass(frozen=True)
class _FileRead(Generic[Line]):
    """One file: its lines, or why it has none."""

    lines: tuple[Line, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class _Stretch:
    """The keys of a dataset's results of a kind, of two days (UTC) and between them."""

    s3: Any
    bucket: str
    dataset: str
    kind: ResultKind
    since: date
    until: date

    def joined_months(self) -> dict[str, str]:
        """Return the keys of the copies that there are, by month."""
        keys = list_keys(self.s3, self.bucket, months_folder(self.kind, self.dataset))
        by_month = {month_of(self.kind, self.dataset, key): key for key in keys}
        return {month: by_month[month] for month in months_between(self.since, self.until) if month in by_month}

    def days_beside(self, months: set[str]) -> list[str]:
        """Return the keys of the runs of all days but those of some months."""
        return [
            key
            for month in months_between(self.since, self.until)
            if month not in months
            for key in list_keys(self.s3, self.bucket, days_prefix(self.kind, self.dataset, month))
            if self.since.isoformat() <= day_of(self.kind, self.dataset, key) <= self.until.isoformat()
        ]


def read_runs(s3: Any, bucket: str, dataset: str, since: date, until: date) -> RunResultsRead:
    """Read the lines of a dataset's runs that began on two days (UTC) and between them.

    A month's copy is read in place of its days; where it cannot be read the days are. Nothing there is no fault.

    Raises:
        ClientError: S3 refused to list or to read.
    """
    read_file = partial(_read_file, s3, bucket, run_line_adapter())
    files = _read_files(_Stretch(s3, bucket, dataset, RUNS, since, until), read_file)
    lines = {line.run_id: line for line in _lines_between(files, since, until)}
    return RunResultsRead(_in_order(lines.values()), _faults(files))


def read_rules(s3: Any, bucket: str, dataset: str, since: date, until: date) -> RuleResultsRead:
    """Read the lines of the rules of these runs, as `read_runs` reads theirs.

    Raises:
        ClientError: S3 refused to list or to read.
    """
    read_file = partial(_read_file, s3, bucket, rule_line_adapter())
    files = _read_files(_Stretch(s3, bucket, dataset, RULES, since, until), read_file)
    lines = {(line.run_id, line.rule): line for line in _lines_between(files, since, until)}
    return RuleResultsRead(_in_order(lines.values()), _faults(files))


def months_between(since: date, until: date) -> list[str]:
    """Return the months of two dates and between them, as yyyy-MM in order."""
    first, last = since.year * 12 + since.month - 1, until.year * 12 + until.month - 1
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


def _read_files(stretch: _Stretch, read_file: Callable[[str], _FileRead[Line]]) -> list[_FileRead[Line]]:
    joined = stretch.joined_months()
    copies = dict(zip(joined, map_objects(read_file, [*joined.values()]), strict=True))
    whole = {month for month, copy in copies.items() if not copy.fault}
    return [*copies.values(), *map_objects(read_file, stretch.days_beside(whole))]


def _read_file(s3: Any, bucket: str, adapter: TypeAdapter[Line], key: str) -> _FileRead[Line]:
    body = read_object(s3, bucket, key)
    if body is None:  # it expired meanwhile
        return _FileRead()
    try:
        return _FileRead(tuple(parse_lines(adapter, body)))
    except ResultsUnreadable as error:
        return _FileRead(fault=f"s3://{bucket}/{key}: {error}")


def _lines_between(files: Iterable[_FileRead[Line]], since: date, until: date) -> list[Line]:
    """Return the lines of the runs that began on two days and between them."""
    lines = chain.from_iterable(file.lines for file in files)
    return [line for line in lines if since.isoformat() <= line.started[:10] <= until.isoformat()]


def _in_order(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.started, line.run_id))


def _faults(files: Iterable[_FileRead[Line]]) -> list[str]:
    return [file.fault for file in files if file.fault]
