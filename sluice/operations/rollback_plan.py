"""What a rollback will change, before anything is: pure, so that what is said is what is done."""

from collections.abc import Collection
from dataclasses import dataclass, field

from etl.ledger.ledger import Ledger
from sluice.operations.raw_objects import told
from sluice.operations.requarantined_rows import runs_again
from sluice.operations.snapshot_history import History

Versions = dict[str, str]  # by key


@dataclass(frozen=True)
class Plan:
    """The way from what readers see to the snapshot `target`.

    Attributes:
        gone: objects whose version is un-published.
        earlier: those of these that stand in an earlier version again.
        back: objects whose version is published again.
        aside: runs of which set-aside rows may count again.
    """

    history: History
    target: int
    gone: Versions = field(default_factory=dict)
    earlier: Versions = field(default_factory=dict)
    back: Versions = field(default_factory=dict)
    aside: tuple[str, ...] = ()

    @classmethod
    def of(cls, history: History, target: int, before: Ledger, after: Ledger) -> "Plan":
        """Compare what the two snapshots hold."""
        now = {key: version for key, (version, _) in before.held.all().items()}
        then = {key: version for key, (version, _) in after.held.all().items()}
        gone = {key: version for key, version in sorted(now.items()) if then.get(key) != version}
        return cls(
            history,
            target,
            gone,
            {key: then[key] for key in gone if key in then},
            {key: version for key, version in sorted(then.items()) if now.get(key) != version},
            tuple(runs_again(before, after)),
        )

    @property
    def undoes(self) -> bool:
        """Whether this shows again what a rollback un-published, so that nothing is skipped for it."""
        return self.history.is_ahead(self.target)

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """The keys and versions that runs must not read again by themselves."""
        return [] if self.undoes else list(self.gone.items())

    @property
    def why(self) -> str:
        """What is recorded with a skip."""
        return f"rollback from snapshot {self.history.main} to {self.target} of {self.history.when(self.target)}"

    def lines(self, table: str, listed: Collection[str]) -> list[str]:
        """Say what will change; `listed` are the keys that the raw bucket has."""
        was, will = self.history.told(self.history.main), self.history.told(self.target)
        lines = [f"readers of {table} see snapshot {was}, and will see {will}"]
        if self.undoes:
            lines.append(f"published again, and no longer skipped: {told(list(self.back))}")
        elif self.gone:
            lines.append(f"un-published, and skipped until `unskip` or a new version of them: {told(list(self.gone))}")
        else:
            lines.append("every object stays published, with the rows of its earlier reading")
        if self.earlier and not self.undoes:
            lines.append(f"of these in their earlier version again: {told(list(self.earlier))}")
        if lost := [key for key in self.gone if key not in listed and not self.undoes]:
            lines.append(f"of these no longer in the raw bucket, so that no run can publish them again: {told(lost)}")
        if foreign := self.foreign:
            lines.append(f"written by somebody else, and lost to readers: {', '.join(map(str, foreign))}")
        if self.aside:
            lines.append(f"what these runs set aside counts as it did then: {', '.join(self.aside)}")
        return lines

    @property
    def foreign(self) -> list[int]:
        """Snapshots on top of the last of ours."""
        line = self.history.line(self.history.main)
        ours = self.history.ours
        return line[: line.index(ours)] if ours is not None else line
