"""A run as one line of the results: what it read, published and broke, for tables over many runs.

`results/runs/dataset=<dataset>/day=<yyyy-MM-dd>/<run-id>.jsonl` is this line; the day is the UTC date of the run's start. A
verdict says why, a line how much.
"""

import json
from dataclasses import dataclass
from typing import Any

from etl.results.verdict import Verdict

VERSION = 1  # a field more is none of another version, a new meaning is


def results_key(verdict: Verdict) -> str:
    """Return the key of a run's line: the same however often it is written."""
    return f"results/runs/dataset={verdict.dataset}/day={verdict.started[:10]}/{verdict.run_id}.jsonl"


@dataclass(frozen=True)
class RunFigures:
    """What a line has beside the verdict; None where it is not known.

    Attributes:
        run_date: the day that people know the run by, as ISO text.
        bytes_read: how large the objects are that it read, as they lie in the bucket.
        dpu_seconds: what it took of Glue's data processing units.
        published_at: when what readers see after it was published, UTC, as ISO text.
        freshness_hours: how old that may become, by the contract.
    """

    run_date: str
    bytes_read: int | None = None
    dpu_seconds: float | None = None
    published_at: str | None = None
    freshness_hours: int | None = None


def run_line(verdict: Verdict, figures: RunFigures) -> str:
    """Return the line of a run that has ended."""
    line: dict[str, Any] = {
        "version": VERSION,
        "dataset": verdict.dataset,
        "run_id": verdict.run_id,
        "kind": str(verdict.kind),
        "run_date": figures.run_date,
        "started": verdict.started,
        "state": str(verdict.state),
        "nothing_unread": verdict.nothing_unread,
        "rows_read": verdict.rows_read,
        "rows_published": verdict.rows_published,
        "rows_quarantined": verdict.rows_quarantined,
        "rows_replaced": verdict.rows_replaced,
        "objects": len(verdict.objects),
        "bytes": figures.bytes_read,
        "seconds": verdict.seconds,
        "dpu_seconds": figures.dpu_seconds,
        "published_at": figures.published_at,
        "freshness_hours": figures.freshness_hours,
        "contracts": verdict.contracts,
        "broken": [
            {"rule": result.rule, "severity": str(result.severity), "rows": result.unexpected}
            for result in verdict.violations
        ],
    }
    return f"{json.dumps(line, ensure_ascii=False)}\n"
