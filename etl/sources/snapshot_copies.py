"""Which copy of a snapshot a run reads: the one that was first put last. Older ones are recorded, and never read.

By the *first* put a correction of an older copy stays older, and what the table is of does not hang on when runs came.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from etl.contract.loads import CopyUnit
from etl.contract.manifest_globs import SUCCESS_MARKER
from etl.errors import NothingToRerun
from etl.ledger.ledger import Ledger, TableCopy
from etl.results.waiting_objects import MAX_WAITING_KEYS, WaitingObjects
from etl.sources.manifest_selection import ManifestChoice
from etl.sources.manifests import folder_of
from etl.storage.raw_objects import Listing, RawObject
from etl.wording import count_noun, join_names

MAX_COPIES_NAMED = 3  # in a message
ChooseReady = Callable[[Sequence[RawObject]], ManifestChoice]


@dataclass(frozen=True)
class CopyChoice:
    """What a run does with the copies that are there.

    Attributes:
        copy: the copy that the table is of once the run has published; None where that is not known.
        objects: those of the copy that is to be read; none where there is none.
        superseded: unread objects of older copies: the ledger holds them from now on, and nobody reads them.
        manifests: what manifests say of `objects`, and which others wait.
    """

    copy: TableCopy | None
    objects: list[RawObject]
    superseded: list[RawObject]
    manifests: ManifestChoice

    def updated_ledger(self, ledger: Ledger, run: str, has_quarantined: bool, expired: Iterable[str]) -> Ledger:
        """Return the ledger once `run` has published; `has_quarantined` says whether it set rows of the copy aside."""
        recorded = ledger.with_objects([*self.objects, *self.superseded], (), expired)
        if not (self.objects and self.copy):
            return replace(recorded, corrected=ledger.corrected)
        return recorded.with_copy(self.copy, run, has_quarantined)

    @property
    def superseded_words(self) -> str:
        """Which older copies were recorded and not read, for a message; empty where none was."""
        if not self.superseded:
            return ""
        keys = join_names([raw_object.key for raw_object in self.superseded], MAX_COPIES_NAMED)
        number = count_noun(len(self.superseded), "object")
        newer = self.copy.name if self.copy else "another"
        return f"; {number} of older copies recorded and not read, since {newer} is newer: {keys}"


@dataclass(frozen=True)
class CopySelection:
    """The choice among copies.

    Attributes:
        dataset: whose they are.
        unit: what is one copy.
        listed: the raw prefix, with when each key was first put.
        unread: objects that the ledger does not hold and nobody skips.
        skipped: keys and versions that an operator has runs leave alone.
        current: the copy that the table is of; None where that is not known.
        choose_ready: says which of some objects may be read, by their manifests.
    """

    dataset: str
    unit: CopyUnit
    listed: Listing
    unread: Sequence[RawObject]
    skipped: Container[tuple[str, str]]
    current: TableCopy | None
    choose_ready: ChooseReady
    _unread_keys: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        """Keep which keys are unread."""
        object.__setattr__(self, "_unread_keys", frozenset(raw_object.key for raw_object in self.unread))

    def choose(self) -> CopyChoice:
        """Return the choice: the newest copy that is unread and complete, where it is not older than the table's."""
        names = {self._name_of(raw_object.key) for raw_object in self.unread}
        counting = sorted(copy for copy in map(self._copy_of, names) if self._counts(copy))
        manifests, complete = self._find_complete(counting)
        newest = complete[-1] if complete else None
        if newest and any(copy < newest for copy in counting if copy not in complete):
            # An older copy that waits still will never be read.
            counting = [copy for copy in counting if copy >= newest]
            manifests, complete = self._find_complete(counting)
        objects = self._members[newest.name] if newest else []
        left = {copy.name for copy in counting if newest is None or copy >= newest}
        superseded = [raw_object for raw_object in self.unread if self._name_of(raw_object.key) not in left]
        return CopyChoice(newest or self._table_copy, objects, superseded, _of_objects(manifests, objects))

    def choose_again(self, keys: Collection[str]) -> CopyChoice:
        """Return that the table's copy is to be read again, as some of its keys ask for.

        Raises:
            NothingToRerun: a key is of another copy, or it is not known which is the table's.
        """
        copy = self._table_copy
        if (refusal := rerun_refusal(copy, keys)) or copy is None:
            raise NothingToRerun(f"{self.dataset}: {refusal}")
        objects = self._members[copy.name]
        return CopyChoice(copy, objects, [], _of_objects(self.choose_ready(objects), objects))

    def is_of_table(self, key: str) -> bool:
        """Say whether an object is of the copy that the table is of."""
        return self._table_copy is not None and self._name_of(key) == self._table_copy.name

    def choose_before(self, held: Iterable[str]) -> CopyChoice | None:
        """Return the newest copy before the table's that is there whole; `held` are the keys that the ledger knows.

        A copy that lost an object, or of which one is skipped, is not whole.
        """
        listed_keys = {raw_object.key for raw_object in self.listed.objects}
        partial_names = {self._name_of(key) for key in held if key not in listed_keys}
        partial_names |= {
            self._name_of(entry.key) for entry in self.listed.objects if (entry.key, entry.version) in self.skipped
        }
        copies = (self._copy_of(name) for name in self._members if name not in partial_names)
        for copy in sorted((copy for copy in copies if not self._counts(copy)), reverse=True):
            manifests, complete = self._find_complete([copy])
            if complete:
                objects = self._members[copy.name]
                return CopyChoice(copy, objects, [], _of_objects(manifests, objects))
        return None

    @cached_property
    def _members(self) -> Mapping[str, list[RawObject]]:
        """The objects of each copy that is there, without those that are skipped."""
        members: dict[str, list[RawObject]] = defaultdict(list)
        for raw_object in self.listed.objects:
            if (raw_object.key, raw_object.version) not in self.skipped:
                members[self._name_of(raw_object.key)].append(raw_object)
        return members

    @cached_property
    def _marked_folders(self) -> frozenset[str]:
        """The folders that have a `_SUCCESS`."""
        keys = (manifest.key for manifest in self.listed.manifests)
        return frozenset(folder_of(key) for key in keys if key.rpartition("/")[2] == SUCCESS_MARKER)

    def _name_of(self, key: str) -> str:
        """Return the name of a key's copy: of a folder the nearest with a `_SUCCESS`, which stands for what is below it too."""
        if not self.unit.has_several_objects:
            return key
        folder = own_folder = folder_of(key)
        while folder != "/":
            if folder in self._marked_folders:
                return folder
            folder = folder_of(folder.rstrip("/"))
        return own_folder

    @cached_property
    def _first_puts(self) -> Mapping[str, str]:
        """When each copy was first put, by its name; of a folder also by what is gone from it."""
        first_puts: dict[str, str] = {}
        for key, put in self.listed.first_puts.items():
            name = self._name_of(key)
            first_puts[name] = min(put, first_puts.get(name, put))
        return first_puts

    def _copy_of(self, name: str) -> TableCopy:
        put = self._first_puts[name]
        # The bucket may have lost the first version since.
        is_current = self.current is not None and name == self.current.name
        return TableCopy(min(put, self.current.first_put) if self.current and is_current else put, name)

    @cached_property
    def _table_copy(self) -> TableCopy | None:
        """The copy that the table is of; where the ledger does not say it, the newest that is held whole."""
        if self.current:
            return self.current
        unread_names = set(map(self._name_of, self._unread_keys))
        return max((self._copy_of(name) for name in self._members if name not in unread_names), default=None)

    def _counts(self, copy: TableCopy) -> bool:
        """Say whether a copy is newer than the table's, or that one itself, put again."""
        return self._table_copy is None or copy >= self._table_copy

    def _find_complete(self, copies: Sequence[TableCopy]) -> tuple[ManifestChoice, list[TableCopy]]:
        """Return what manifests say of copies, and which of these may be read: where one object waits, its copy does."""
        objects = [raw_object for copy in copies for raw_object in self._members[copy.name]]
        manifests = self.choose_ready(sorted(objects))
        ready = {raw_object.key for raw_object in manifests.unread}
        complete = [copy for copy in copies if all(raw_object.key in ready for raw_object in self._members[copy.name])]
        with_others = (self._waiting_with(copy, ready) for copy in copies if copy not in complete)
        return replace(manifests, waiting=(*manifests.waiting, *filter(None, with_others))), complete

    def _waiting_with(self, copy: TableCopy, ready: Container[str]) -> WaitingObjects | None:
        """Return the unread objects of a copy that wait only since others of it do."""
        keys = tuple(
            raw_object.key
            for raw_object in self._members[copy.name]
            if raw_object.key in ready and raw_object.key in self._unread_keys
        )
        return WaitingObjects(f"the rest of {copy.name}", len(keys), keys[:MAX_WAITING_KEYS]) if keys else None


def rerun_refusal(copy: TableCopy | None, keys: Collection[str]) -> str:
    """Say why objects of a snapshot cannot be read again, where the table is of `copy`; "" where they can."""
    others = sorted(key for key in keys if copy is None or not copy.holds(key))
    if not others:
        return ""
    table_copy = f"the table is of {copy.name}" if copy else "the table is of no copy yet"
    return (
        f"{join_names(others, MAX_COPIES_NAMED)} cannot be read again: {table_copy}, and of a snapshot only that copy is. To "
        "bring another one back put it under a new key, or `sluice rollback`"
    )


def _of_objects(manifests: ManifestChoice, objects: list[RawObject]) -> ManifestChoice:
    """Return what manifests say, of some objects alone."""
    by_key = {raw_object.key: raw_object for raw_object in objects}
    about = tuple(manifest for manifest in manifests.manifests if manifest.select_covered(by_key))
    groups = tuple(filter(None, (group & by_key.keys() for group in manifests.groups)))
    return replace(manifests, unread=objects, manifests=about, groups=groups)
