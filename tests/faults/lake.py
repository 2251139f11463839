"""A lake whose runs reach the emulator through the proxy, and whose readers do not: beside it, the model of its table."""

import itertools
import json
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from copy import copy
from io import StringIO
from threading import Lock
from typing import Any

from botocore.config import Config

from etl import reporting
from etl.contract.table_names import OBJECT, VERSION, changes_of, quarantine_of
from etl.iceberg.current_snapshot import Head, list_branches, read_head
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.messages.run_facts import RunFacts
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments
from etl.storage import permission_errors
from etl.storage.clients import RETRIES, Clients
from sluice.operations.account import Account
from sluice.sandbox.jobs.spark import REGION
from tests.faults.model import Model
from tests.faults.proxy import Proxy
from tests.faults.steps import Crash
from tests.faults.tables import MAX_GONE
from tests.faults.trades import ELSEWHERE, File, Load, Sale, State, Tombstone, trades_csv
from tests.keys import KEYS
from tests.lake.loads import CHANGES, FOLDERS, ORDER, SNAPSHOT, trades_suites
from tests.spark.lake import TODAY, Lake
from tests.spark.test_quarantine import make_warning

SECONDS = 3  # that a client waits for an answer: less than the proxy's time-outs take
PUBLISHED = (
    "transaction_id",
    "customer_id",
    "product_id",
    "quantity",
    "unit_price",
    "transaction_date",
    "region",
    "total_amount",
)
DECLARED: dict[Load, str | Mapping[str, Any]] = {
    Load.APPEND: "append",
    Load.UPSERT: "upsert",
    Load.FILES: {**SNAPSHOT, "max_gone": MAX_GONE},
    Load.FOLDERS: {**FOLDERS, "max_gone": MAX_GONE},
    Load.CHANGES: CHANGES,
}
REGIONS = {"input": "trades.region.known", "output": "trades.region.published"}  # rules, by stage
_catalogs, _runs = itertools.count(1), itertools.count(1)
_telling = Lock()  # what is redirected is the whole process's


def run_clients(endpoint: str) -> Clients:
    """Return a run's clients with the job's own retries, but less patience."""
    config = RETRIES.merge(Config(read_timeout=SECONDS))
    names = ("s3", "glue", "cloudwatch")
    return Clients(*(permission_errors.explain_denials(KEYS.client(name, endpoint, config=config)) for name in names))


def direct_clients(endpoint: str) -> Clients:
    """Return the clients of readers and shops, which reach the service itself."""
    return Clients(*(KEYS.client(name, endpoint) for name in ("s3", "glue", "cloudwatch")))


def add_catalog(spark: Any, endpoint: str) -> str:
    """Give the session a catalog of its own with nothing cached, as a new process has it; return its name."""
    name = f"faulty{next(_catalogs)}"
    package = "org.apache.iceberg"
    settings = {
        "": f"{package}.spark.SparkCatalog",
        ".type": "glue",
        ".warehouse": "s3://unused/",
        ".io-impl": f"{package}.aws.s3.S3FileIO",
        ".glue.endpoint": endpoint,
        ".client.region": REGION,
        ".s3.endpoint": endpoint,
        ".s3.path-style-access": "true",
        ".s3.access-key-id": KEYS.access_key_id,
        ".s3.secret-access-key": KEYS.secret_access_key,
        ".s3.retry.min-wait-ms": "20",
        ".s3.retry.max-wait-ms": "500",
        ".http-client.apache.socket-timeout-ms": str(SECONDS * 1000),
        ".http-client.apache.max-connections": "20",
    }
    for key, value in settings.items():
        spark.conf.set(f"spark.sql.catalog.{name}{key}", value)
    return name


def route_bucket(spark: Any, bucket: str, endpoint: str) -> None:
    """Let Spark read a bucket's files through an endpoint."""
    settings = {
        "endpoint": endpoint,
        "connection.timeout": f"{SECONDS}s",
        "connection.request.timeout": f"{SECONDS}s",
        "retry.interval": "20ms",
        "retry.throttle.interval": "20ms",
    }
    for key, value in settings.items():
        spark.conf.set(f"fs.s3a.bucket.{bucket}.{key}", value)


class FaultyLake(Lake):
    """A lake of trades: its runs go through the `proxy`, its readers and its shops reach the emulator itself.

    Regions that the contract does not know are set aside. Its runs are of `run_date`.
    """

    def __init__(self, direct: Clients, spark: Any, proxy: Proxy, through: Clients, load: Load = Load.APPEND) -> None:
        super().__init__(direct, spark)
        self.run_date = TODAY
        self.direct, self.aws, self.proxy = direct, through, proxy
        self.model, self.load = Model(load), load
        self.firsts = dict[str, str]()  # when a key was first put
        route_bucket(spark, self.bucket, proxy.endpoint)
        self.start_afresh()
        for stage, suite in trades_suites(DECLARED[load]).items():
            self.put_key(f"contracts/{stage}.json", json.dumps(suite).encode())
            make_warning(self, stage, REGIONS[stage])
        self.account = Account(KEYS.session(), proxy.upstream)

    def start_afresh(self) -> None:
        """Let the next run cache nothing, as a process of its own."""
        self.catalog = add_catalog(self.spark, self.proxy.endpoint)

    def in_other_process(self) -> "FaultyLake":
        """Return the lake as another process has it, whose runs work beside this one's."""
        lake_copy = copy(self)
        lake_copy.spark = self.spark.newSession()
        route_bucket(lake_copy.spark, self.bucket, self.proxy.endpoint)
        lake_copy.start_afresh()
        return lake_copy

    def job_arguments(self, **changes: Any) -> JobArguments:
        """Return a run's arguments, some of them changed."""
        run = f"jr_{self.number}x{next(_runs)}"
        of_day = {"table": f"{self.catalog}.{self.database}.trades", "run_id": run, "run_date": self.run_date}
        return super().job_arguments(**{**of_day, **changes})

    @property
    def name(self) -> str:
        """The published table, as whoever is not a run has it."""
        return f"lake.{self.database}.trades"

    def put_key(self, key: str, body: bytes) -> None:
        """Put an object under any key, past the proxy."""
        self.direct.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def arrive_file(self, name: str, *trades: Sale) -> None:
        """Put a raw file, in the bucket and in the model."""
        key = f"trades/{name}.csv"
        self.put_key(key, trades_csv(trades, self.load))
        head_object = self.direct.s3.head_object(Bucket=self.bucket, Key=key)
        put = head_object["LastModified"].isoformat(timespec="seconds")
        first = self.firsts.setdefault(key, put)
        self.model.raw[key] = File(head_object["VersionId"], put, trades, first)

    def arrive_folder(self, name: str, **parts: Sequence[Sale]) -> None:
        """Put a folder's files, and then its `_SUCCESS`."""
        for part, trades in parts.items():
            self.arrive_file(f"{name}/{part}", *trades)
        self.complete_folder(name)

    def complete_folder(self, name: str) -> None:
        """Put a folder's `_SUCCESS`, in the bucket and in the model."""
        self.put_key(f"trades/{name}/_SUCCESS", b"")
        self.model.complete.add(f"trades/{name}")

    def delete_file(self, name: str) -> None:
        """Delete a raw file, in the bucket and in the model."""
        key = f"trades/{name}.csv"
        self.direct.s3.delete_object(Bucket=self.bucket, Key=key)
        del self.model.raw[key]

    def run(self, **changes: Any) -> Verdict:
        """Run the pipeline; whatever ends it, short of a crash, fails it."""
        try:
            return super().run(**changes)
        except Exception as error:
            order = self.job_arguments(**changes)
            return Verdict(order.dataset, order.run_id, order.job, "now", message=f"{type(error).__name__}: {error}")

    def run_and_report(self, **changes: Any) -> Verdict | None:
        """Run the pipeline and report, as a job does; None where it crashed."""
        try:
            verdict = self.run(**changes)
            with _telling, redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                order = self.job_arguments(run_id=verdict.run_id)
                verdict.started = order.started.isoformat(timespec="seconds")  # its results lie under that day
                reporting.publish_report(self.aws, RunFacts(order, verdict, (), Head(), "eu-west-1"))
        except Crash:
            return None
        return verdict

    def head(self) -> Head:
        """Return what `main` shows."""
        return read_head(self.direct.glue, self.direct.s3, self.name)

    def branches(self) -> list[str]:
        """Return the branches of both tables."""
        tables = (self.name, quarantine_of(self.name))
        return [branch for table in tables for branch in list_branches(self.direct.glue, self.direct.s3, table)]

    def drop_branch(self, branch: str) -> None:
        """Drop a branch of the published table, as a run does that takes its own for dead."""
        self.spark.sql(f"ALTER TABLE {self.name} DROP BRANCH IF EXISTS `{branch}`")

    def visible_state(self, with_quarantine: bool = True) -> State:
        """Return what a reader sees, without Spark; an empty `with_quarantine` where it is not asked for."""
        published_head = self.head()
        if published_head.snapshot is None:
            return State((), (), ())
        published_ledger = ledger.read_ledger(self.direct.s3, published_head)
        rows = self._scan_rows(self.name, int(published_head.snapshot))
        published_rows = sorted((tuple(row[name] for name in self._published_columns) for row in rows), key=repr)
        held_versions = sorted((key, held.version) for key, held in published_ledger.held.all_objects().items())
        return State(
            tuple(published_rows),
            tuple(held_versions),
            tuple(self._quarantined_rows(published_ledger)) if with_quarantine else (),
            tuple(sorted(self._tombstones(published_ledger))),
        )

    @property
    def _published_columns(self) -> tuple[str, ...]:
        order = (ORDER,) if self.load is Load.CHANGES else ()
        return (*PUBLISHED, *order, "_object", "_version")

    def quarantined_objects(self) -> set[tuple[str, str]]:
        """Return the objects of which rows are aside, each with the run that set them aside."""
        published_ledger = ledger.read_ledger(self.direct.s3, self.head())
        return {(row["object"], row["_run_id"]) for row in self._rows_aside(published_ledger)}

    def _quarantined_rows(self, published_ledger: Ledger) -> list[tuple[str, str, str]]:
        rows = self._rows_aside(published_ledger)
        return sorted((row["object"], row["version"], json.loads(row["source"])["transaction_id"]) for row in rows)

    def _tombstones(self, published_ledger: Ledger) -> list[Tombstone]:
        if not published_ledger.tombstones:
            return []
        rows = self._scan_rows(changes_of(self.name), int(published_ledger.tombstones))
        return [
            Tombstone(int(row["transaction_id"].removeprefix("TXN")), row[ORDER], row[OBJECT], row[VERSION])
            for row in rows
        ]

    def _rows_aside(self, published_ledger: Ledger) -> list[dict[str, Any]]:
        rows = self._scan_rows(quarantine_of(self.name)) if published_ledger.quarantined else []
        return [row for row in rows if published_ledger.counts_as_quarantined(row["object"], row["_run_id"])]

    def _scan_rows(self, name: str, snapshot: int | None = None) -> list[dict[str, Any]]:
        table = self.account.load_table(name)
        return table.scan(snapshot_id=snapshot).to_arrow().to_pylist() if table else []

    def assert_model_holds(self) -> None:
        """Hold what a reader sees, the ledger, and what the table says of itself, against the model.

        Raises:
            AssertionError: they differ.
        """
        assert self.visible_state() == self.model.state
        if summary := self.head().summary:
            assert int(summary["total-records"]) == len(self.model.state.rows)

    def settle_model(self, raw: Mapping[str, File] | None = None) -> bool:
        """Hold what a reader sees against what may be after a run that met a fault: all of it, or nothing.

        The model then has it too; `raw` are the files that the run listed, all by default. Returns whether it published.

        Raises:
            AssertionError: a reader sees anything else.
        """
        before, after, visible = self.model.state, self.model.state_after(raw), self.visible_state()
        assert visible in (before, after)
        published = visible != before
        if published:
            self.model.run(raw)
        return published

    def rerun_and_check(self) -> Verdict:
        """Rerun plainly, as a process of its own, and hold the table against the model.

        Raises:
            AssertionError: the run failed, or the table is not the reference.
        """
        self.start_afresh()
        verdict = self.run()
        assert verdict.state == "SUCCEEDED", verdict.message
        assert self.model.run()
        self.assert_model_holds()
        # A run that has nothing to do looks for nothing either.
        assert verdict.nothing_unread or self.branches() == []
        return verdict

    def accept_regions(self) -> None:
        """Let the contract come to know every region that rows are set aside for; the model has it too."""
        aside = {
            sale.region
            for file in self.model.published_files.values()
            for sale in file.trades
            if sale.region.startswith(ELSEWHERE)
        }
        self.model.accepted |= aside
        for stage, name in REGIONS.items():
            key = f"contracts/{stage}.json"
            suite = json.loads(self.direct.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
            [rule] = [rule for rule in suite["expectations"] if rule["meta"]["rule"] == name]
            rule["kwargs"]["value_set"] = sorted({*rule["kwargs"]["value_set"], *aside})
            self.put_key(key, json.dumps(suite).encode())
