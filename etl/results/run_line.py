"""A run as one line of the results: what it read, published and broke, for tables and histories over many runs.

A verdict says why, a line how much. `etl.contract.results_layout` says where it lies.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.schema_settings import SCHEMA_SETTINGS
from etl.results.verdict import RunState, Verdict
from etl.runtime.arguments import RunKind

VERSION = 1  # a field more is none of another version, a new meaning is
Metrics = dict[str, dict[str, int | float | None]]
"""What was counted at each stage, by the metric's name: {"output": {"row_count": 5, "fare.sum": 1.5}}."""


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


@dataclass(frozen=True)
class BrokenRule:
    """A rule that the data broke."""

    __pydantic_config__ = SCHEMA_SETTINGS

    rule: str
    """The rule's stable id."""
    severity: Severity
    """What breaking it does to a run."""
    rows: int
    """Rows that broke it; objects, for a rule about objects; 1 for a rule about the whole."""


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """A run that has ended; the fields that have a default are not in the first lines that were written."""

    __pydantic_config__ = SCHEMA_SETTINGS

    version: Literal[1]
    """Of this form; a field more does not change it, another meaning of one does."""
    dataset: str
    """The dataset's name."""
    run_id: str
    """Glue's id of the run."""
    kind: RunKind
    """What kind of run: "run" for what arrived, "replay" and "rerun" for what an operator took through the gate again,
    "withdraw" where an object's rows left."""
    run_date: date
    """The day that people know the run by."""
    started: str
    """When the run began, UTC, as ISO text; the line lies under the day of it."""
    state: RunState
    """What became of it."""
    nothing_unread: bool
    """Whether there was nothing to read: no rule was judged."""
    rows_read: int
    """Rows that were read."""
    rows_published: int
    """Rows that readers see."""
    rows_quarantined: int
    """Rows that were set aside, since they broke a warning."""
    rows_replaced: int
    """Rows of this run whose key a newer object has too."""
    rows_unchanged: int = 0
    """Of a snapshot, rows of the copy that readers saw already, as they are."""
    rows_gone: int = 0
    """Of a snapshot, rows that left the table since the copy lacks them."""
    objects: int
    """Objects that were read; days, of a dataset that is built from tables."""
    bytes: int | None
    """How large these objects are in the bucket; null where the dataset is built from tables."""
    seconds: float
    """Wall time."""
    dpu_seconds: float | None
    """What it took of Glue's data processing units; null where Glue does not say how many it had."""
    published_at: str | None
    """When what readers see after the run was published, UTC, as ISO text; null where nothing is."""
    freshness_hours: int | None
    """How old that may become, by the contract; null where the run came to load none."""
    contracts: dict[str, str]
    """The contracts' versions by stage, input and output."""
    broken: tuple[BrokenRule, ...]
    """The rules that the data broke."""
    metrics: Annotated[
        Metrics, Field(examples=[{Stage.INPUT: {"row_count": 5}, Stage.OUTPUT: {"row_count": 5, "fare.sum": 1.5}}])
    ] = field(default_factory=dict[str, dict[str, int | float | None]])
    """What was counted of its rows at each stage, by the metric's name; null where a metric has no value."""
    corrected: int = 0
    """How many of the objects replaced rows that the table had of them."""
    rows_deleted: int = 0
    """Of changes, the deletes that are the last change of their key."""
    rows_late: int = 0
    """Of changes, those that are older than what the table has of their key: they change nothing."""
    isolated: bool = False
    """Whether objects were published alone, since together they broke the contract."""
    is_ordinary: bool = False
    """Whether the run counts as history: an ordinary one that published, corrected nothing and isolated nothing."""
    rows_expired: int = 0
    """Rows that were left out, since maintenance has removed such old ones from the table."""


@cache
def run_line_adapter() -> TypeAdapter[RunLine]:
    """Return what reads and writes lines and gives their schema."""
    return TypeAdapter(RunLine)


def run_line(verdict: Verdict, figures: RunFigures) -> RunLine:
    """Return the line of a run that has ended."""
    return RunLine(
        version=VERSION,
        dataset=verdict.dataset,
        run_id=verdict.run_id,
        kind=verdict.kind,
        run_date=date.fromisoformat(figures.run_date),
        started=verdict.started,
        state=verdict.state,
        nothing_unread=verdict.nothing_unread,
        rows_read=verdict.rows_read,
        rows_published=verdict.rows_published,
        rows_quarantined=verdict.rows_quarantined,
        rows_replaced=verdict.rows_replaced,
        rows_unchanged=verdict.rows_unchanged,
        rows_gone=verdict.rows_gone,
        objects=len(verdict.objects),
        bytes=figures.bytes_read,
        seconds=verdict.seconds,
        dpu_seconds=figures.dpu_seconds,
        published_at=figures.published_at,
        freshness_hours=figures.freshness_hours,
        contracts=verdict.contracts,
        broken=tuple(BrokenRule(result.rule, result.severity, result.unexpected) for result in verdict.violations),
        metrics={stage: _finite(metrics) for stage, metrics in verdict.metrics.items()},
        corrected=len(verdict.corrected),
        rows_deleted=verdict.rows_deleted,
        rows_late=verdict.rows_late,
        isolated=verdict.isolated,
        is_ordinary=is_ordinary(verdict),
        rows_expired=verdict.rows_expired,
    )


def is_ordinary(verdict: Verdict) -> bool:
    """Return whether a run counts as history of its dataset."""
    is_plain_run = verdict.kind is RunKind.RUN and not verdict.state.is_failure
    has_rows = verdict.rows_published + verdict.rows_unchanged > 0
    return is_plain_run and has_rows and not verdict.corrected and not verdict.isolated


def _finite(metrics: Mapping[str, int | float | None]) -> dict[str, int | float | None]:
    """Return metrics with null for what is not finite: JSON has no word for it."""
    return {name: number if number is not None and math.isfinite(number) else None for name, number in metrics.items()}
