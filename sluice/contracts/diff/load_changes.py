"""What changed in how rows come into the published table, and in how long they stay."""

from collections.abc import Iterator
from math import inf

from etl.contract.loads import KeepDays, UniqueWithin
from etl.contract.model import Contract
from sluice.contracts.diff.changes import CONSUMERS, LOOSENED, PRODUCERS, Change


def load_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield what changed in an output's load; of which a reader notices that rows leave, or that deletes are followed."""
    before, after = old.loading, new.loading
    if before != after:
        is_same_kind = before.kind is after.kind
        label = (
            PRODUCERS if is_same_kind else LOOSENED if after.replaces_rows and not before.replaces_rows else CONSUMERS
        )
        yield Change("load", f"{before.terms} → {after.terms}", "changed", label)
    if old.unique_within != new.unique_within:
        words = f"{_bound_words(old.unique_within)} → {_bound_words(new.unique_within)}"
        looks_less_far = _days_of(new.unique_within) < _days_of(old.unique_within)
        yield Change("unique_within", words, "changed", CONSUMERS if looks_less_far else PRODUCERS)
    if old.keep_days != new.keep_days:
        yield Change(
            "keep_days", f"{_bound_words(old.keep_days)} → {_bound_words(new.keep_days)}", "changed", CONSUMERS
        )


def _bound_words(bound: UniqueWithin | KeepDays | None) -> str:
    return f"{bound.days} days of {bound.column}" if bound else "without a bound"


def _days_of(bound: UniqueWithin | None) -> float:
    return bound.days if bound else inf
