"""What the published table must be after each run, in plain Python: no Spark, no Iceberg, and nothing of etl."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.faults.tables import Table
from tests.faults.trades import File, Load, State


@dataclass
class Model:
    """The raw files, and what is published of them under a load.

    Attributes:
        complete: folders that have their `_SUCCESS`, where a folder is one copy.
        skipped: keys and versions that no run reads.
        accepted: regions elsewhere that the contract has come to know.
    """

    load: Load
    raw: dict[str, File] = field(default_factory=dict)
    table: Table = field(init=False)
    complete: set[str] = field(default_factory=set)
    skipped: set[tuple[str, str]] = field(default_factory=set)
    accepted: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.table = Table(self.load)

    @property
    def published_files(self) -> dict[str, File]:
        """The files that the table holds."""
        return {key: held.file for key, held in self.table.held.items()}

    def unread_files(self, raw: Mapping[str, File] | None = None) -> dict[str, File]:
        """Return the files that a run would take; `raw` are those that it listed, all by default."""
        published_files = self.published_files
        return {
            key: file
            for key, file in (self.raw if raw is None else raw).items()
            if published_files.get(key) != file
            and (key, file.version) not in self.skipped
            and (self.load is not Load.FOLDERS or key.rpartition("/")[0] in self.complete)
        }

    def breaks_contract(self, raw: Mapping[str, File] | None = None) -> bool:
        """Say whether a run would break the contract."""
        return bool(self.table.faults_of(self.unread_files(raw), self.accepted))

    def run(self, raw: Mapping[str, File] | None = None) -> bool:
        """Publish what is unread, or nothing of it; return whether it went well."""
        if self.breaks_contract(raw):
            return False
        if unread := self.unread_files(raw):
            self.table = self.table.with_files(unread, self.accepted)
        return True

    def rerun(self, key: str) -> bool:
        """Publish an object again that is held, for what the contract has come to know; refuse that of an older copy."""
        if self.load.is_snapshot and key not in self.table.current_copy:
            return False
        self.table = self.table.with_files({key: self.published_files[key]}, self.accepted)
        return True

    def withdraw(self, key: str) -> None:
        """Let an object leave, with its whole copy where it is of one; its version is not read again."""
        keys = [key]
        if self.load is Load.FOLDERS:
            keys = [held for held in self.table.held if held.rpartition("/")[0] == key.rpartition("/")[0]]
        versions = {(name, self.published_files[name].version) for name in keys}
        self.table = self.table.without(keys, self.accepted)
        self.skipped |= versions

    def replay(self, keys: Iterable[str]) -> None:
        """Publish what was set aside of these objects."""
        self.table = self.table.replayed(keys)

    def roll_back(self, table: Table) -> None:
        """Show an earlier table: what it does not hold is not read again until it is let in."""
        earlier = {(key, held.file.version) for key, held in table.held.items()}
        self.skipped |= {(key, held.file.version) for key, held in self.table.held.items()} - earlier
        self.table = table

    def after_runs(self, listings: Sequence[Mapping[str, File]]) -> list[Table]:
        """Return what may be published once a run of each listing ended somehow: none, each alone, one after the other."""
        tables = [self.table]
        for listing in listings:
            for table in tables[:]:
                later = self.copy()
                later.table = table
                if later.run(listing) and later.table != table:
                    tables.append(later.table)
        return tables

    def state_after(self, raw: Mapping[str, File] | None = None) -> State:
        """Return what readers see after a run, whether it goes well or not."""
        later = self.copy()
        later.run(raw)
        return later.state

    def copy(self) -> "Model":
        """Return it as it is now."""
        later = replace(self, raw=dict(self.raw), complete={*self.complete}, skipped={*self.skipped})
        later.table = self.table
        return later

    @property
    def state(self) -> State:
        """What readers see."""
        return self.table.state
