"""Months of results in one object each: a copy for whoever reads far back. The days stay, and tables stand on them.

A month is joined once, when it has been over for seven days: by then no run of it can still write, since none lasts so long.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from etl.contract.results_layout import KINDS, ResultKind, day_of, days_folder, month_key, month_of, months_folder
from etl.errors import ResultsUnreadable
from etl.results.result_lines import CONTENT_TYPE, line_adapter, parse_lines
from etl.storage.many_objects import list_keys, map_objects
from etl.wording import count_noun, join_names

DAYS_OVER = 7
MAX_FILES_NAMED = 5  # in a message; the report has them all


@dataclass
class JoinedMonths:
    """What was joined.

    Attributes:
        written: keys of the copies that were written.
        unreadable: the files that kept a month from being joined, as "<S3 URI>: <why>".
        error: what kept the rest from being joined, "" for nothing.
    """

    written: list[str] = field(default_factory=list[str])
    unreadable: list[str] = field(default_factory=list[str])
    error: str = ""

    @property
    def in_words(self) -> str:
        """What was done, for the report's message; "" where there was nothing to do."""
        joined = f"{count_noun(len(self.written), 'month')} of results joined" if self.written else ""
        files = join_names(self.unreadable, MAX_FILES_NAMED)
        refused = f"results not joined, since these cannot be read: {files}" if files else ""
        failed = f"results not joined: {self.error}" if self.error else ""
        return "; ".join(filter(None, (joined, refused, failed)))


def join_months(s3: Any, bucket: str, dataset: str, today: date, joined: JoinedMonths) -> None:
    """Join each month of a dataset that is over and has no copy yet; `joined` is told as it goes.

    A month with a file that cannot be read stays as it is: its days are read until the file is mended, deleted or expired.

    Raises:
        ClientError: S3 refused to list, to read or to write.
    """
    for kind in KINDS:
        copies = {month_of(kind, dataset, key) for key in list_keys(s3, bucket, months_folder(kind, dataset))}
        keys = list_keys(s3, bucket, days_folder(kind, dataset))
        for month, keys_of_month in groupby(keys, lambda key, kind=kind: day_of(kind, dataset, key)[:7]):
            if month not in copies and is_over(month, today):
                _join_month(s3, bucket, kind, month_key(kind, dataset, month), [*keys_of_month], joined)


def is_over(month: str, today: date) -> bool:
    """Return whether a month, as yyyy-MM, has been over for seven days; False for what is no month."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return False
    after = (first + timedelta(days=31)).replace(day=1)
    return today >= after + timedelta(days=DAYS_OVER)


def _join_month(  # noqa: PLR0913  where it lies, what goes in, and what is said of it
    s3: Any, bucket: str, kind: ResultKind, copy: str, keys: list[str], joined: JoinedMonths
) -> None:
    bodies = map_objects(partial(_read_file, s3, bucket, kind), keys)
    faults = [f"s3://{bucket}/{key}: {body}" for key, body in zip(keys, bodies, strict=True) if isinstance(body, str)]
    joined.unreadable += faults
    if not faults:
        # One put, which is whole or not there: a maintenance that dies before it leaves the days to read.
        s3.put_object(Bucket=bucket, Key=copy, Body=b"".join(_whole(bodies)), ContentType=CONTENT_TYPE)
        joined.written.append(copy)


def _read_file(s3: Any, bucket: str, kind: ResultKind, key: str) -> bytes | str:
    """Return a file's lines as they stand; or why it has none."""
    body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        parse_lines(line_adapter(kind), body)
    except ResultsUnreadable as error:
        return str(error)
    return body if body.endswith(b"\n") else body + b"\n"


def _whole(bodies: Iterable[bytes | str]) -> Iterable[bytes]:
    return (body for body in bodies if isinstance(body, bytes))
