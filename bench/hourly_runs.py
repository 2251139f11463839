"""What a year of hourly runs of one dataset leaves, and what its bookkeeping costs: `make bench-runs`; no Spark, no network.

Ledgers are read, compared, written and pruned by the job's own code over a store in memory, and snapshots expire by the code of
maintenance, all by a clock of its own. Iceberg's metadata file is made up, an entry as Spark writes it for each snapshot.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.ledger_objects import made_up_object, requests_of_listings
from bench.memory_store import MemoryStore
from bench.page import SCALE_PAGE, describe_machine, markdown_table, replace_between
from etl.iceberg.current_snapshot import Head, read_head
from etl.ledger import ledger
from etl.ledger.ledger import POINTER, Ledger
from etl.maintenance import unused_ledgers
from etl.maintenance.expiry import expirable_snapshots
from etl.maintenance.maintenance_run import LEDGER_DAYS, UNFINISHED_DAYS
from etl.storage.raw_objects import RawObject
from sluice.console import print_lines

RUNS = 365 * 24
SAMPLED = (1, 1_000)
"""The runs that are shown beside the last."""
NEW, NEW_BESIDE_CORRECTION = 10, 1  # objects an hour
BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)
SNAPSHOT_DAYS, MAINTENANCE_HOURS = 14, 7 * 24  # the defaults of `snapshot_days` and `maintain`
COMMITS = 3  # of the table in a run: a branch is made, is written to, becomes main
KEPT_METADATA = 100  # files that Iceberg's metadata log names (write.metadata.previous-versions-max)
TABLE, PLACE = "lake.prod.orders", "s3://processed/parquet/orders"
METADATA_KEY = "parquet/orders/metadata/head.metadata.json"
BEGIN, END = "<!-- measured by make bench-runs -->", "<!-- end of the runs -->"
HASH = "0123456789abcdef" * 4
"""As long as the hash in an id of Glue's runs and in that of the code."""


@dataclass(frozen=True)
class Sample:
    """One run.

    Attributes:
        head_seconds: to read the table's head, which a run does several times; `metadata` are the bytes of its file.
        ledger_seconds: to read the ledger, compare it with the listing, take up what is new and write.
        index: bytes of the ledger's index.
        requests, read, written: of the ledger's files, the latter two in bytes.
        snapshots, metadata_files, metadata_bytes, ledger_files, ledger_bytes: what is stored after it.
        corrected: run ids that the index names for corrected objects.
        objects: raw objects that the listing shows, of which `unread` are new.
    """

    head_seconds: float
    metadata: int
    ledger_seconds: float
    index: int
    requests: int
    read: int
    written: int
    snapshots: int
    metadata_files: int
    metadata_bytes: int
    ledger_files: int
    ledger_bytes: int
    corrected: int
    objects: int
    unread: int


@dataclass
class Everything:
    """What all runs wrote: the entries of their snapshots, bytes of the metadata files, files and bytes of ledgers."""

    snapshots: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    snapshot_bytes: int = 0
    metadata_bytes: int = 0
    ledger_files: int = 0
    ledger_bytes: int = 0

    def add_snapshot(self, entry: dict[str, Any]) -> None:
        """Count a snapshot, and the metadata files of its commits, which have all before it, too."""
        self.snapshots.append(entry)
        self.snapshot_bytes += len(json.dumps(entry))
        self.metadata_bytes += self.snapshot_bytes * COMMITS


@dataclass
class HourlyDataset:
    """A dataset that one run an hour publishes, in a store in memory.

    Attributes:
        corrects: each run also sets rows aside and finds the day's object put again, as sources that write a day's file
            each hour have it.
        everything: what there would be, had maintenance never removed anything.
    """

    corrects: bool
    store: MemoryStore = field(default_factory=lambda: MemoryStore(BEGINNING))
    listed: dict[str, RawObject] = field(default_factory=dict[str, RawObject])
    snapshots: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    metadata_files: list[tuple[datetime, int]] = field(default_factory=list[tuple[datetime, int]])
    snapshot_bytes: int = 0
    everything: Everything = field(default_factory=Everything)

    @property
    def new(self) -> int:
        """How many objects come each hour."""
        return NEW_BESIDE_CORRECTION if self.corrects else NEW

    def do_run(self, number: int) -> None:
        """Publish an hour, without a look at what is listed: a year of such looks takes very long."""
        unread = self._land_objects(number)
        self._write_ledger(self._read_ledger(number - 1), unread, number)
        self._commit(number)

    def do_sampled_run(self, number: int) -> Sample:
        """Publish an hour as a run does its bookkeeping, and return its figures."""
        landed, listed = self._land_objects(number), [*self.listed.values()]
        metadata = metadata_of(self.snapshots)
        head, head_seconds = self.read_head(metadata)
        self.store.counted.clear()
        begun = time.monotonic()
        current = ledger.read_ledger(self.store, head)
        unread = current.compare_listing(listed, 0, self.store.now).unread
        if unread != sorted(landed):
            raise RuntimeError(f"run {number}: {len(unread)} objects are unread, and {len(landed)} came")
        updated = self._write_ledger(current, unread, number)
        ledger_seconds, counted = time.monotonic() - begun, Counter(self.store.counted)
        self._commit(number)
        return Sample(
            *(head_seconds, len(metadata), ledger_seconds, len(self.store.bodies[f"ledger/orders/{number}.json"])),
            *(counted["GET"] + counted["PUT"], counted["read"], counted["written"]),
            *(len(self.snapshots), len(self.metadata_files), sum(size for _, size in self.metadata_files)),
            *(len(self.store.bodies), sum(map(len, self.store.bodies.values()))),
            *(sum(map(len, updated.corrected.values())), len(listed), len(unread)),
        )

    def read_head(self, metadata: bytes) -> tuple[Head, float]:
        """Read the head from a metadata file; return the seconds, too."""
        self.store.bodies[METADATA_KEY] = metadata
        begun = time.monotonic()
        head = read_head(self, self.store, TABLE)
        seconds = time.monotonic() - begun
        del self.store.bodies[METADATA_KEY]
        return head, seconds

    def without_maintenance(self, sample: Sample) -> Sample:
        """Return the sample of the last run, had no maintenance removed anything."""
        metadata = metadata_of(self.everything.snapshots)
        return replace(
            sample,
            head_seconds=self.read_head(metadata)[1],
            metadata=len(metadata),
            snapshots=len(self.everything.snapshots),
            metadata_files=len(self.everything.snapshots) * COMMITS,
            metadata_bytes=self.everything.metadata_bytes,
            ledger_files=self.everything.ledger_files,
            ledger_bytes=self.everything.ledger_bytes,
        )

    def _land_objects(self, number: int) -> list[RawObject]:
        """Let an hour's objects arrive, and return them."""
        self.store.now = BEGINNING + timedelta(hours=number)
        put = (self.store.now - timedelta(minutes=30)).isoformat(timespec="seconds")
        landed = [
            replace(made_up_object("2025", new), modified=put)
            for new in range((number - 1) * self.new, number * self.new)
        ]
        if self.corrects:
            key, version = f"orders/days/{self.store.now:%Y-%m-%d}.csv", f"{number:032x}"
            landed.append(RawObject(key, version, 1, put, version))
        self.listed.update({raw_object.key: raw_object for raw_object in landed})
        return landed

    def _read_ledger(self, number: int) -> Ledger:
        return ledger.read_ledger(self.store, Head(str(number), 0, {POINTER: _pointer(number)}) if number else Head())

    def _write_ledger(self, current: Ledger, unread: list[RawObject], number: int) -> Ledger:
        run = run_id(number)
        updated = current.with_objects(unread, [run] if self.corrects else [])
        if self.corrects:
            # The ledger says when it was written, which here is a time of the year's clock.
            read_by = (self.store.now + ledger.CLOCK_MARGIN).isoformat(timespec="seconds")
            updated = replace(updated, quarantined_by={**updated.quarantined_by, run: read_by})
        before = self.store.counted["written"], self.store.counted["PUT"]
        ledger.write_ledger(self.store, _pointer(number), updated)
        self.everything.ledger_bytes += self.store.counted["written"] - before[0]
        self.everything.ledger_files += self.store.counted["PUT"] - before[1]
        return updated

    def _commit(self, number: int) -> None:
        entry = snapshot_entry(number, self.store.now)
        self.snapshots.append(entry)
        self.snapshot_bytes += len(json.dumps(entry))
        self.metadata_files += [(self.store.now, self.snapshot_bytes)] * COMMITS
        self.everything.add_snapshot(entry)
        if number % MAINTENANCE_HOURS == 0:
            self._maintain()

    def _maintain(self) -> None:
        """Let snapshots expire and ledgers go, by the code of maintenance; of metadata's orphans as many as Iceberg's does."""
        now = self.store.now
        expired = {*expirable_snapshots(json.loads(metadata_of(self.snapshots)), now - timedelta(days=SNAPSHOT_DAYS))}
        self.snapshots = [entry for entry in self.snapshots if entry["snapshot-id"] not in expired]
        self.snapshot_bytes = sum(len(json.dumps(entry)) for entry in self.snapshots)
        summaries = [entry["summary"] for entry in self.snapshots]
        unused_ledgers.prune_files(self.store, PLACE, summaries, now - timedelta(days=LEDGER_DAYS))
        spared = now - timedelta(days=UNFINISHED_DAYS)
        young = [(put, size) for put, size in self.metadata_files[:-KEPT_METADATA] if put >= spared]
        self.metadata_files = [*young, *self.metadata_files[-KEPT_METADATA:]]

    def get_table(self, **_names: str) -> dict[str, Any]:
        """Return the table as Glue's catalog has it, or raise that there is none."""
        if not self.snapshots:
            raise self.exceptions.EntityNotFoundException
        return {"Table": {"Parameters": {"metadata_location": f"s3://processed/{METADATA_KEY}"}}}

    class exceptions:
        """The errors of the catalog."""

        class EntityNotFoundException(Exception):
            """There is no such table."""


def snapshot_entry(number: int, now: datetime) -> dict[str, Any]:
    """Return a snapshot as Spark and a run of ours leave it in the metadata file."""
    identity, files = 7_000_000_000_000_000_000 + number, str(number * 5)
    parent = {"parent-snapshot-id": identity - 1} if number > 1 else {}
    application = "spark-application-1767225600000"
    return {
        "sequence-number": number,
        "snapshot-id": identity,
        **parent,
        "timestamp-ms": int(now.timestamp() * 1000),
        "summary": {
            "operation": "append",
            "spark.app.id": application,
            POINTER: _pointer(number),
            "sluice.kind": "run",
            "sluice.run-id": run_id(number),
            "sluice.key": '["transaction_id"]',
            "sluice.contracts": "input 1.0.0, output 1.0.0",
            "sluice.code": HASH,
            **dict.fromkeys(("manifests-created", "manifests-kept", "manifests-replaced"), "1"),
            **dict.fromkeys(("added-data-files", "added-records", "changed-partition-count"), "5"),
            **dict.fromkeys(("added-files-size", "total-files-size"), "10944000"),
            **dict.fromkeys(("total-records", "total-data-files"), files),
            **dict.fromkeys(("total-delete-files", "total-position-deletes", "total-equality-deletes"), "0"),
            "engine-version": "4.1.1",
            "app-id": application,
            "engine-name": "spark",
            "iceberg-version": "Apache Iceberg 1.11.0 (commit 6976e020b894f6a6777704df2b8c4458cb291ae9)",
            "app-name": "sluice-prod-orders",
        },
        "manifest-list": f"{PLACE}/metadata/snap-{identity}-1-ce370be3-e303-42a6-b097-06894c548aee.avro",
        "schema-id": 0,
    }


def _pointer(number: int) -> str:
    return f"s3://processed/ledger/orders/{number}.json"


def run_id(number: int) -> str:
    """Return an id of a run, as long as Glue's."""
    return f"jr_{number:08}{HASH[8:]}"


def metadata_of(snapshots: list[dict[str, Any]]) -> bytes:
    """Return the metadata file of a table with these snapshots; nothing where there are none."""
    if not snapshots:
        return b""
    log = [{"timestamp-ms": entry["timestamp-ms"], "snapshot-id": entry["snapshot-id"]} for entry in snapshots]
    refs = {"main": {"snapshot-id": snapshots[-1]["snapshot-id"], "type": "branch"}}
    return json.dumps({"format-version": 2, "refs": refs, "snapshots": snapshots, "snapshot-log": log}).encode()


def measure(runs: int, *, corrects: bool) -> tuple[dict[int, Sample], Sample]:
    """Do so many runs; return those that are sampled, and the last, by their number, and the last without maintenance."""
    dataset, samples = HourlyDataset(corrects), dict[int, Sample]()
    for number in range(1, runs + 1):
        if number in SAMPLED or number == runs:
            samples[number] = dataset.do_sampled_run(number)
        else:
            dataset.do_run(number)
    return samples, dataset.without_maintenance(samples[runs])


ROWS: tuple[tuple[str, Callable[[Sample], str]], ...] = (
    ("raw objects", lambda sample: f"{sample.objects:,}"),
    ("snapshots", lambda sample: f"{sample.snapshots:,}"),
    ("the table's metadata file, MB", lambda sample: f"{sample.metadata / 1e6:.2f}"),
    ("to read it once, s", lambda sample: f"{sample.head_seconds:.3f}"),
    (
        "metadata files that are stored (MB)",
        lambda sample: f"{sample.metadata_files:,} ({sample.metadata_bytes / 1e6:,.0f})",
    ),
    ("the ledger: read, compared, written, s", lambda sample: f"{sample.ledger_seconds:.3f}"),
    (
        "its requests (MB read, MB written)",
        lambda sample: f"{sample.requests} ({sample.read / 1e6:.1f}, {sample.written / 1e6:.1f})",
    ),
    ("its index, MB", lambda sample: f"{sample.index / 1e6:.2f}"),
    ("run ids in it for corrected objects", lambda sample: f"{sample.corrected:,}"),
    ("ledger files that are stored (MB)", lambda sample: f"{sample.ledger_files:,} ({sample.ledger_bytes / 1e6:,.0f})"),
    ("LIST requests of the raw prefix", lambda sample: f"{requests_of_listings(sample.objects, sample.unread):,}"),
)


def render_table(plain: dict[int, Sample], unmaintained: Sample, correcting: Sample) -> str:
    """Return the figures: columns for runs of a maintained dataset, for its last without maintenance, and with corrections."""
    last = max(plain)
    columns = {f"run {number:,}": sample for number, sample in plain.items()}
    columns |= {f"run {last:,}, never maintained": unmaintained}
    columns |= {f"run {last:,}, with rows aside and a correction each hour": correcting}
    rows = [[name, *(text(sample) for sample in columns.values())] for name, text in ROWS]
    return markdown_table(["", *columns], rows)


def main(arguments: list[str]) -> int:
    """Measure the runs and write the table into the page."""
    runs = int(arguments[0]) if arguments else RUNS
    plain, unmaintained = measure(runs, corrects=False)
    print_lines(f"{runs:,} runs: {plain[runs].ledger_seconds:.2f} s for the ledger in the last")
    correcting, _ = measure(runs, corrects=True)
    print_lines(f"with a correction each hour: {correcting[runs].ledger_seconds:.2f} s")
    command = f"make bench-runs{f' RUNS={runs}' if arguments else ''}"
    table = render_table(plain, unmaintained, correcting[runs])
    replace_between(SCALE_PAGE, BEGIN, END, f"{describe_machine(command)}\n\n{table}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
