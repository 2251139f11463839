"""What a rollback will change, before anything is: pure, so that what is said is what is done."""

from collections.abc import Collection
from dataclasses import dataclass, field

from etl.ledger.ledger import Ledger
from sluice.operations.raw_objects import describe_keys
from sluice.operations.requarantined_rows import runs_again
from sluice.operations.snapshot_history import History

Versions = dict[str, str]  # by key


@dataclass(frozen=True)
class RollbackPlan:
    """The way from what readers see to the snapshot `target`.

    Attributes:
        unpublished: objects whose version is un-published.
        earlier_versions: those of these that stand in an earlier version again.
        republished: objects whose version is published again.
        quarantined_again: runs of which set-aside rows may count again.
    """

    history: History
    target: int
    unpublished: Versions = field(default_factory=dict)
    earlier_versions: Versions = field(default_factory=dict)
    republished: Versions = field(default_factory=dict)
    quarantined_again: tuple[str, ...] = ()

    @classmethod
    def compare_ledgers(cls, history: History, target: int, before: Ledger, after: Ledger) -> "RollbackPlan":
        """Compare what the two snapshots hold."""
        current_versions = {key: held.version for key, held in before.held.all_objects().items()}
        target_versions = {key: held.version for key, held in after.held.all_objects().items()}
        unpublished = {
            key: version for key, version in sorted(current_versions.items()) if target_versions.get(key) != version
        }
        return cls(
            history,
            target,
            unpublished,
            {key: target_versions[key] for key in unpublished if key in target_versions},
            {key: version for key, version in sorted(target_versions.items()) if current_versions.get(key) != version},
            tuple(runs_again(before, after)),
        )

    @property
    def undoes_rollback(self) -> bool:
        """Whether this shows again what a rollback un-published, so that nothing is skipped for it."""
        return self.history.is_ahead(self.target)

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """The keys and versions that runs must not read again by themselves."""
        return [] if self.undoes_rollback else list(self.unpublished.items())

    @property
    def skip_reason(self) -> str:
        """What is recorded with a skip."""
        return (
            f"rollback from snapshot {self.history.main} to {self.target} of {self.history.published_at(self.target)}"
        )

    def describe_changes(self, table: str, listed: Collection[str]) -> list[str]:
        """Say what will change; `listed` are the keys that the raw bucket has."""
        current_text, target_text = (
            self.history.describe_snapshot(self.history.main),
            self.history.describe_snapshot(self.target),
        )
        lines = [f"readers of {table} see snapshot {current_text}, and will see {target_text}"]
        if self.undoes_rollback:
            lines.append(f"published again, and no longer skipped: {describe_keys(list(self.republished))}")
        elif self.unpublished:
            lines.append(
                f"un-published, and skipped until `unskip` or a new version of them: {describe_keys(list(self.unpublished))}"
            )
        else:
            lines.append("every object stays published, with the rows of its earlier reading")
        if self.earlier_versions and not self.undoes_rollback:
            lines.append(f"of these in their earlier version again: {describe_keys(list(self.earlier_versions))}")
        if lost := [key for key in self.unpublished if key not in listed and not self.undoes_rollback]:
            lines.append(
                f"of these no longer in the raw bucket, so that no run can publish them again: {describe_keys(lost)}"
            )
        if foreign := self.foreign_snapshots:
            lines.append(f"written by somebody else, and lost to readers: {', '.join(map(str, foreign))}")
        if self.quarantined_again:
            lines.append(f"what these runs set aside counts as it did then: {', '.join(self.quarantined_again)}")
        return lines

    @property
    def foreign_snapshots(self) -> list[int]:
        """Snapshots on top of the last of ours."""
        ancestors = self.history.ancestry_of(self.history.main)
        newest_own = self.history.newest_own
        return ancestors[: ancestors.index(newest_own)] if newest_own is not None else ancestors
