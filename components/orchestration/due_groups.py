"""What is due in a stack as plain data: by time, by dataset and by prefix, so that each prefix is listed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from etl.contract.arrivals import WEEKDAYS, DueArrival
from etl.contract.key_globs import literal_prefix


@dataclass(frozen=True)
class DueDataset:
    """What is due of a dataset: `files` is the contract's glob of what is data, `manifests` are those of what is none.

    `mute` is as in `FlowStep`. `active` says whether something starts the dataset; what is due of one that rests is looked for
    where all of a time rest.
    """

    dataset: str
    owner: str
    arrivals: tuple[DueArrival, ...]
    files: str = ""
    manifests: tuple[str, ...] = ()
    mute: Mapping[str, str] = field(default_factory=dict[str, str])
    active: bool = True

    def arrivals_at(self, time: str) -> list[DueArrival]:
        """Return what is due by a time of a day."""
        return [arrival for arrival in self.arrivals if arrival.by == time]


@dataclass(frozen=True)
class DueCheck:
    """So many objects that a glob takes, put since a time on some weekdays, Monday 0; a manifest need not be data."""

    glob: str
    count: int
    since: str
    begins_day_before: bool
    weekdays: tuple[int, ...]
    is_manifest: bool = False


@dataclass(frozen=True)
class DueGroup:
    """What is due by a time of one dataset, below one prefix of keys."""

    due: DueDataset
    prefix: str
    checks: tuple[DueCheck, ...]


def due_times(datasets: Sequence[DueDataset]) -> list[str]:
    """Return the times of a day by which something is due, each once, in order."""
    return sorted({arrival.by for due in datasets for arrival in due.arrivals if arrival.is_watched})


def looked_for(time: str, datasets: Sequence[DueDataset]) -> list[DueDataset]:
    """Return the datasets of which something is due by a time: the active ones, or all where none is active."""
    at_time = [due for due in datasets if due.arrivals_at(time)]
    return [due for due in at_time if due.active] or at_time


def due_groups(time: str, datasets: Sequence[DueDataset]) -> list[DueGroup]:
    """Return what is looked for by a time; a prefix below another one is listed with that."""
    groups: list[DueGroup] = []
    for due in looked_for(time, datasets):
        checks = [check for arrival in due.arrivals_at(time) for check in _checks_of(arrival)]
        prefixes = {check: literal_prefix(check.glob, due.dataset) for check in checks}
        outermost = [
            prefix
            for prefix in sorted({*prefixes.values()})
            if not any(prefix != other and prefix.startswith(other) for other in prefixes.values())
        ]
        groups += [
            DueGroup(due, prefix, tuple(check for check in prefixes if prefixes[check].startswith(prefix)))
            for prefix in outermost
        ]
    return groups


def due_weekdays(time: str, datasets: Sequence[DueDataset]) -> list[str]:
    """Return the days of the week on which something is looked for by a time, Monday first."""
    arrivals = [arrival for due in looked_for(time, datasets) for arrival in due.arrivals_at(time)]
    return [day for day in WEEKDAYS if any(day in arrival.weekdays for arrival in arrivals)]


def _checks_of(arrival: DueArrival) -> list[DueCheck]:
    weekdays = tuple(map(WEEKDAYS.index, arrival.weekdays))
    window = (arrival.since, arrival.begins_day_before, weekdays)
    checks = [DueCheck(arrival.pattern, arrival.count, *window)]
    if arrival.manifest:
        checks.append(DueCheck(arrival.manifest, 1, *window, is_manifest=True))
    return checks
