"""Whether what a contract calls due would have been there on the last days: a pattern that nothing meets rings each day."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from etl.contract.arrivals import WEEKDAYS, DueArrival
from etl.contract.file_glob import expand_braces
from etl.contract.key_globs import matches_key
from etl.contract.manifest_globs import is_manifest
from etl.contract.model import Contract
from etl.storage.raw_objects import S3Prefix, is_data_key
from etl.wording import count_noun
from sluice.contracts.lint.findings import Finding
from sluice.contracts.lint.raw_listing import PutObject

DAYS = 30
"""Days that are looked back at."""


@dataclass(frozen=True)
class _Check:
    """One glob that is due with an arrival: its own pattern, or its manifest."""

    glob: str
    count: int
    is_manifest: bool


def find_unmet_arrivals(contract: Contract, listed: Sequence[PutObject], now: datetime) -> Iterator[Finding]:
    """Yield what is due and would have been told as missing, of what was put for the dataset; nothing where nothing was put."""
    recent = [entry for entry in listed if now - timedelta(days=DAYS) <= entry.put <= now]
    if not recent:
        return
    for arrival in contract.arrivals:
        checks = [_Check(arrival.pattern, arrival.count, is_manifest=False)]
        if arrival.manifest:
            checks.append(_Check(arrival.manifest, 1, is_manifest=True))
        for check in checks:
            yield from _check_findings(contract, arrival, check, recent, now)


def find_other_prefixes(contract: Contract, datasets: Collection[str]) -> Iterator[Finding]:
    """Yield what is due below another dataset's prefix, as it seems: a glob that does not begin with its own is below that."""
    for arrival in contract.arrivals:
        for glob in filter(None, (arrival.pattern, arrival.manifest)):
            firsts = {part.partition("/")[0] for part in expand_braces(glob) if "/" in part}
            for name in sorted(firsts & {*datasets} - {contract.dataset}):
                below = f"what is due of {contract.dataset} lies below {contract.dataset}/"
                problem = f"{glob!r} begins with dataset {name}, and {below}"
                remedy = (
                    f"move it to the contract of {name}, or write {contract.dataset}/{name}/ if a folder is called so"
                )
                yield Finding("due", problem, remedy, column=glob)


def _check_findings(
    contract: Contract, arrival: DueArrival, check: _Check, recent: Sequence[PutObject], now: datetime
) -> Iterator[Finding]:
    matching = [entry for entry in recent if matches_key(entry.key, check.glob, contract.dataset)]
    counted = [entry for entry in matching if check.is_manifest or _is_data(contract, entry.key)]
    label = f"{'manifest ' if check.is_manifest else ''}{check.glob!r}"
    days = due_days(arrival, recent[0].put, now) if arrival.is_watched else []
    unmet = [day for day in days if _number_in_window(arrival, day, counted) < check.count]
    missed = f": it would have been missing on each of {count_noun(len(days), 'due day')}" if days else ""
    if not matching:
        problem = f"{label} matches none of {count_noun(len(recent), 'object')} of the last {DAYS} days{missed}"
        yield _finding(check, problem, f"mend the pattern; the latest object is {recent[-1].key}")
    elif not counted:
        problem = (
            f"{label} matches {count_noun(len(matching), 'object')} of the last {DAYS} days, and none is data{missed}"
        )
        yield _finding(check, problem, "mend the pattern, or meta.files; names that start with _ or a dot are no data")
    elif unmet:
        yield _finding(check, *_unmet_words(arrival, label, days, unmet, counted))


def due_days(arrival: DueArrival, first_put: datetime, now: datetime) -> list[date]:
    """Return the last days on which it was due, the earliest first: their time is over, and came after the first object."""
    days = [now.date() - timedelta(days=age) for age in range(DAYS, -1, -1)]
    return [
        day
        for day in days
        if WEEKDAYS[day.weekday()] in arrival.weekdays and first_put <= _moment(day, arrival.by) <= now
    ][-DAYS:]


def _number_in_window(arrival: DueArrival, day: date, counted: Sequence[PutObject]) -> int:
    begin = _moment(day - timedelta(days=arrival.begins_day_before), arrival.since)
    return len({entry.key for entry in counted if begin <= entry.put <= _moment(day, arrival.by)})


def _unmet_words(
    arrival: DueArrival, label: str, days: Sequence[date], unmet: Sequence[date], counted: Sequence[PutObject]
) -> tuple[str, str]:
    times = sorted(f"{entry.put:%H:%M}" for entry in counted)
    span = times[0] if times[0] == times[-1] else f"{times[0]} to {times[-1]}"
    problem = (
        f"{label} would have been missing on {len(unmet)} of {count_noun(len(days), 'due day')} of the last {DAYS}, "
        f"the last of them {unmet[-1]}; {count_noun(len(counted), 'object')} that match were put at {span} UTC"
    )
    return problem, f"by {arrival.by} and since {arrival.since} are UTC: mend them, days or count, or ask the source"


def _is_data(contract: Contract, key: str) -> bool:
    prefix = S3Prefix("", f"{contract.dataset}/")
    return is_data_key(key, prefix, contract.files) and not is_manifest(key, contract.arrivals, contract.dataset)


def _moment(day: date, clock_time: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock_time), UTC)


def _finding(check: _Check, problem: str, remedy: str) -> Finding:
    return Finding("due", problem, remedy, column=check.glob)
