"""Inserts, updates and deletes of one run, held against what the table and its tombstones have: the latest of a key wins.

Later is what the order of the output's load says, whatever object a change came in and whenever it was put. All changes of a
key stand in one window: those of the run, the published row, the tombstone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.sample_values import MAX_SAMPLES, format_samples
from etl.contract.severity import Severity
from etl.contract.structure_rules import StructureRule
from etl.contract.table_names import OBJECT, RUN, VERSION
from etl.gate.key_conflicts import BOUNDS, ConflictResolution, StagedRows
from etl.ledger.tombstones import NewTombstones, Tombstones
from etl.results.rule_result import RuleResult
from etl.results.structure_rules import structure_result
from etl.sources.operations import CHANGE, ChangeKind

OF_RUN, OF_TABLE, OF_TOMBSTONES = "run", "table", "tombstones"  # in this order of one order
PLACE, ORDER, LAST = "_place", "_order", "_last"
MAX_BROADCAST = 1_000_000  # keys that each task may hold, of a few dozen bytes each


@dataclass(frozen=True)
class ChangeCounts:
    """What became of a run's changes, beside the rows that are published.

    Attributes:
        deleted: how many deletes are the last change of their key.
        replaced: how many changes a later one of the run replaced.
        late: how many are older than what the table, or a tombstone, has of their key.
        rows_removed: how many rows that were staged are no last change.
        unmatched: how many updates and deletes are of a key that was not there.
        clashing: how many have the order of another change of their key.
        lacking: how many lack a part of their key or their order.
        outdated: how many published rows and staged ones have to go.
        undone: how many tombstones count no longer.
    """

    deleted: int = 0
    replaced: int = 0
    late: int = 0
    rows_removed: int = 0
    unmatched: int = 0
    clashing: int = 0
    lacking: int = 0
    outdated: int = 0
    undone: int = 0


@dataclass(frozen=True)
class ChangeResolver:
    """The changes of a run and what they meet.

    Attributes:
        staged: the inserts and updates, on the branch beside all that is published.
        output: the contract; its load has the order.
        changes: all changes: key, order, CHANGE, OBJECT and VERSION; kept, so that each look at them sees the same.
        number: how many they are.
        tombstones: the deleted keys.
        corrected: objects that are read again: what their deletes left counts no longer.
        summary: what the branch's head says, to be carried to a head after it.
        are_inserts: whether all changes are inserts, and are the staged rows.
    """

    staged: StagedRows
    output: Contract
    changes: DataFrame
    number: int
    tombstones: Tombstones
    corrected: Sequence[str]
    summary: Mapping[str, str]
    are_inserts: bool = False

    def resolve(self) -> ConflictResolution:
        """Remove, on the branch, what is not the last change of its key; where a rule is broken nothing is removed."""
        counts = self._counts
        results = (*self._order_results(), self._unmatched_result())
        if results[0].broken:
            return ConflictResolution(results=results)
        if counts.outdated:
            outdated = self._windowed.where(self._is_outdated).select(*self._quoted_names, RUN)
            table, branch = self.staged.table, self.staged.branch
            table.delete_rows(branch, outdated, (*self._names, RUN), self.summary, null_safe=True)
        return ConflictResolution(
            counts.replaced,
            {} if self._meets_nothing else self._replaced_objects(),
            counts.rows_removed,
            branch_written=counts.outdated > 0,
            rows_deleted=counts.deleted,
            rows_late=counts.late,
            results=results,
            tombstones=self._new_tombstones(),
        )

    @property
    def _order_names(self) -> tuple[str, ...]:
        return tuple(name for name in self.output.loading.order if name not in self.staged.key)

    @property
    def _names(self) -> tuple[str, ...]:
        return (*self.staged.key, *self._order_names)

    @property
    def _quoted_names(self) -> list[str]:
        return [f"`{name}`" for name in self._names]

    @property
    def _key(self) -> list[str]:
        return [f"`{name}`" for name in self.staged.key]

    @cached_property
    def _windowed(self) -> DataFrame:
        """All changes of the run's keys, each with what came before it and what is the last of its key; kept."""
        order = F.struct(*(F.col(f"`{name}`") for name in self.output.loading.order))
        # Of one order the run's comes first: an object that is read again, whose rows are there, is late.
        ordered = Window.partitionBy(*self._key).orderBy(F.asc_nulls_first(ORDER), F.asc(PLACE))
        same_order = F.coalesce(F.lag(ORDER).over(ordered) == F.col(ORDER), F.lit(False))
        reread = ~self._is_of_run & (F.lag(OBJECT).over(ordered) == F.col(OBJECT))
        whole = ordered.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
        events = self._events().withColumn(ORDER, order)
        return (
            events.withColumns(
                {
                    "_same": same_order & ~F.coalesce(reread, F.lit(False)),
                    "_earlier": F.lag(CHANGE).over(ordered),
                    LAST: F.lead(F.lit(1)).over(ordered).isNull(),
                    "_place_won": F.last(PLACE).over(whole),
                    "_object_won": F.last(OBJECT).over(whole),
                    "_earlier_object": F.lag(OBJECT).over(ordered),
                }
            )
            .drop(ORDER)
            .localCheckpoint()
        )

    def _events(self) -> DataFrame:
        columns = [*self._quoted_names, CHANGE, OBJECT, VERSION, RUN, PLACE]
        of_run = {RUN: F.lit(self.staged.run_id), PLACE: F.lit(OF_RUN)}
        events = self.changes.withColumns(of_run).select(*columns)
        keys = self.changes.select(*self._key).distinct()
        keys = F.broadcast(keys) if self.number <= MAX_BROADCAST else keys
        for rows, kind, place in (
            (self._published_rows(), ChangeKind.INSERT, OF_TABLE),
            (self.tombstones.counting(self.corrected), ChangeKind.DELETE, OF_TOMBSTONES),
        ):
            if rows is not None:
                met = rows.join(keys, list(self.staged.key), "left_semi")
                met = met.withColumns({CHANGE: F.lit(kind), PLACE: F.lit(place)})
                events = events.unionByName(met.select(*columns))
        return events

    def _published_rows(self) -> DataFrame | None:
        """Return the rows of earlier runs whose key is within the range of the run's; None for no change with a key."""
        key = self.staged.key
        ends = [
            end(f"`{name}`").alias(f"{bound}{position}")
            for position, name in enumerate(key)
            for bound, end in BOUNDS.items()
        ]
        bounds = self.changes.agg(*ends).collect()[0]
        if bounds["low0"] is None:
            return None
        rows = self.staged.table.read_branch(self.staged.branch).where(F.col(RUN) != self.staged.run_id)
        for position, name in enumerate(key):
            rows = rows.where(F.col(f"`{name}`").between(bounds[f"low{position}"], bounds[f"high{position}"]))
        return rows

    @property
    def _is_of_run(self) -> Column:
        return F.col(PLACE) == OF_RUN

    @property
    def _run_won(self) -> Column:
        return F.col("_place_won") == OF_RUN

    @property
    def _is_staged(self) -> Column:
        return self._is_of_run & (F.col(CHANGE) != ChangeKind.DELETE)

    @property
    def _is_outdated(self) -> Column:
        """Where a published or staged row is not the last change of its key."""
        return (self._is_staged | (F.col(PLACE) == OF_TABLE)) & ~F.col(LAST)

    @property
    def _is_unmatched(self) -> Column:
        was_there = F.col("_earlier").isNotNull() & (F.col("_earlier") != ChangeKind.DELETE)
        return self._is_of_run & self._run_won & (F.col(CHANGE) != ChangeKind.INSERT) & ~was_there

    @property
    def _is_lacking(self) -> Column:
        return self._is_of_run & reduce(or_, (F.col(name).isNull() for name in self._quoted_names))

    @property
    def _is_undone(self) -> Column:
        return (F.col(PLACE) == OF_TOMBSTONES) & self._run_won

    @cached_property
    def _meets_nothing(self) -> bool:
        """Whether the run is a first copy, or like one: inserts of keys that are nowhere, each once, and none was deleted."""
        if not self.are_inserts or self.tombstones.snapshot:
            return False
        lacks_part = reduce(or_, (F.col(name).isNull() for name in self._quoted_names))
        return self.staged.has_new_keys(alone=True) and self.staged.rows.where(lacks_part).isEmpty()

    @cached_property
    def _counts(self) -> ChangeCounts:
        if self._meets_nothing:
            return ChangeCounts()
        is_delete = F.col(CHANGE) == ChangeKind.DELETE
        marks = {
            "deleted": self._is_of_run & is_delete & F.col(LAST),
            "replaced": self._is_of_run & self._run_won & ~F.col(LAST),
            "late": self._is_of_run & ~self._run_won,
            "rows_removed": self._is_staged & ~F.col(LAST),
            "unmatched": self._is_unmatched,
            "clashing": F.col("_same"),
            "lacking": self._is_lacking,
            "outdated": self._is_outdated,
            "undone": self._is_undone,
        }
        counts = self._windowed.agg(*(F.count_if(mark).alias(name) for name, mark in marks.items())).collect()[0]
        return ChangeCounts(**counts.asDict())

    def _order_results(self) -> tuple[RuleResult]:
        """Return whether each change has a key and an order, and no two of a key the same."""
        dataset, broken = self.output.dataset, self._counts.lacking + self._counts.clashing
        samples: list[str] = []
        if self._counts.lacking:
            rows = self._windowed.where(self._is_lacking).limit(MAX_SAMPLES).collect()
            samples += [f"{self._shown(row)} in {row[OBJECT]}: a part is missing" for row in rows]
        if self._counts.clashing:
            rows = self._windowed.where("_same").limit(MAX_SAMPLES).collect()
            samples += [f"{self._shown(row)} in {_objects_of(row)}" for row in rows]
        result = structure_result(dataset, StructureRule.ORDER, broken, format_samples(samples[:MAX_SAMPLES]))
        return (result.judging(self.number),)

    def _unmatched_result(self) -> RuleResult:
        """Return whether each update and delete is of a key that was there."""
        samples: list[str] = []
        if self._counts.unmatched:
            rows = self._windowed.where(self._is_unmatched).limit(MAX_SAMPLES).collect()
            samples = [f"{row[CHANGE]} of {self._shown(row)} in {row[OBJECT]}" for row in rows]
        result = structure_result(
            self.output.dataset, StructureRule.UNMATCHED, self._counts.unmatched, format_samples(samples)
        )
        return replace(result, severity=Severity.INFO).judging(self.number)

    def _shown(self, row: Any) -> str:
        """Return a change's key and order as a sample shows them."""
        return str(self.output.masking.mask_key([row[name] for name in self._names], self._names))

    def _replaced_objects(self) -> dict[str, tuple[str, ...]]:
        """Return by object those whose changes it won over: they are read again with it."""
        others = self._windowed.where(F.col(OBJECT) != F.col("_object_won")).select("_object_won", OBJECT)
        replaced: dict[str, set[str]] = {}
        for row in others.distinct().collect():
            replaced.setdefault(row["_object_won"], set()).add(row[OBJECT])
        return {winner: tuple(sorted(lost)) for winner, lost in replaced.items()}

    def _new_tombstones(self) -> NewTombstones | None:
        """Return what becomes of deleted keys; None where nothing does."""
        has_dropped = self._counts.undone > 0 or self.tombstones.has_dropped(self.corrected)
        if not self._counts.deleted and not has_dropped:
            return None
        is_added = self._is_of_run & F.col(LAST) & (F.col(CHANGE) == ChangeKind.DELETE)
        kept, counting = None, self.tombstones.counting(self.corrected)
        if has_dropped and counting is not None:
            undone = self._windowed.where(self._is_undone).select(*self._key)
            kept = counting.join(undone, list(self.staged.key), "left_anti").localCheckpoint()
        return NewTombstones(self.tombstones, self._windowed.where(is_added), kept)


def _objects_of(row: Any) -> str:
    return " and ".join(dict.fromkeys((row["_earlier_object"], row[OBJECT])))
