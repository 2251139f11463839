"""The options of a dataset: the stack has a value of each, over which an entry of `datasets` may put its own."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from components.settings.dataset_types import DatasetNames
from components.settings.mapping_types import MutedUntil
from components.settings.option_types import Options
from components.settings.value_types import Flag, Schedule, Text, Whole, one_of_words

WORKER_TYPES = ("G.1X", "G.2X", "G.4X", "G.8X")
ASSETS, NOWHERE = "assets", "none"
LINEAGE_SERVER = r"https://[\w.-]+(:\d+)?(/[\w./~-]*)?"
"""Without a name and a password, which would stand in the job's definition."""
MIN_TIMEOUT, DEFAULT_TIMEOUT, MAX_TIMEOUT = 5, 60, 2880


def _below_timeout(earlier: Mapping[str, Any]) -> tuple[int, int]:
    return 1, earlier.get("timeout", DEFAULT_TIMEOUT) - 1


class DatasetOptions(Options):
    """How one dataset goes through the gate: a stack's value is for each dataset whose entry names none."""

    title = "Each dataset"

    start: Annotated[str, one_of_words("schedule", "arrival")] = Field(
        "schedule",
        description="What starts a dataset in the flow, schedule or arrival; one that is built from tables starts with these",
        examples=["arrival"],
    )
    schedule: Annotated[str, Schedule()] = Field(
        "cron(0 6 * * ? *)",
        description="When the flow starts by schedule, in UTC, as AWS writes cron; datasets of the same time are run in order",
        examples=["cron(30 4 ? * MON-FRI *)"],
    )
    active: Annotated[bool, Flag()] = Field(
        False,
        description="Whether schedule or arrival start the flow, and the watch for a run that never came is on",
        examples=[True],
    )
    workers: Annotated[int, Whole(2, 299)] = Field(2, description="Workers of a job, 2 to 299", examples=[4])
    worker_type: Annotated[str, one_of_words(*WORKER_TYPES)] = Field(
        "G.1X", description="G.1X, G.2X, G.4X or G.8X", examples=["G.2X"]
    )
    timeout: Annotated[int, Whole(MIN_TIMEOUT, MAX_TIMEOUT)] = Field(
        DEFAULT_TIMEOUT, description="Minutes after which a run is stopped, 5 to 2880", examples=[120]
    )
    notify_after: Annotated[int, Whole(1, MAX_TIMEOUT - 1, _below_timeout)] = Field(
        30, description="Minutes after which a run is late, less than timeout", examples=[45]
    )
    crawl: Annotated[str, Schedule(or_nothing=True)] = Field(
        "",
        description="When the raw crawlers run, as AWS writes cron; empty for only on demand",
        examples=["cron(0 5 ? * MON *)"],
    )
    maintain: Annotated[str, Schedule()] = Field(
        "cron(30 2 ? * SUN *)",
        description="When the tables are maintained, as AWS writes cron; between runs of the jobs",
        examples=["cron(0 1 ? * SAT *)"],
    )
    snapshot_days: Annotated[int, Whole(1, 3650)] = Field(
        14, description="Days that a table can still be read, and rolled back to, as it was", examples=[30]
    )
    quarantine_days: Annotated[int, Whole(0, 36500)] = Field(
        0, description="Days after which rows that were set aside are removed; 0 for never", examples=[90]
    )
    lineage: Annotated[
        str, Text(f"{ASSETS}|{NOWHERE}|{LINEAGE_SERVER}", f"{ASSETS}, a server's https://..., or {NOWHERE}")
    ] = Field(
        ASSETS,
        description="Where runs tell of themselves as OpenLineage events; assets, a server's URL (https), or none",
        examples=["https://lineage.acme.de/api/v1"],
    )


class DatasetEntry(DatasetOptions):
    """What the entry of one dataset takes."""

    of_one_dataset = frozenset({"needs", "mute"})

    needs: Annotated[tuple[str, ...], DatasetNames()] = Field(
        (), description="Datasets that a flow runs before it", examples=[["stores"]]
    )
    mute: Annotated[dict[str, str], MutedUntil()] = Field(
        {},
        description="Until when, the day included and at most 15 days ahead, and why no message and no alarm of it is sent",
        examples=[{"until": "2026-12-05", "why": "the source moves"}],
    )
