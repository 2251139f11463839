"""The published table's rows and its ledger: what is deleted, which raw objects are to be written anew, and which were."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from etl.errors import Superseded
from etl.forget.arguments import ForgetArguments
from etl.forget.deleted_keys import settle_deleted_keys, stage_without
from etl.forget.raw_rewrite import WrittenObject
from etl.forget.row_finder import RowFinder
from etl.forget.tables import ForgettingTable, carried_summary
from etl.iceberg.current_snapshot import Head
from etl.ledger import ledger, skip_list
from etl.ledger.ledger import POINTER, Ledger
from etl.ledger.rewrites import Rewrite, is_rewrite
from etl.storage.clients import Clients
from etl.storage.raw_objects import RawObject, list_all_latest

ATTEMPTS = 3


@dataclass
class PublishedRows:
    """One attempt at the published table, from what readers saw `before`."""

    aws: Clients
    arguments: ForgetArguments
    table: ForgettingTable
    deleted_keys: ForgettingTable
    finder: RowFinder
    before: Head = field(init=False)

    def __post_init__(self) -> None:
        """Start from what readers see."""
        self.before = self.table.head

    @cached_property
    def _ledger(self) -> Ledger:
        return ledger.read_ledger(self.aws.s3, self.before)

    def put_time(self, entry: RawObject) -> str:
        """Return when an object came, which may be before it was written anew."""
        rewrite = self._ledger.rewrites.get(entry.key)
        return rewrite.put if rewrite and rewrite.version == entry.version else entry.modified

    def is_held(self, entry: RawObject) -> bool:
        """Return whether the published table holds a version of an object."""
        return entry.key in self._ledger.held.select_held([entry.key])

    def delete(self, written: Iterable[WrittenObject]) -> None:
        """Delete the rows, in the commit whose ledger expects the objects to be written anew.

        Raises:
            Superseded: somebody else published meanwhile; nothing was changed.
        """
        if self.before.snapshot is None:
            return
        updated = self._ledger.with_rewrites({each.source.key: each.rewrite for each in written})
        if updated.tombstones:
            keys, columns = self.finder.keys, self.finder.output.key
            counting = stage_without(self.deleted_keys, updated.tombstones, keys, columns, self.arguments.run_id)
            updated = replace(updated, tombstones=counting)
        summary = self._write_ledger(self.before, updated, f"expected-{self.before.snapshot}")
        self.table.delete_rows(self.before, self.finder.keys, self.finder.output.key, summary)
        if updated.tombstones:
            settle_deleted_keys(self.deleted_keys, updated.tombstones)

    def settle(self) -> None:
        """Let the ledger hold the new versions of objects that were written anew, whichever run put them.

        Raises:
            Superseded: others publish as often as it tries.
        """
        for attempt in range(1, ATTEMPTS + 1):
            head = self.table.head
            if head.snapshot is None:
                return
            current = ledger.read_ledger(self.aws.s3, head)
            settled = self._settled_rewrites(current)
            if not settled:
                return
            self._skip_again(settled)
            try:
                summary = self._write_ledger(head, current.with_settled(settled), f"settled-{head.snapshot}")
                self.table.renew_manifests(head, summary)
            except Superseded:
                if attempt == ATTEMPTS:
                    raise
                continue
            return

    def _settled_rewrites(self, current: Ledger) -> dict[str, Rewrite]:
        """Return the expected objects that are there, with their versions."""
        open_rewrites = {key: rewrite for key, rewrite in current.rewrites.items() if not rewrite.version}
        if not open_rewrites:
            return {}
        raw = self.arguments.raw
        return {
            entry.key: rewrite._replace(version=entry.version)
            for entry in list_all_latest(self.aws.s3, raw)
            if (rewrite := open_rewrites.get(entry.key)) and is_rewrite(self.aws.s3, raw, rewrite, entry)
        }

    def _skip_again(self, settled: dict[str, Rewrite]) -> None:
        """Leave alone what was left alone before it was written anew."""
        recorded = skip_list.read_skip_list(self.aws.s3, self.arguments.location)
        by_version = {(skip.key, skip.version): skip for skip in recorded.skipped}
        again = [
            replace(skip, version=rewrite.version)
            for key, rewrite in settled.items()
            if (skip := by_version.get((key, rewrite.replaced))) and (key, rewrite.version) not in by_version
        ]
        if again:
            skips = (*recorded.current.skipped, *again)
            skip_list.write_skip_list(self.aws.s3, self.arguments.location, skips, recorded.etag)

    def _write_ledger(self, head: Head, updated: Ledger, what: str) -> dict[str, str]:
        """Write a ledger; return the summary that points to it."""
        uri = f"{self.arguments.places.ledgers}/{self.arguments.run_id}-{what}.json"
        ledger.write_ledger(self.aws.s3, uri, updated)
        return carried_summary(head, self.arguments.run_id) | {POINTER: uri}
