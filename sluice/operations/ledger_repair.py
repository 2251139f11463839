"""A ledger that is gone, rebuilt: from what the bucket still keeps of it, and the rest from the columns of the table's rows."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from etl.contract.table_names import OBJECT, RUN, VERSION
from etl.errors import LedgerGone
from etl.iceberg.current_snapshot import PROPERTY_PREFIX, PUBLISHED, Head
from etl.ledger import ledger
from etl.ledger.ingested_objects import SEGMENT_COUNT, HeldVersion, IngestedObjects, Objects, segment_of
from etl.ledger.ledger import POINTER, Ledger
from etl.runtime.branch_names import run_branch
from etl.storage.optional_objects import read_kept_object
from etl.storage.raw_objects import list_modified_times
from sluice.cli.errors import WrongUse
from sluice.operations.deployed_dataset import DeployedDataset

UNKNOWN_TIME = "1970-01-01T00:00:00+00:00"  # so that whatever arrives with the same key counts as newer
ObjectVersion = tuple[str, str]  # key and version


@dataclass(frozen=True)
class Evidence:
    """What the tables themselves show.

    Attributes:
        rows: keys and versions of objects that have rows.
        quarantined: by run, keys and versions of objects with rows in the quarantine; None where that is gone itself.
        runs: runs that published, as far as rows and kept snapshots name them.
        put_times: when versions were put that the raw bucket has.
        tombstones: the snapshot of the deleted keys that their table shows; "" for none.
    """

    rows: frozenset[ObjectVersion]
    quarantined: Mapping[str, frozenset[ObjectVersion]] | None
    runs: frozenset[str]
    put_times: Mapping[ObjectVersion, str]
    tombstones: str = ""


@dataclass(frozen=True)
class LedgerRemainder:
    """What is left of a ledger: `ledger` as far as its index goes, None without one, and the segments that are lost."""

    ledger: Ledger | None = None
    objects: Objects = field(default_factory=dict)
    lost_segments: frozenset[int] = frozenset(range(SEGMENT_COUNT))

    @classmethod
    def read_from(cls, s3: Any, head: Head) -> "LedgerRemainder":
        """Read what is there of a head's ledger, or stands in the bucket's replaced versions."""
        try:
            remainder = ledger.read_ledger(s3, head, read_kept_object)
        except LedgerGone:
            return cls()
        objects: Objects = {}
        lost_segments = set[int]()
        for number, segment in remainder.held.segments.items():
            try:
                objects |= replace(remainder.held, segments={number: segment}).all_objects()
            except LedgerGone:
                lost_segments.add(number)
        return cls(remainder, objects, frozenset(lost_segments))


def is_whole(dataset: DeployedDataset, head: Head) -> bool:
    """Say whether every file of a head's ledger is there."""
    try:
        ledger.read_ledger(dataset.s3, head).held.all_objects()
    except LedgerGone:
        return False
    return True


def collect_evidence(dataset: DeployedDataset, table: Any) -> Evidence:
    """Read the tables' own columns, and the raw bucket's listing; `table` is the published one, as pyiceberg loaded it."""
    deleting, tombstones = _tombstones(dataset)
    rows, runs = {*deleting}, set[str]()
    for batch in table.scan(selected_fields=(OBJECT, VERSION, RUN)).to_arrow_batch_reader():
        # A batch has few objects and many rows: what is equal is dropped before it becomes Python's.
        for row in _distinct_rows(batch):
            rows.add((row[OBJECT], row[VERSION]))
            runs.add(row[RUN])
    summaries = [snapshot.summary.additional_properties for snapshot in table.metadata.snapshots if snapshot.summary]
    published_runs = {summary["sluice.run-id"] for summary in summaries if "sluice.run-id" in summary}
    put_times = {} if dataset.sources else list_modified_times(dataset.s3, dataset.raw)
    published = frozenset(runs | published_runs)
    return Evidence(frozenset(rows), _quarantined_versions(dataset), published, put_times, tombstones)


def _tombstones(dataset: DeployedDataset) -> tuple[set[ObjectVersion], str]:
    """Return the objects that deleted keys, and the snapshot that says so; an object of deletes alone has no rows."""
    try:
        table = dataset.account.load_table(dataset.changes)
        if table is None or table.current_snapshot() is None:
            return set(), ""
        rows = table.scan(selected_fields=(OBJECT, VERSION)).to_arrow().to_pylist()
    except FileNotFoundError:
        return set(), ""
    return {(row[OBJECT], row[VERSION]) for row in rows}, str(table.current_snapshot().snapshot_id)


def _distinct_rows(batch: Any) -> list[dict[str, Any]]:
    import pyarrow as pa  # noqa: PLC0415  as pyiceberg: only for those who look at rows

    return pa.Table.from_batches([batch]).group_by(batch.schema.names).aggregate([]).to_pylist()


def _quarantined_versions(dataset: DeployedDataset) -> dict[str, frozenset[ObjectVersion]] | None:
    try:
        table = dataset.account.load_table(dataset.quarantine)
        if table is None:
            return {}
        rows = table.scan(selected_fields=("object", "version", RUN)).to_arrow().to_pylist()
    except FileNotFoundError:
        return None
    runs = {row[RUN] for row in rows}
    return {run: frozenset((row["object"], row["version"]) for row in rows if row[RUN] == run) for run in sorted(runs)}


def rebuild_ledger(remainder: LedgerRemainder, evidence: Evidence) -> Ledger:
    """Return the ledger anew: pure, so that what is said is what is written.

    Of a lost segment the objects are those with rows, published or aside. Without an index every run counts that published
    and has rows in the quarantine: what does not count is removed.
    """
    quarantined = {
        run: versions
        for run, versions in (evidence.quarantined or {}).items()
        if remainder.ledger or run in evidence.runs
    }
    base = remainder.ledger or Ledger(quarantined=tuple(quarantined), tombstones=evidence.tombstones)
    if evidence.quarantined is None:
        base = replace(base, quarantined=(), corrected={})
    counting = [versions for run, versions in quarantined.items() if run in base.quarantined]
    row_versions = dict(sorted(evidence.rows, key=lambda version: evidence.put_times.get(version, "")))
    newest = {key: version for versions in counting for key, version in versions} | row_versions
    objects = {
        key: HeldVersion(version, evidence.put_times.get((key, version), UNKNOWN_TIME))
        for key, version in newest.items()
        if segment_of(key) in remainder.lost_segments
    }
    ingested = IngestedObjects().with_objects(remainder.objects | objects)
    return replace(
        base,
        held=ingested,
        corrected=base.corrected if remainder.ledger else _corrected_objects(quarantined, row_versions),
    )


def _corrected_objects(
    quarantined: Mapping[str, Iterable[ObjectVersion]], row_versions: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return objects whose rows are of another version than those that runs set aside: these count no longer."""
    corrected: dict[str, list[str]] = {}
    for run, versions in quarantined.items():
        for key, version in sorted(versions):
            if row_versions.get(key, version) != version:
                corrected.setdefault(key, []).append(run)
    return corrected


def carry_out(dataset: DeployedDataset, table: Any, head: Head, rebuilt_ledger: Ledger, who: str) -> str:
    """Write a ledger beside the others and let the head point to it; return its URI. No file is overwritten.

    The head becomes a snapshot of the same rows. It is made on a branch, since pyiceberg appends to `main` once more where
    that moved meanwhile, and `main` is set only from the snapshot that `head` is. A branch left by a death goes as a run's.

    Raises:
        WrongUse: readers see another snapshot by now; they were left with it.
    """
    run = f"jr_repair{uuid4().hex}"
    branch, pointer = run_branch(run), f"{dataset.places.ledgers}/{run}.json"
    ledger.write_ledger(dataset.s3, pointer, rebuilt_ledger)
    own_properties = {key: value for key, value in head.summary.items() if key.startswith(PROPERTY_PREFIX)}
    properties = {PUBLISHED: str(head.published), **own_properties, POINTER: pointer, "sluice.repaired-by": who}
    try:
        table.manage_snapshots().create_branch(int(str(head.snapshot)), branch).commit()
        table.append(table.schema().as_arrow().empty_table(), snapshot_properties=properties, branch=branch)
        _publish_branch(dataset, table, head, branch)
    except Exception:
        # An answer can be lost after the commit was made: what readers see decides.
        if dataset.head.summary.get(POINTER) != pointer:
            with suppress(Exception):
                table.refresh().manage_snapshots().remove_branch(branch).commit()
            raise
    return pointer


def _publish_branch(dataset: DeployedDataset, table: Any, head: Head, branch: str) -> None:
    from pyiceberg.exceptions import CommitFailedException  # noqa: PLC0415  loaded with the table

    conflict = WrongUse(
        f"somebody else changed {dataset.table} at the same time; nothing was repaired: look again (status)"
    )
    if str(table.current_snapshot().snapshot_id) != head.snapshot:
        raise conflict
    try:
        table.manage_snapshots().set_current_snapshot(ref_name=branch).remove_branch(branch).commit()
    except CommitFailedException as fault:
        raise conflict from fault
