"""A copy of a snapshot that is withdrawn: the newest copy before it, that is still there whole, is the table's again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from etl.contract.loads import Load
from etl.errors import WithdrawRefused
from etl.ledger.ingested_objects import HeldVersion
from etl.ledger.replaced_objects import ReplacedObjects
from etl.ledger.skip_list import Skip
from etl.sources.raw_prefix import RawPrefix, choose_by_manifests
from etl.sources.snapshot_copies import CopyChoice, CopySelection

EARLIER_COPY = "an earlier copy"
NONE_THERE = "none is there any more"


@dataclass(frozen=True)
class WithdrawnCopy:
    """What becomes of the table once its copy leaves.

    Attributes:
        objects: the copy's, in the versions that the table holds.
        before: the copy that the table is of again; None where none is there.
    """

    objects: Mapping[str, HeldVersion]
    before: CopyChoice | None

    @classmethod
    def find(cls, raw: RawPrefix, load: Load, skipped: Sequence[Skip], key: str) -> "WithdrawnCopy":
        """Return what withdrawing the copy of an object does.

        Args:
            raw: the raw prefix, listed with when each key was first put, and the ledger.
            load: the output's.
            skipped: what operators have runs leave alone.
            key: the object's.

        Raises:
            WithdrawRefused: the table is of another copy.
        """
        versions = {(skip.key, skip.version) for skip in skipped}
        unread = [
            entry
            for entry in raw.ledger.held.compare_listing(raw.listed.objects)[0]
            if (entry.key, entry.version) not in versions
        ]
        choose_ready = partial(choose_by_manifests, raw, skipped_versions=versions, waits=True)
        selection = CopySelection(
            raw.contract.dataset, load.of, raw.listed, unread, versions, raw.ledger.copy, choose_ready
        )
        if not selection.is_of_table(key):
            table_copy = raw.ledger.copy.name if raw.ledger.copy else "another copy"
            raise WithdrawRefused(
                f"{raw.contract.dataset}: the table is of {table_copy}, so that no row leaves with {key}; nothing was changed. "
                "Have it skipped, and it does not come back: sluice withdraw does that"
            )
        held = raw.ledger.held.all_objects()
        objects = {name: version for name, version in held.items() if selection.is_of_table(name)}
        return cls(objects, selection.choose_before(held))

    @property
    def replaced(self) -> ReplacedObjects:
        """What comes back: the objects of the copy before, or nothing."""
        if self.before:
            return ReplacedObjects(self.before.objects, {})
        return ReplacedObjects([], {EARLIER_COPY: NONE_THERE})
