"""Whether rows of the table may have a key of the run, told by the key's columns of their data files.

Only files that may hold a key in the run's range are read, and of these only the columns of the key. Spark reads, joins and
compares the same rows in four to five times the time (docs/performance.md).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import and_
from threading import Event, Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from etl.contract.loads import UniqueWithin
from etl.gate.onepass.data_files import THREADS, Files
from etl.gate.onepass.key_hashes import KeyHashes
from etl.gate.onepass.metric_queries import FilesInconclusive
from etl.gate.onepass.row_hashes import hash_rows
from etl.iceberg.manifests import ColumnRange, DataFile
from etl.wording import count_noun

MAX_KEYS = 1 << 22  # of a run: their hashes take 32 MiB, and as much again while they are sorted
MAX_ROWS = 1 << 28  # that a driver reads the keys of, as many as it proves a key of
EPOCH_DAY, EPOCH = date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)
UNITS_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
pc: Any = pyarrow.compute  # makes its functions as it is imported


@dataclass(frozen=True)
class KeyLookup:
    """The look for a run's keys in earlier rows.

    Attributes:
        run: the data files that the run wrote.
        key: the key's columns.
        unique_within: how far back is looked; None for everywhere.
        plan: returns the data files that may hold rows within all of the ranges, the run's among them.
    """

    run: Files
    key: tuple[str, ...]
    unique_within: UniqueWithin | None
    plan: Callable[[Sequence[ColumnRange]], list[DataFile]]

    def shows_new_keys(self, alone: bool = False) -> bool:
        """Return True where no earlier row has a key of the run; False where one may.

        Args:
            alone: whether the run's rows must differ from one another too.

        Raises:
            FilesInconclusive: there are too many rows for it, or files that tell nothing.
        """
        if not 0 < self.run.rows <= MAX_KEYS:
            raise FilesInconclusive(f"a run of {count_noun(self.run.rows, 'row')}")
        keys = _RunKeys.from_files(self.run, self.key, self.unique_within)
        if keys.hashes is None:
            return True
        if alone and not keys.hashes.all_differ:
            return False
        own_files = {data_file.path for data_file in self.run.files}
        earlier = [data_file for data_file in self.plan(keys.ranges) if data_file.path not in own_files]
        if (rows := sum(data_file.rows for data_file in earlier)) > MAX_ROWS:
            raise FilesInconclusive(count_noun(rows, "earlier row"))
        return not _EarlierKeys(Files(earlier, self.run.s3, rows), keys, self.key).has_clash()


@dataclass(frozen=True)
class _RunKeys:
    """The keys of a run; `bound` is the dated column and its least value that is looked at, `columns` types by name."""

    hashes: KeyHashes | None
    ranges: Sequence[ColumnRange]
    columns: Mapping[str, pa.Field]
    bound: tuple[str, Any] | None

    @classmethod
    def from_files(cls, files: Files, key: Sequence[str], unique_within: UniqueWithin | None) -> "_RunKeys":
        lock, hashes = Lock(), list[np.ndarray]()
        dated = unique_within.column if unique_within else None
        names = [*key, *([dated] if dated and dated not in key else [])]
        ends: dict[str, list[pa.Array]] = {name: [] for name in names}

        def take(columns: list[pa.Array]) -> None:
            by_name = dict(zip(names, columns, strict=True))
            batch_hashes = hash_rows([by_name[name] for name in key])
            batch_ends = {name: pc.min_max(by_name[name]) for name in names}
            with lock:
                hashes.append(batch_hashes[_has_no_null([by_name[name] for name in key])])
                for name, scalar in batch_ends.items():
                    ends[name] += [scalar["min"], scalar["max"]]

        with ThreadPoolExecutor(THREADS) as pool:
            files.read_columns(pool, names, take)
        fields = files.read_fields(names)
        span = {name: (_least(scalars), _greatest(scalars)) for name, scalars in ends.items()}
        ranges = [key_range for name in key if (key_range := _column_range(name, *span[name]))]
        bound = None
        if unique_within and dated and (earliest := span[dated][0]) is not None:
            bound = (dated, _days_before(earliest, unique_within.days))
            ranges.append(ColumnRange(dated, _iceberg_literal(bound[1]), None, with_nulls=True))
        return cls(KeyHashes.from_hashes(hashes) if any(map(len, hashes)) else None, ranges, fields, bound)


@dataclass(frozen=True)
class _EarlierKeys:
    """Earlier files, held against the keys of a run."""

    files: Files
    keys: _RunKeys
    key: Sequence[str]

    def has_clash(self) -> bool:
        """Say whether a row of theirs may have one of the keys; what is left is not read once one may."""
        clash = Event()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda data_file: clash.is_set() or self._look_into(data_file, clash), self.files.files))
        return clash.is_set()

    def _look_into(self, data_file: DataFile, clash: Event) -> None:
        hashes = self.keys.hashes
        if hashes is None:
            return
        for columns in self._batches(data_file):
            common = hashes.find_common(hash_rows([columns[name] for name in self.key]))
            if len(common) and self._is_recent(columns, common).any():
                clash.set()
            if clash.is_set():
                return

    def _is_recent(self, columns: Mapping[str, pa.Array], positions: np.ndarray) -> np.ndarray:
        if self.keys.bound is None:
            return np.ones(len(positions), np.bool_)
        name, least = self.keys.bound
        dates = columns[name].take(pa.array(positions))
        return np.asarray(pc.fill_null(pc.greater_equal(dates, least), True))  # a row without a date is never too old

    def _batches(self, data_file: DataFile) -> Iterator[dict[str, pa.Array]]:
        """Yield the key's columns and the dated one, in the run's types; nothing of a file that lacks a part of the key."""
        names = self.files.names_by_field_id(data_file)
        if not names:
            raise FilesInconclusive(f"{data_file.path} names no field ids")
        here = {name: names.get(_field_id(column)) for name, column in self.keys.columns.items()}
        if any(here[name] is None for name in self.key):
            return  # the column came later: all of it is null
        present = {name: in_file for name, in_file in here.items() if in_file is not None}
        for columns in self.files.batches(data_file, [*present.values()]):
            typed = {
                name: column.cast(self.keys.columns[name].type) for name, column in zip(present, columns, strict=True)
            }
            rows = len(columns[0])
            yield {
                name: typed[name] if name in typed else pa.nulls(rows, column.type)
                for name, column in self.keys.columns.items()
            }


def _field_id(column: pa.Field) -> bytes:
    """Return the number that Iceberg knows a column by, whatever its name is.

    Raises:
        FilesInconclusive: it has none.
    """
    number = (column.metadata or {}).get(b"PARQUET:field_id")
    if number is None:
        raise FilesInconclusive(f"column {column.name} has no field id")
    return number


def _has_no_null(columns: Sequence[pa.Array]) -> np.ndarray:
    return reduce(and_, (np.asarray(pc.is_valid(column)) for column in columns))


def _least(scalars: Sequence[Any]) -> Any:
    return _end(scalars, "min")


def _greatest(scalars: Sequence[Any]) -> Any:
    return _end(scalars, "max")


def _end(scalars: Sequence[Any], which: str) -> Any:
    valid = [scalar for scalar in scalars if scalar.is_valid]
    return pc.min_max(pa.array(valid, valid[0].type))[which] if valid else None


def _column_range(name: str, low: Any, high: Any) -> ColumnRange | None:
    if low is None or (literal := _iceberg_literal(low)) is None:
        return None
    return ColumnRange(name, literal, _iceberg_literal(high))


def _days_before(scalar: Any, days: int) -> Any:
    """Return a date or time as many days earlier."""
    if pa.types.is_date32(scalar.type):
        return pa.scalar(scalar.value - days, pa.int32()).cast(scalar.type)
    return pa.scalar(scalar.value - days * UNITS_PER_DAY[scalar.type.unit], pa.int64()).cast(scalar.type)


def _iceberg_literal(scalar: Any) -> Any:
    """Return a value as Iceberg's literals take it; None for a type by which files are not chosen."""
    kind: Any = scalar.type
    if pa.types.is_date32(kind):
        return (EPOCH_DAY + timedelta(days=scalar.value)).isoformat()
    if pa.types.is_timestamp(kind):
        moment = EPOCH + timedelta(microseconds=scalar.value * 86_400_000_000 // UNITS_PER_DAY[kind.unit])
        return moment.isoformat() if kind.tz else moment.replace(tzinfo=None).isoformat()
    if pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_boolean(kind):
        return scalar.as_py()
    return str(scalar.as_py()) if pa.types.is_decimal(kind) else None
