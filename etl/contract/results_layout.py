"""Where the results of runs lie in the assets bucket: one object for each run and kind, and copies of months that are over.

    results/<kind>/dataset=<dataset>/day=<yyyy-MM-dd>/<run-id>.jsonl
    results/months/<kind>/dataset=<dataset>/<yyyy-MM>.jsonl

The day is the UTC date of the run's start. Tables stand on the days only, so that no line counts twice.
"""

from enum import StrEnum

SUFFIX = ".jsonl"


class ResultKind(StrEnum):
    """What a line of the results is of.

    Members:
        RUNS: a run.
        RULES: a rule in a run.
    """

    RUNS = "runs"
    RULES = "rules"


RUNS, RULES = ResultKind
KINDS = tuple(ResultKind)


def results_folder(kind: ResultKind) -> str:
    """Return the prefix of all datasets' results of a kind."""
    return f"results/{kind}/"


def days_folder(kind: ResultKind, dataset: str) -> str:
    """Return the prefix that a dataset's days of a kind lie below."""
    return f"{results_folder(kind)}dataset={dataset}/"


def months_folder(kind: ResultKind, dataset: str) -> str:
    """Return the prefix that a dataset's months of a kind lie below."""
    return f"results/months/{kind}/dataset={dataset}/"


def run_key(kind: ResultKind, dataset: str, day: str, run_id: str) -> str:
    """Return the key of a run's object, the same however often it is written; `day` as ISO text."""
    return f"{days_prefix(kind, dataset, day)}/{run_id}{SUFFIX}"


def days_prefix(kind: ResultKind, dataset: str, month: str) -> str:
    """Return what the keys of a month's days begin with, `month` as yyyy-MM; or of one day."""
    return f"{days_folder(kind, dataset)}day={month}"


def day_of(kind: ResultKind, dataset: str, key: str) -> str:
    """Return the day that the key of a run's object names, as ISO text."""
    return key.removeprefix(days_prefix(kind, dataset, "")).partition("/")[0]


def month_key(kind: ResultKind, dataset: str, month: str) -> str:
    """Return the key of a month's copy, `month` as yyyy-MM."""
    return f"{months_folder(kind, dataset)}{month}{SUFFIX}"


def month_of(kind: ResultKind, dataset: str, key: str) -> str:
    """Return the month that a copy's key names, as yyyy-MM."""
    return key.removeprefix(months_folder(kind, dataset)).removesuffix(SUFFIX)
