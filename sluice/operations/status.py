"""What a dataset's state is, learned by requests that run beside each other: no JVM, and no data is read but rows aside."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from etl.errors import SluiceError
from etl.iceberg import current_snapshot
from etl.ledger import skip_list
from etl.results import row_origin
from etl.results.verdict import RuleState
from etl.runtime.arguments import RUN
from etl.storage.raw_objects import RawObject
from sluice.operations import job_runs, quarantined_rows, row_counts
from sluice.operations.deployed_dataset import Deployed

THREADS = 24
RUNS = 5  # that are shown
LONGEST_MESSAGE = 300
UNREACHABLE = (BotoCoreError, ClientError, OSError)


@dataclass(frozen=True)
class State:
    """One dataset's state as plain data; `unseen` says what could not be looked at, by part, and why."""

    dataset: str
    job: str
    seen: Mapping[str, Any]
    unseen: Mapping[str, str]
    blind: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as a machine reads it."""
        return {"dataset": self.dataset, "job": self.job, **self.seen, "unseen": dict(self.unseen)}


def states(deployed: Sequence[Deployed]) -> list[State]:
    """Look at datasets; what one cannot be asked for is said in its state and hides nothing else."""
    for one in deployed:
        _ = one.s3, one.glue  # made before threads share them
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [{name: pool.submit(part, one) for name, part in PARTS.items()} for one in deployed]
    return [_state(one, parts) for one, parts in zip(deployed, asked, strict=True)]


def _state(dataset: Deployed, parts: Mapping[str, Future[Any]]) -> State:
    seen: dict[str, Any] = {}
    unseen: dict[str, str] = {}
    blind = False
    for name, part in parts.items():
        fault = part.exception()
        if fault is None:
            seen[name] = part.result()
        elif isinstance(fault, (*UNREACHABLE, SluiceError)):
            seen[name], unseen[name] = None, str(fault)
            blind = blind or isinstance(fault, UNREACHABLE)
        else:
            raise fault
    return State(dataset.name, dataset.job, seen, unseen, blind)


def _runs(dataset: Deployed) -> list[dict[str, Any]]:
    return [told(one, datetime.now(UTC)) for one in job_runs.latest(dataset, dataset.job)[:RUNS]]


def _maintenance(dataset: Deployed) -> dict[str, Any] | None:
    found = job_runs.latest(dataset, dataset.maintenance) if dataset.maintenance else []
    return told(found[0], datetime.now(UTC)) if found else None


def told(run: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return a run of Glue's; `seconds` of one that has not ended are those until now."""
    started = run["StartedOn"].astimezone(UTC)
    ended = run["JobRunState"] not in job_runs.UNFINISHED
    message = run.get("ErrorMessage", "")
    return {
        "run": run["Id"],
        "kind": job_runs.kind(run),
        "state": run["JobRunState"],
        "started": started.isoformat(timespec="seconds"),
        "seconds": run.get("ExecutionTime", 0) if ended else round((now - started).total_seconds()),
        "message": message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…",
    }


def _verdict(dataset: Deployed) -> dict[str, Any] | None:
    found = job_runs.verdict(dataset, "latest")
    if found is None:
        return None
    kept = ("run_id", "state", "message", "rows_read", "rows_published", "rows_quarantined")
    violated = [
        {**{name: one[name] for name in ("rule", "severity", "unexpected")}, "places": one.get("places", [])}
        for one in found["violations"]
    ]
    # Verdicts of before have no kind, and were mostly those of runs.
    return {
        **{name: found[name] for name in kept},
        "kind": found.get("kind", RUN),
        **_states(found),
        "violated": violated,
        "skip": _skip(dataset, found),
    }


def _states(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many rules held, were not evaluated and are in error, and which these are."""
    rules = [(RuleState.stored(rule), rule) for rule in verdict.get("rules", ())]
    in_error = [
        {name: rule[name] for name in ("rule", "severity")} for state, rule in rules if state is RuleState.ERROR
    ]
    states = [state for state, _ in rules]
    return {
        "rules_held": states.count(RuleState.HELD),
        "rules_not_evaluated": states.count(RuleState.NOT_EVALUATED),
        "rules_in_error": len(in_error),
        "in_error": in_error,
    }


def _skip(dataset: Deployed, verdict: Mapping[str, Any]) -> list[str]:
    """Return the commands that leave the objects alone that kept the last run from publishing."""
    if verdict["state"] == "SUCCEEDED" or dataset.sources or verdict.get("replay"):
        return []
    broken = [one for one in verdict["violations"] if one["severity"] == "critical"]
    return row_origin.skip_commands(
        dataset.name, (place for one in broken for place in row_origin.stored(one.get("places", ())))
    )


def _readers(dataset: Deployed) -> dict[str, Any]:
    found = dataset.head
    fresh = dataset.json(dataset.arguments["--output-contract"])["meta"].get("freshness_hours")
    if found.published is None:
        return {
            "snapshot": None,
            "published": None,
            "hours": None,
            "freshness_hours": fresh,
            "rows": 0,
            "run": None,
            "kind": None,
        }
    published = datetime.fromtimestamp(found.published / 1000, UTC)
    table = dataset.account.table(dataset.table)
    return {
        "snapshot": found.snapshot,
        "published": published.isoformat(timespec="seconds"),
        "hours": round((datetime.now(UTC) - published).total_seconds() / 3600, 1),
        "freshness_hours": fresh,
        "rows": row_counts.in_snapshot(table, int(str(found.snapshot))),
        "run": found.summary.get("sluice.run-id"),
        "kind": found.summary.get("sluice.kind", RUN),
    }


def _objects(dataset: Deployed) -> dict[str, Any]:
    """Return what the next run will read, what it leaves alone and why, and what the table holds that is gone."""
    if dataset.sources:
        none = {"skipped": [], "deleted": [], "passed_over": [], "objects_passed_over": 0}
        return {"unread": list(_changed(dataset)), **none}
    known, skipped = dataset.ledger, skip_list.read(dataset.s3, dataset.location)
    expire = int(dataset.arguments.get("--raw-expire-days", 0))
    listed = dataset.listing()
    found = known.difference(listed.objects, expire, datetime.now(UTC))
    left = {(one.key, one.version): one for one in skipped.of(found.unread)}
    unread = [one for one in found.unread if (one.key, one.version) not in left]
    held = known.held.of(one.key for one in unread)
    return {
        "unread": [_unread(one, held.get(one.key)) for one in unread],
        "skipped": [asdict(one) for one in left.values()],
        "deleted": found.deleted,
        "passed_over": listed.passed_over,
        "objects_passed_over": listed.number_passed_over,
    }


def _changed(dataset: Deployed) -> Iterator[dict[str, Any]]:
    """Yield the tables that changed since the dataset was built from them, each as an object whose version is a snapshot."""
    built = dataset.ledger.sources
    for name in dataset.sources:
        found = current_snapshot.line(dataset.glue, dataset.s3, f"{dataset.table.rpartition('.')[0]}.{name}")
        if found.head and found.changes_since(built.get(name, "")) != []:
            yield _unread(RawObject(name, found.head), (built[name], "") if name in built else None)


def _unread(one: RawObject, held: tuple[str, str] | None) -> dict[str, Any]:
    version = held[0] if held else None
    return {"key": one.key, "version": one.version, "bytes": one.size, "put": one.modified, "instead_of": version}


def _branches(dataset: Deployed) -> list[dict[str, Any]]:
    """Return the branches that runs left or work on, named after them; a number may stand behind the run's id."""
    tables = (dataset.table, dataset.quarantine)
    found = [(table, one) for table in tables for one in current_snapshot.branches(dataset.glue, dataset.s3, table)]
    alive = [f"_{run}_" for run in job_runs.under_way(dataset)] if found else []
    return [{"table": table, "branch": one, "alive": any(run in f"{one}_" for run in alive)} for table, one in found]


PARTS: dict[str, Callable[[Deployed], Any]] = {
    "readers": _readers,
    "verdict": _verdict,
    "runs": _runs,
    "maintenance": _maintenance,
    "objects": _objects,
    "branches": _branches,
    "aside": quarantined_rows.count,
}
