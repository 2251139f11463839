"""Where the results of runs lie in the assets bucket: one object for each run and kind, and copies of months that are over.

    results/<kind>/dataset=<dataset>/day=<yyyy-MM-dd>/<run-id>.jsonl
    results/months/<kind>/dataset=<dataset>/<yyyy-MM>.jsonl

The day is the UTC date of the run's start. Tables stand on the days only, so that no line counts twice.
"""

from typing import Literal

ResultKind = Literal["runs", "rules"]
RUNS: ResultKind = "runs"
RULES: ResultKind = "rules"
KINDS: tuple[ResultKind, ...] = (RUNS, RULES)


def results_folder(kind: ResultKind) -> str:
    """Return the prefix of all datasets' results of a kind."""
    return f"results/{kind}/"


def days_folder(kind: ResultKind, dataset: str) -> str:
    """Return the prefix that a dataset's days of a kind lie below."""
    return f"{results_folder(kind)}dataset={dataset}/"


def months_folder(kind: ResultKind, dataset: str) -> str:
    """Return the prefix that a dataset's months of a kind lie below."""
    return f"results/months/{kind}/dataset={dataset}/"
