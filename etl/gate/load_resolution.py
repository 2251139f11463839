"""What staged rows do to those that the table has, by the output's load: nothing, or they take the place of some."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from etl.contract.loads import LoadKind
from etl.contract.model import Contract
from etl.gate import key_conflicts, primary_key
from etl.gate.change_resolution import ChangeResolver
from etl.gate.expired_rows import kept_rows_of
from etl.gate.key_conflicts import ConflictResolution, StagedRows
from etl.gate.run_changes import RunChanges
from etl.gate.snapshot_difference import KeysAside, SnapshotDifference
from etl.iceberg.current_snapshot import Head
from etl.runtime.branch_names import difference_branch


@dataclass(frozen=True)
class LoadedDay:
    """What a run staged, as a load sees it.

    Attributes:
        staged: its rows, on the branch beside all that is published.
        output: the contract that they were judged by.
        put_times: tells when objects were put (UTC, ISO text); one that is missing is older than any.
        summary: what the branch's head says, to be carried to a head after it.
        rows_staged: how many rows were staged.
        head_before: what readers see.
        aside: which rows must stay, since what would take their place was set aside.
        is_whole: whether the rows are whole objects; those that were set aside are not.
        corrected: objects that are read again: what they did before counts no longer.
        changes: of a load of changes, what the run read; None of others.
        leaving_objects: objects that are withdrawn: none of their rows stays.
    """

    staged: StagedRows
    output: Contract
    put_times: Callable[[Iterable[str]], Mapping[str, str]]
    summary: Mapping[str, str]
    rows_staged: int
    head_before: Head
    aside: KeysAside
    is_whole: bool
    corrected: Sequence[str] = ()
    changes: RunChanges | None = None
    leaving_objects: Sequence[str] = ()


def resolver_of(kind: LoadKind) -> Callable[[LoadedDay], ConflictResolution]:
    """Return what lets staged rows take the place of others, on the branch, before they are judged."""
    match kind:
        case LoadKind.APPEND | LoadKind.SNAPSHOT:
            return _resolve_nothing
        case LoadKind.UPSERT:
            return _resolve_upsert
        case LoadKind.CHANGES:
            return _resolve_changes
        case _:
            assert_never(kind)


def _resolve_nothing(_day: LoadedDay) -> ConflictResolution:
    return ConflictResolution()


def _resolve_upsert(day: LoadedDay) -> ConflictResolution:
    return key_conflicts.resolve_conflicts(day.staged, day.put_times, day.summary)


def difference_of(day: LoadedDay) -> SnapshotDifference | None:
    """Return what a copy of a snapshot changes, which is published in the place of what was staged and judged.

    None where all that is staged is published: under other loads, and of a first copy.
    """
    if day.output.loading.kind is not LoadKind.SNAPSHOT or day.head_before.snapshot is None:
        return None
    return SnapshotDifference(
        day.staged,
        day.rows_staged,
        day.output,
        day.aside,
        day.is_whole,
        primary_key.is_proven(day.head_before, day.output.key),
        difference_branch(day.staged.run_id),
        day.summary,
        kept_rows_of(day.output, day.head_before),
        day.leaving_objects,
    )


def _resolve_changes(day: LoadedDay) -> ConflictResolution:
    if day.changes is None:
        raise RuntimeError(f"the changes of {day.output.dataset} were not read: report this")
    changes = day.changes
    resolver = ChangeResolver(
        *(day.staged, day.output, changes.rows, changes.number, changes.tombstones, day.corrected, day.summary),
        are_inserts=changes.are_inserts,
    )
    return resolver.resolve()


def _resolve_later(day: LoadedDay) -> ConflictResolution:
    raise NotImplementedError(f"load {day.output.loading.kind}")
