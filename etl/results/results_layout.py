"""Where results lie in the assets bucket: a file for each run, and copies of whole months beside them.

`results/<table>/dataset=<dataset>/day=<yyyy-MM-dd>/<run-id>.jsonl` is of a run; the day is the UTC date of its start.
`results/months/<table>/dataset=<dataset>/<yyyy-MM>.jsonl` is a month's files in one, made by maintenance.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any

from etl.results.verdict import Verdict

SUFFIX = ".jsonl"
CONTENT_TYPE = "application/jsonl"


class ResultTable(StrEnum):
    """A table of results.

    Members:
        RUNS: a line for each run.
        RULES: a line for each rule of a run.
    """

    RUNS = "runs"
    RULES = "rules"

    def run_key(self, verdict: Verdict) -> str:
        """Return the key of a run's file: the same however often it is written."""
        return f"{self.days_prefix(verdict.dataset, verdict.started[:10])}/{verdict.run_id}{SUFFIX}"

    def days_prefix(self, dataset: str, day: str = "") -> str:
        """Return what the keys of a dataset's days begin with; of those of one day or month, where its ISO text is given."""
        return f"results/{self}/dataset={dataset}/day={day}"

    def day_of(self, dataset: str, key: str) -> str:
        """Return the day that a run's key names, as ISO text."""
        return key.removeprefix(self.days_prefix(dataset)).partition("/")[0]

    def months_prefix(self, dataset: str) -> str:
        """Return what the keys of a dataset's months begin with."""
        return f"results/months/{self}/dataset={dataset}/"

    def month_key(self, dataset: str, month: str) -> str:
        """Return the key of a month's copy; `month` as yyyy-MM."""
        return f"{self.months_prefix(dataset)}{month}{SUFFIX}"

    def month_of(self, dataset: str, key: str) -> str:
        """Return the month that a copy's key names, as yyyy-MM."""
        return key.removeprefix(self.months_prefix(dataset)).removesuffix(SUFFIX)


def months_between(since: date, until: date) -> list[str]:
    """Return the months of two dates and between them, as yyyy-MM in order."""
    first, last = since.year * 12 + since.month - 1, until.year * 12 + until.month - 1
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


def list_keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    """Yield the keys that begin with a prefix, in order."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for stored in page.get("Contents", ()):
            yield stored["Key"]
