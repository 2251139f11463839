"""`meta.arrivals` of an input of files: which objects are due by when, and which manifest says what is in them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from etl.contract.field_kinds import STRICT, AnyText, Count, Demand, Remedy, matching
from etl.contract.file_glob import is_file_glob

CLOCK_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
MIDNIGHT = "00:00"
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_DAY = "|".join(WEEKDAYS)
DAYS = rf"(?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*"


@dataclass(frozen=True, kw_only=True)
class DueArrival:
    """Objects that are due: by a time of a day at least so many whose keys match."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    pattern: Annotated[
        AnyText,
        Demand(is_file_glob, "write a glob such as {dataset}/*-zone17.csv", schema={"pattern": r"^[^/]"}),
        Field(
            description="which objects, as a glob over their keys in raw; it may leave out the dataset's prefix, and "
            "without a slash it is about names in any folder below it",
            examples=["trips/*-zone17.csv"],
        ),
    ]
    by: Annotated[
        AnyText,
        matching(CLOCK_TIME, "write a time of day in UTC such as 05:30"),
        Field(
            description="the time of day, UTC, by which they are there; nobody looks where absent", examples=["05:30"]
        ),
    ] = ""
    since: Annotated[
        AnyText,
        matching(CLOCK_TIME, "write a time of day in UTC such as 20:00"),
        Field(
            description="the time of day, UTC, from which an object counts; where it is later than `by`, of the day before",
            examples=["20:00"],
        ),
    ] = MIDNIGHT
    days: Annotated[
        AnyText,
        matching(DAYS, "write days such as MON-SAT or MON,THU"),
        Field(description="the days of the week on which they are due, UTC", examples=["MON-SAT"]),
    ] = "MON-SUN"
    count: Annotated[
        Count,
        Remedy("write a whole number from 1"),
        Field(description="how many at least", ge=1, examples=[1]),
    ] = 1
    manifest: Annotated[
        AnyText | None,
        Demand(
            lambda glob: glob is None or is_file_glob(glob),
            "write a glob such as {dataset}/*.manifest.json, or null",
            schema={"pattern": r"^[^/]"},
        ),
        Field(
            description="the file that says names, sizes, rows or checksums, as a glob; what it is about waits for it",
            examples=["trips/*.manifest.json"],
        ),
    ] = None

    @property
    def is_watched(self) -> bool:
        """Whether somebody looks for it by a time of day."""
        return bool(self.by)

    @property
    def begins_day_before(self) -> bool:
        """Whether an object counts that was put on the day before."""
        return self.since > self.by

    @property
    def terms(self) -> str:
        """When how many are due, and with which manifest, in words."""
        window = f", put since {self.since}{' of the day before' * self.begins_day_before}"
        times = f"{self.count} by {self.by} UTC{window if self.since != MIDNIGHT else ''}, {self.days}"
        manifest = f"with the manifest {self.manifest}" if self.manifest else ""
        return ", ".join(part for part in (times if self.is_watched else "", manifest) if part)

    @property
    def weekdays(self) -> tuple[str, ...]:
        """The days of the week on which they are due, Monday first."""
        due = set[str]()
        for part in self.days.split(","):
            first, _, last = part.partition("-")
            begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
            span = end - begin if end >= begin else end - begin + len(WEEKDAYS)
            due.update(WEEKDAYS[(begin + offset) % len(WEEKDAYS)] for offset in range(span + 1))
        return tuple(day for day in WEEKDAYS if day in due)
