"""Lines of results of runs that never were: days of given data, and what a proof lets a rule look back at."""

from collections.abc import Mapping
from datetime import date

from etl.results.run_line import VERSION, Metrics, RunLine
from etl.results.verdict import RunState
from etl.runtime.arguments import RunKind


def stand_in_line(
    dataset: str, day: date, number: int, metrics: Mapping[str, Mapping[str, int | float | None]]
) -> RunLine:
    """Return the line of an ordinary run of a day that published.

    `number` is its place among all, by which runs are told apart; `metrics` are by stage and name.
    """
    stage_metrics: Metrics = {str(stage): dict(values) for stage, values in metrics.items()}
    return RunLine(
        version=VERSION,
        dataset=dataset,
        run_id=f"jr_{number:06}",
        kind=RunKind.RUN,
        run_date=day,
        started=f"{day}T00:00:00+00:00",
        state=RunState.SUCCEEDED,
        nothing_unread=False,
        rows_read=1,
        rows_published=1,
        rows_quarantined=0,
        rows_replaced=0,
        objects=1,
        bytes=None,
        seconds=0,
        dpu_seconds=None,
        published_at=None,
        freshness_hours=None,
        contracts={},
        broken=(),
        metrics=stage_metrics,
        is_ordinary=True,
    )
