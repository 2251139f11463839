"""What staged rows do to those that the table has, by the output's load: nothing, or they take the place of some."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from etl.contract.loads import LoadKind
from etl.contract.model import Contract
from etl.gate import key_conflicts
from etl.gate.key_conflicts import ConflictResolution, StagedRows


@dataclass(frozen=True)
class LoadedDay:
    """What a run staged, as a load sees it.

    Attributes:
        staged: its rows, on the branch beside all that is published.
        output: the contract that they were judged by.
        put_times: tells when objects were put (UTC, ISO text); one that is missing is older than any.
        summary: what the branch's head says, to be carried to a head after it.
    """

    staged: StagedRows
    output: Contract
    put_times: Callable[[Iterable[str]], Mapping[str, str]]
    summary: Mapping[str, str]


def resolver_of(kind: LoadKind) -> Callable[[LoadedDay], ConflictResolution]:
    """Return what lets staged rows take the place of others, on the branch, before they are judged."""
    match kind:
        case LoadKind.APPEND:
            return _resolve_nothing
        case LoadKind.UPSERT:
            return _resolve_upsert
        case LoadKind.SNAPSHOT:
            return _resolve_later
        case LoadKind.CHANGES:
            return _resolve_later
        case _:
            assert_never(kind)


def _resolve_nothing(_day: LoadedDay) -> ConflictResolution:
    return ConflictResolution()


def _resolve_upsert(day: LoadedDay) -> ConflictResolution:
    return key_conflicts.resolve_conflicts(day.staged, day.put_times, day.summary)


def _resolve_later(day: LoadedDay) -> ConflictResolution:
    raise NotImplementedError(f"load {day.output.loading.kind}")
