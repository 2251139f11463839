"""What a table holds, by its load, and what runs make of it: no Spark, no Iceberg, and nothing of etl."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tests.faults.trades import File, Load, Sale, State, Tombstone

MAX_GONE = 0.5


class Placed(NamedTuple):
    """A sale as it is published: of which object's version."""

    sale: Sale
    key: str
    version: str


@dataclass(frozen=True)
class Held:
    """A file that the table holds, and the positions of its trades that were set aside."""

    file: File
    aside: frozenset[int] = frozenset()

    def placed(self, key: str) -> Iterator[Placed]:
        """Yield what counts of it."""
        for position, sale in enumerate(self.file.trades):
            if position not in self.aside:
                yield Placed(sale, key, self.file.version)


@dataclass(frozen=True)
class Table:
    """What is published under a load: the files that are held, by key.

    Of append, upsert and changes the rows follow from these alone. Of a snapshot `rows` are what the copies left, one after
    the other: a row that does not change stays as it was published.
    """

    load: Load
    held: Mapping[str, Held] = field(default_factory=dict[str, Held])
    rows: Mapping[int, Placed] = field(default_factory=dict[int, Placed])

    @property
    def is_sound(self) -> bool:
        """Whether no key is there twice: of one object, where the newer one wins."""
        together = [self.held]
        if self.load is Load.UPSERT:
            together = [{key: held} for key, held in self.held.items()]
        elif self.load.is_snapshot:
            together = [{key: self.held[key] for key in self.current_copy}]
        elif self.load is Load.CHANGES:
            together = []
        return not any(fault for held in together for fault in _twice_together(held))

    def faults_of(self, files: Mapping[str, File], accepted: frozenset[str]) -> list[str]:
        """Say what a run breaks that reads these files: nothing where it publishes."""
        if self.load.is_snapshot:
            copy = self._copy_with(files)
            if not copy.keys() & files.keys():
                return []
            judged = {key: Held(file, file.positions_aside(accepted)) for key, file in copy.items()}
            return [*_bad_rows(copy), *_twice_together(judged), *self._gone(judged)]
        after = self._with_held(files, accepted).held
        match self.load:
            case Load.APPEND:
                twice = _twice_together(after)
            case Load.UPSERT:
                twice = [fault for key, held in after.items() for fault in _twice_together({key: held})]
            case _:
                orders = Counter(
                    (row.sale.number, row.sale.order) for key, held in after.items() for row in held.placed(key)
                )
                twice = [f"order {order} of {number} twice" for (number, order), times in orders.items() if times > 1]
        return [*_bad_rows(files), *twice]

    def with_files(self, files: Mapping[str, File], accepted: frozenset[str]) -> "Table":
        """Return the table after a run that reads these files: all that is unread, or some that it holds."""
        if not self.load.is_snapshot:
            return self._with_held(files, accepted)
        copy = self._copy_with(files)
        all_held = {key: Held(file) for key, file in {**self._files, **files}.items()}
        if not copy.keys() & files.keys():  # older copies are recorded, and change nothing
            return replace(self, held={**all_held, **{key: self.held[key] for key in copy}})
        return replace(self, held=all_held).after_copy(copy, accepted)

    def after_copy(self, copy: Mapping[str, File], accepted: frozenset[str]) -> "Table":
        """Return the table after a whole copy: its rows, where it has others; a row set aside keeps its predecessor."""
        read = {key: Held(file, file.positions_aside(accepted)) for key, file in copy.items()}
        new_rows = {row.sale.number: row for key, held in read.items() for row in held.placed(key)}
        aside = _numbers_aside(read)
        rows = dict[int, Placed]()
        for number, row in self.rows.items():
            if number in new_rows:
                rows[number] = row if row.sale == new_rows[number].sale else new_rows[number]
            elif number in aside:
                rows[number] = row
        held = {key: Held(held.file) for key, held in self.held.items()}  # what older copies set aside counts no longer
        return replace(self, held={**held, **read}, rows={**new_rows, **rows})

    def without(self, keys: Iterable[str], accepted: frozenset[str]) -> "Table":
        """Return the table after these objects were withdrawn: of a snapshot the newest copy that is left."""
        left = replace(self, held={key: held for key, held in self.held.items() if key not in {*keys}})
        if not self.load.is_snapshot or self.current_copy == left.current_copy:
            return left
        kept = {number: row for number, row in self.rows.items() if row.key not in {*keys}}
        return replace(left, rows=kept).after_copy({key: left.held[key].file for key in left.current_copy}, accepted)

    def replayed(self, keys: Iterable[str]) -> "Table":
        """Return the table after what was set aside of these objects went through the gate again, and passed."""
        passed = {key: Held(self.held[key].file) for key in keys}
        rows = {
            row.sale.number: row
            for key in passed
            for position, row in enumerate(passed[key].placed(key))
            if position in self.held[key].aside
        }
        return replace(
            self, held={**self.held, **passed}, rows={**self.rows, **rows} if self.load.is_snapshot else self.rows
        )

    @property
    def current_copy(self) -> list[str]:
        """The keys of the copy that the table is of."""
        return sorted(self._copy_with({}))

    @property
    def state(self) -> State:
        """What readers see."""
        rows = [row.sale.published_row(row.key, row.version, self.load) for row in self._published()]
        aside = [
            (key, held.file.version, f"TXN{held.file.trades[position].number}")
            for key, held in self.held.items()
            for position in held.aside
        ]
        held_versions = [(key, held.file.version) for key, held in self.held.items()]
        tombstones = [
            Tombstone(row.sale.number, row.sale.order, row.key, row.version)
            for row in self._latest_changes()
            if row.sale.is_delete
        ]
        return State(
            tuple(sorted(rows, key=repr)), tuple(sorted(held_versions)), tuple(sorted(aside)), tuple(sorted(tombstones))
        )

    @property
    def _files(self) -> dict[str, File]:
        return {key: held.file for key, held in self.held.items()}

    def _with_held(self, files: Mapping[str, File], accepted: frozenset[str]) -> "Table":
        read = {key: Held(file, file.positions_aside(accepted)) for key, file in files.items()}
        return replace(self, held={**self.held, **read})

    def _published(self) -> Iterator[Placed]:
        match self.load:
            case Load.APPEND:
                yield from self._placed()
            case Load.UPSERT:
                yield from {row.sale.number: row for row in self._placed()}.values()
            case Load.CHANGES:
                yield from (row for row in self._latest_changes() if not row.sale.is_delete)
            case _:
                yield from self.rows.values()

    def _placed(self) -> Iterator[Placed]:
        """Yield the rows of all files, that of the file that was put last at the end, by key where that is even."""
        for key, held in sorted(self.held.items(), key=lambda item: (item[1].file.put, item[0])):
            yield from held.placed(key)

    def _latest_changes(self) -> Iterable[Placed]:
        if self.load is not Load.CHANGES:
            return ()
        return {row.sale.number: row for row in sorted(self._placed(), key=lambda row: row.sale.order)}.values()

    def _copy_with(self, files: Mapping[str, File]) -> dict[str, File]:
        """Return the newest whole copy of those that are held and these: that whose first object was first put last."""
        copies = dict[str, dict[str, File]]()
        for key, file in {**self._files, **files}.items():
            copies.setdefault(self._unit_of(key), {})[key] = file
        newest = max(copies, key=lambda unit: (min(file.first for file in copies[unit].values()), unit), default=None)
        return {} if newest is None else copies[newest]

    def _unit_of(self, key: str) -> str:
        return key.rpartition("/")[0] if self.load is Load.FOLDERS else key

    def _gone(self, copy: Mapping[str, Held]) -> list[str]:
        stay = {row.sale.number for key, held in copy.items() for row in held.placed(key)} | _numbers_aside(copy)
        gone = self.rows.keys() - stay
        return [f"{len(gone)} of {len(self.rows)} gone"] if len(gone) > MAX_GONE * len(self.rows) else []


def _numbers_aside(read: Mapping[str, Held]) -> set[int]:
    return {held.file.trades[position].number for held in read.values() for position in held.aside}


def _bad_rows(files: Mapping[str, File]) -> list[str]:
    return [f"{sale.number} of {key} is bad" for key, file in files.items() for sale in file.trades if not sale.is_good]


def _twice_together(read: Mapping[str, Held]) -> list[str]:
    times = Counter(row.sale.number for key, held in read.items() for row in held.placed(key))
    return [f"{number} twice" for number, count in times.items() if count > 1]
