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
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import Verdict
from etl.results.verdict_file import parse_verdict
from etl.runtime.arguments import RunKind
from etl.storage.raw_objects import RawObject
from sluice.operations import job_runs, quarantined_rows, row_counts
from sluice.operations.deployed_dataset import DeployedDataset

THREADS = 24
MAX_RUNS = 5  # that are shown
LONGEST_MESSAGE = 300
COUNT_FIELDS: dict[RuleState, str] = {
    RuleState.HELD: "rules_held",
    RuleState.NOT_EVALUATED: "rules_not_evaluated",
    RuleState.BROKEN: "",
    RuleState.ERROR: "rules_in_error",
}
"""Under which field a verdict's rules in a state are counted; "" for broken ones, which are listed instead."""
UNREACHABLE = (BotoCoreError, ClientError, OSError)


@dataclass(frozen=True)
class DatasetState:
    """One dataset's state as plain data; `faults` says what could not be looked at, by part, and why."""

    dataset: str
    job: str
    findings: Mapping[str, Any]
    faults: Mapping[str, str]
    is_unreachable: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as a machine reads it."""
        return {"dataset": self.dataset, "job": self.job, **self.findings, "unseen": dict(self.faults)}


def collect_states(deployed: Sequence[DeployedDataset]) -> list[DatasetState]:
    """Look at datasets; what one cannot be asked for is said in its state and hides nothing else."""
    for dataset in deployed:
        _ = dataset.s3, dataset.glue  # made before threads share them
    with ThreadPoolExecutor(THREADS) as pool:
        pending = [{name: pool.submit(part, dataset) for name, part in PARTS.items()} for dataset in deployed]
    return [_collect_state(dataset, parts) for dataset, parts in zip(deployed, pending, strict=True)]


def _collect_state(dataset: DeployedDataset, parts: Mapping[str, Future[Any]]) -> DatasetState:
    findings: dict[str, Any] = {}
    faults: dict[str, str] = {}
    is_unreachable = False
    for name, part in parts.items():
        fault = part.exception()
        if fault is None:
            findings[name] = part.result()
        elif isinstance(fault, (*UNREACHABLE, SluiceError)):
            findings[name], faults[name] = None, str(fault)
            is_unreachable = is_unreachable or isinstance(fault, UNREACHABLE)
        else:
            raise fault
    return DatasetState(dataset.name, dataset.job, findings, faults, is_unreachable)


def _latest_runs(dataset: DeployedDataset) -> list[dict[str, Any]]:
    return [
        describe_run(job_run, datetime.now(UTC)) for job_run in job_runs.newest_runs(dataset, dataset.job)[:MAX_RUNS]
    ]


def _maintenance_run(dataset: DeployedDataset) -> dict[str, Any] | None:
    runs = job_runs.newest_runs(dataset, dataset.maintenance) if dataset.maintenance else []
    return describe_run(runs[0], datetime.now(UTC)) if runs else None


def describe_run(run: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return a run of Glue's; `seconds` of one that has not ended are those until now."""
    started = run["StartedOn"].astimezone(UTC)
    ended = run["JobRunState"] not in job_runs.UNFINISHED
    message = run.get("ErrorMessage", "")
    return {
        "run": run["Id"],
        "kind": job_runs.run_kind(run),
        "state": run["JobRunState"],
        "started": started.isoformat(timespec="seconds"),
        "seconds": run.get("ExecutionTime", 0) if ended else round((now - started).total_seconds()),
        "message": message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…",
    }


def _latest_verdict(dataset: DeployedDataset) -> dict[str, Any] | None:
    """Return what the last run came to.

    Raises:
        VerdictUnreadable: the file is none that this version reads.
    """
    content = job_runs.read_verdict(dataset, "latest")
    if content is None:
        return None
    verdict = parse_verdict(content)
    in_error = [{"rule": result.rule, "severity": result.severity} for result in verdict.in_error]
    return {
        "run_id": verdict.run_id,
        "state": verdict.state,
        "message": verdict.message,
        "rows_read": verdict.rows_read,
        "rows_published": verdict.rows_published,
        "rows_quarantined": verdict.rows_quarantined,
        "kind": verdict.kind,
        **{count_field: verdict.count_rules(state) for state, count_field in COUNT_FIELDS.items() if count_field},
        "in_error": in_error,
        "violated": [_describe_violation(result) for result in verdict.violations],
        "skip": _skip_commands(dataset, verdict),
    }


def _describe_violation(result: RuleResult) -> dict[str, Any]:
    """Return a rule that the data broke, without values."""
    return {
        "rule": result.rule,
        "severity": result.severity,
        "unexpected": result.unexpected,
        "places": [origin and asdict(origin) for origin in result.places],
    }


def _skip_commands(dataset: DeployedDataset, verdict: Verdict) -> list[str]:
    """Return the commands that leave the objects alone that kept the last run from publishing."""
    if not verdict.state.is_failure or dataset.sources or verdict.replay:
        return []
    return row_origin.skip_commands(dataset.name, (origin for result in verdict.broken for origin in result.places))


def _reader_view(dataset: DeployedDataset) -> dict[str, Any]:
    current_head = dataset.head
    fresh = dataset.read_json(dataset.arguments["--output-contract"])["meta"].get("freshness_hours")
    if current_head.published is None:
        return {
            "snapshot": None,
            "published": None,
            "hours": None,
            "freshness_hours": fresh,
            "rows": 0,
            "run": None,
            "kind": None,
        }
    published = datetime.fromtimestamp(current_head.published / 1000, UTC)
    table = dataset.account.load_table(dataset.table)
    return {
        "snapshot": current_head.snapshot,
        "published": published.isoformat(timespec="seconds"),
        "hours": round((datetime.now(UTC) - published).total_seconds() / 3600, 1),
        "freshness_hours": fresh,
        "rows": row_counts.count_snapshot_rows(table, int(str(current_head.snapshot))),
        "run": current_head.summary.get("sluice.run-id"),
        "kind": current_head.summary.get("sluice.kind", RunKind.RUN),
    }


def _object_state(dataset: DeployedDataset) -> dict[str, Any]:
    """Return what the next run will read, what it leaves alone and why, and what the table holds that is gone."""
    if dataset.sources:
        none = {"superseded": [], "waiting": [], "broken_manifests": [], "skipped": []}
        none |= {"deleted": [], "passed_over": [], "objects_passed_over": 0}
        return {"unread": list(changed_sources(dataset)), **none}
    ledger, skips = dataset.ledger, skip_list.read_skip_list(dataset.s3, dataset.location)
    expire = int(dataset.arguments.get("--raw-expire-days", 0))
    listed = dataset.list_raw_prefix()
    difference = ledger.compare_listing(listed.objects, expire, datetime.now(UTC))
    skipped = skips.select_listed([*difference.unread, *listed.manifests])
    skipped_by_version = {(skip.key, skip.version): skip for skip in skipped}
    not_skipped = [entry for entry in difference.unread if (entry.key, entry.version) not in skipped_by_version]
    choice, superseded = dataset.choose_unread(listed, not_skipped, skipped_by_version.keys())
    unread = choice.unread
    ingested = ledger.held.select_held(raw_object.key for raw_object in unread)
    return {
        "unread": [
            # Of a folder that is one copy, what did not change is read again too.
            _describe_unread(
                raw_object,
                held.version if (held := ingested.get(raw_object.key)) and held.version != raw_object.version else None,
            )
            for raw_object in unread
        ],
        "superseded": [raw_object.key for raw_object in superseded],
        "waiting": [asdict(group) for group in choice.waiting],
        "broken_manifests": [{"key": broken.object.key, "fault": broken.fault} for broken in choice.broken],
        "skipped": [asdict(skip) for skip in skipped_by_version.values()],
        "deleted": difference.deleted,
        "passed_over": listed.passed_over,
        "objects_passed_over": listed.number_passed_over,
    }


def changed_sources(dataset: DeployedDataset) -> Iterator[dict[str, Any]]:
    """Yield the tables that changed since the dataset was built from them, each as an object whose version is a snapshot."""
    built = dataset.ledger.sources
    for name in dataset.sources:
        source_line = current_snapshot.read_snapshot_line(
            dataset.glue, dataset.s3, f"{dataset.table.rpartition('.')[0]}.{name}"
        )
        if source_line.head and source_line.changes_since(built.get(name, "")) != []:
            yield _describe_unread(RawObject(name, source_line.head), built.get(name))


def _describe_unread(raw_object: RawObject, ingested_version: str | None) -> dict[str, Any]:
    return {
        "key": raw_object.key,
        "version": raw_object.version,
        "bytes": raw_object.size,
        "put": raw_object.modified,
        "instead_of": ingested_version,
    }


def _leftover_branches(dataset: DeployedDataset) -> list[dict[str, Any]]:
    """Return the branches that runs left or work on, named after them; a number may stand behind the run's id."""
    tables = (dataset.table, dataset.quarantine, dataset.changes)
    branches = [
        (table, branch)
        for table in tables
        for branch in current_snapshot.list_branches(dataset.glue, dataset.s3, table)
    ]
    alive = [f"_{run}_" for run in job_runs.under_way(dataset)] if branches else []
    return [
        {"table": table, "branch": branch, "alive": any(run in f"{branch}_" for run in alive)}
        for table, branch in branches
    ]


PARTS: dict[str, Callable[[DeployedDataset], Any]] = {
    "readers": _reader_view,
    "verdict": _latest_verdict,
    "runs": _latest_runs,
    "maintenance": _maintenance_run,
    "objects": _object_state,
    "branches": _leftover_branches,
    "aside": quarantined_rows.count_quarantined_rows,
}
