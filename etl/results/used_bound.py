"""A bound that came from earlier runs, as a verdict keeps it: its value, and the runs that it is made of."""

from dataclasses import dataclass

from etl.contract.stage import Stage
from etl.results.schema_settings import SCHEMA_SETTINGS


@dataclass(frozen=True, kw_only=True)
class UsedBound:
    """A bound from earlier runs: what rules compared with, or why there was nothing."""

    __pydantic_config__ = SCHEMA_SETTINGS

    name: str
    """Its name in `meta.history`."""
    stage: Stage
    """The suite that declares it, input or output."""
    metric: str
    """What is compared, as `metrics` of results calls it: "row_count", "fare.sum"."""
    value: int | float | None = None
    """What rules compared with; null where it has none."""
    figure: int | float | None = None
    """What the runs came to, such as their median, before it was multiplied; null where there are too few."""
    values: int = 0
    """How many runs, or days, it is made of."""
    at_least: int
    """How many it needs."""
    first_date: str | None = None
    """The run date of the first of them, null where there is none."""
    last_date: str | None = None
    """The run date of the last of them."""
    runs: tuple[str, ...] = ()
    """Ids of the runs, oldest first."""
    of_day: int | float | None = None
    """What earlier runs of the same day had, by which a bound per day is lessened; null where there is none."""
    why: str = ""
    """Why it has no value; "" where it has one."""


@dataclass(frozen=True)
class AcceptedHistory:
    """That an operator let a run pass whatever its history says: why, and who did so."""

    __pydantic_config__ = SCHEMA_SETTINGS

    why: str
    who: str
