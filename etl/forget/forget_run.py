"""One run that forgets rows, top to bottom: keys, table and ledger, raw objects, rows aside, history, records, versions.

Each step may be the last one that is done: started again with the same keys, a run takes up what is left. The keys are deleted
when nothing is.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from etl.contract.loading import parse_contract, with_shared_masking
from etl.contract.model import Contract
from etl.contract.table_names import quarantine_of
from etl.errors import Superseded
from etl.forget import places, versions
from etl.forget.arguments import ForgetArguments
from etl.forget.deleted_keys import settle_deleted_keys
from etl.forget.errors import ForgetIncomplete, ForgetRefused, RunsInProgress
from etl.forget.keys import ForgottenKeys, parse_keys
from etl.forget.published_rows import PublishedRows
from etl.forget.quarantine_rows import find_quarantined_rows
from etl.forget.raw_rewrite import CannotRewrite, ObjectReplaced, RawRewrite, WrittenObject
from etl.forget.raw_search import RawSearch, SearchedObjects
from etl.forget.records import Records
from etl.forget.report import ForgetReport, ForgetState, ObjectForgotten, PlaceLeft, TableForgotten
from etl.forget.row_finder import RowFinder
from etl.forget.tables import ForgettingTable, carried_summary
from etl.forget.text_search import TextSearch
from etl.iceberg.table import Table
from etl.ledger import ledger
from etl.ledger.quarantine_table import Quarantine
from etl.ledger.tombstones import changes_table
from etl.maintenance.table_storage import Storage
from etl.runtime import session
from etl.runtime.arguments import NO_PREFIX
from etl.runtime.job_runs import alive_runs
from etl.storage import permission_errors
from etl.storage.clients import Clients
from etl.storage.optional_objects import read_object
from etl.storage.raw_objects import S3Prefix

ATTEMPTS = 3
WAIT_SECONDS, POLL_SECONDS = 900, 10
"""How long a run that began meanwhile is waited for."""


@dataclass
class Forgetting:
    """One run: what it was told, what it talks to, the report that it fills, and whether it has changed anything."""

    arguments: ForgetArguments
    aws: Clients
    report: ForgetReport
    start: Callable[[], SparkSession] = session.start_session
    has_begun: bool = field(init=False, default=False)
    quiet_since: datetime = field(init=False)
    published: ForgettingTable = field(init=False)
    quarantine: ForgettingTable = field(init=False)
    deleted_keys: ForgettingTable = field(init=False)
    finder: RowFinder = field(init=False)

    def run(self) -> None:
        """Forget the rows.

        Raises:
            ForgetRefused: the keys, or the dataset, are none that rows can be forgotten by; nothing was changed.
            RunsInProgress: a job stages on the tables.
            ForgetIncomplete: some places may have such rows still; the report names them.
            ForeignSnapshot, LedgerGone: what the table holds is not known; nothing was changed.
        """
        self._assert_quiet()
        contracts = with_shared_masking(
            self._load_contract(self.arguments.input_contract), self._load_contract(self.arguments.output_contract)
        )
        keys = self._read_keys(contracts[1])
        self.report.keys, self.report.derived = len(keys.lines), [*self.arguments.derived]
        with permission_errors.explain_spark_denials(self.arguments, self.arguments.location):
            self._prepare(keys, contracts)
            self._forget_rows()
            self._expire_history()
        Records(self.aws.s3, self.arguments, self.report).forget_rows()
        self._account_for_versions()
        self._finish()

    def _load_contract(self, uri: str) -> Contract:
        place = S3Prefix.from_uri(uri)
        return parse_contract(
            self.aws.s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read().decode(), uri
        )

    def _read_keys(self, output: Contract) -> ForgottenKeys:
        place = self.arguments.keys
        body = read_object(self.aws.s3, place.bucket, place.prefix)
        if body is None:
            raise ForgetRefused(
                f"{place.uri(place.prefix)} is not there: a run that forgot its keys deletes them; look at its report"
            )
        return parse_keys(body.splitlines(), output)

    def _prepare(self, keys: ForgottenKeys, contracts: tuple[Contract, Contract]) -> None:
        """Start Spark, and drop what the dead left."""
        spark = self.start()
        session.silence_logs(spark)
        frame = keys.as_frame(spark).cache()
        self.finder = RowFinder.for_objects(contracts, frame, TextSearch(tuple(keys.lines)))
        table = Table(spark, self.arguments.table, self.arguments.location)
        aside = Quarantine.for_table(table)
        storages = (Storage(table), Storage(aside.table, aside.former_location), Storage(changes_table(table)))
        tables = [
            ForgettingTable(self.aws, storage, self.arguments.branch, TableForgotten(storage.table.name))
            for storage in storages
        ]
        self.published, self.quarantine, self.deleted_keys = tables
        self.report.tables += [table.done for table in tables if table.head.snapshot is not None]
        self._drop_dead_branches()

    @property
    def _tables(self) -> list[ForgettingTable]:
        """The tables that are there."""
        tables = (self.published, self.quarantine, self.deleted_keys)
        return [table for table in tables if table.head.snapshot is not None]

    def _drop_dead_branches(self) -> None:
        for table in self._tables:
            branches = table.own_branches()
            # Asked after they were listed, so that none is of a run that just began.
            self._assert_quiet()
            table.drop_branches(branches)

    def _forget_rows(self) -> None:
        """Take the rows out of tables and raw objects, until neither has them.

        A run that began beside it may have published what it had read before.

        Raises:
            RunsInProgress: runs publish such rows as often as they are deleted.
        """
        matched = self.published.matching_keys(self.finder.keys, self.finder.output.key)
        self.report.keys_matched = matched
        for _ in range(ATTEMPTS):
            is_whole = self._forget_once()
            self._wait_until_quiet()
            if is_whole and not self.published.matching_keys(self.finder.keys, self.finder.output.key):
                return
        raise RunsInProgress(
            f"{self.arguments.publisher} published such rows while they were deleted; start again once it rests"
        )

    def _forget_once(self) -> bool:
        """Take the rows out once; return whether nothing came in between."""
        self.report.left.clear()
        with tempfile.TemporaryDirectory() as folder:
            searched = self._search_raw()
            raw = RawRewrite(self.aws.s3, self.arguments.raw.bucket, self.finder.input, Path(folder))
            rows = PublishedRows(self.aws, self.arguments, self.published, self.deleted_keys, self.finder)
            written = self._write_objects(raw, searched, rows)
            self.has_begun = True
            try:
                self._forget_quarantined()
                rows.delete(written)
            except Superseded:
                return False
            is_whole = self._put_objects(raw, written, rows)
            rows.settle()
            return is_whole

    def _search_raw(self) -> SearchedObjects:
        if self.arguments.raw == NO_PREFIX:
            return SearchedObjects({})
        spark = self.finder.keys.sparkSession
        searched = RawSearch(spark, self.aws.s3, self.arguments, self.finder.input, self.finder).search()
        self.report.objects_searched = len(searched.objects)
        self.report.left += searched.left
        return searched

    def _write_objects(self, raw: RawRewrite, searched: SearchedObjects, rows: PublishedRows) -> list[WrittenObject]:
        """Write the objects anew on this machine; what cannot be is told and left."""
        written: list[WrittenObject] = []
        for key, matches in sorted(searched.matches.places.items()):
            if not matches:
                continue
            try:
                written.append(raw.write(searched, key, rows.put_time(searched.objects[key])))
            except CannotRewrite as fault:
                self.report.left.append(PlaceLeft(self.arguments.raw.uri(key), str(fault)))
        return written

    def _put_objects(self, raw: RawRewrite, written: list[WrittenObject], rows: PublishedRows) -> bool:
        """Put the objects; return whether nobody put another version meanwhile."""
        is_whole = True
        for each in written:
            try:
                if each.is_emptied and not rows.is_held(each.source):
                    raw.delete(each)  # no run could read a file without a row
                else:
                    raw.put(each)
            except ObjectReplaced:
                is_whole = False
                continue
            self.report.objects.append(ObjectForgotten(each.source.key, each.rows, each.by_text))
        return is_whole

    def _forget_quarantined(self) -> None:
        """Delete rows aside.

        Raises:
            Superseded: a run set rows aside meanwhile.
        """
        before = self.quarantine.head
        if before.snapshot is None:
            return
        spark = self.finder.keys.sparkSession
        ids = find_quarantined_rows(spark.table(quarantine_of(self.arguments.table)), self.finder)
        if ids:
            rows: DataFrame = spark.createDataFrame([(row,) for row in ids], "row string")
            summary = carried_summary(before, self.arguments.run_id)
            self.quarantine.delete_rows(before, rows, ["row"], summary)

    def _expire_history(self) -> None:
        """Leave no older snapshot of a table, and no file or manifest that quotes a row."""
        self._drop_dead_branches()
        counting = ledger.read_ledger(self.aws.s3, self.published.head).tombstones
        for table in self._tables:
            before = table.head
            if table is self.deleted_keys and counting:
                settle_deleted_keys(table, counting)
            else:
                table.renew_manifests(before, carried_summary(before, self.arguments.run_id))
            self._assert_quiet()
            self.report.left += table.expire_history(self.quiet_since)

    def _account_for_versions(self) -> None:
        """Delete earlier versions, or tell when they are gone."""
        s3, now = self.aws.s3, datetime.now(UTC)
        for bucket, prefixes in places.prefixes_by_bucket(self.arguments).items():
            if self.arguments.now:
                self.report.versions.append(versions.purge_versions(s3, bucket, prefixes))
                continue
            kept = versions.describe_versions(s3, bucket, prefixes, now)
            self.report.versions.append(kept)
            if kept.gone_on is None:
                why = "no rule of the bucket removes its earlier versions; start again with --now"
                self.report.left.append(PlaceLeft(f"s3://{bucket}", why))

    def _finish(self) -> None:
        """Say what became of it, and delete the keys where nothing is left to do.

        Raises:
            ForgetIncomplete: something is.
        """
        report, dataset = self.report, self.arguments.dataset
        if report.left:
            report.state, report.message = ForgetState.INCOMPLETE, f"{dataset}: {report.in_words}"
            raise ForgetIncomplete(report.message)
        versions.delete_every_version(self.aws.s3, self.arguments.keys.bucket, self.arguments.keys.prefix)
        report.state, report.message = ForgetState.SUCCEEDED, f"{dataset}: {report.in_words}"

    def _assert_quiet(self) -> None:
        """Note that no job stages on the tables.

        Raises:
            RunsInProgress: one does.
        """
        asked_at = datetime.now(UTC)
        for job in filter(None, (self.arguments.publisher, self.arguments.maintainer)):
            if runs := alive_runs(self.aws, job):
                raise RunsInProgress(
                    f"{job} has {', '.join(runs)} in progress, which stages on the tables; start again once it has ended"
                )
        self.quiet_since = asked_at

    def _wait_until_quiet(self) -> None:
        """Wait for jobs that began meanwhile.

        Raises:
            RunsInProgress: one takes too long.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                return self._assert_quiet()
            except RunsInProgress:
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_SECONDS)
