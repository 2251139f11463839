"""Keys that rows of this run share with rows of other objects: a violation, or the row of the newer object wins.

Only files whose key range meets this run's are read (Iceberg prunes by its column statistics), so the work follows what is
touched: a day with keys of its own reads nothing of the days before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.masking import Masking
from etl.contract.sample_values import SAMPLES, shown
from etl.contract.table_names import OBJECT, RUN, VERSION
from etl.iceberg.table import Table
from etl.results.row_origin import Origin
from etl.results.verdict import COMPUTED, RuleResult, RuleState


@dataclass(frozen=True)
class Staged:
    """What a run staged: the table, the branch, the run, and the contract's key columns."""

    table: Table
    branch: str
    run_id: str
    key: tuple[str, ...]

    @property
    def rows(self) -> DataFrame:
        """The rows that the run wrote, read back."""
        return self.table.staged(self.branch, self.run_id)

    def meeting(self) -> DataFrame | None:
        """Return every row of the branch whose key may be one of the run's, by the range of these; None without rows."""
        ends = [end(name).alias(f"{place}{at}") for at, name in enumerate(self.key) for place, end in ENDS.items()]
        found = self.rows.agg(*ends).collect()[0]
        if found["low0"] is None:
            return None
        return self.table.on(self.branch).where(reduce(and_, (self._within(found, at) for at in range(len(self.key)))))

    def _within(self, found: Any, at: int) -> Column:
        return F.col(f"`{self.key[at]}`").between(found[f"low{at}"], found[f"high{at}"])

    @property
    def keys(self) -> DataFrame:
        """The keys of the run's rows."""
        return self.rows.select(*(f"`{name}`" for name in self.key))


ENDS = {"low": F.min, "high": F.max}


def refused(staged: Staged, rule: RuleResult, masking: Masking) -> RuleResult:
    """Return the key rule's result, broken where the table holds a key already; the samples name the earlier objects."""
    earlier = clashes(staged)
    found = earlier.limit(SAMPLES).collect() if earlier is not None else []
    if earlier is None or not found:
        return rule
    told = {clash(row[:-2], row[OBJECT], staged.key, masking): Origin(row[OBJECT], row[VERSION]) for row in found}
    also = (*rule.also, *(origin for text, origin in told.items() if text not in rule.samples))
    samples = shown([*rule.samples, *told])
    unexpected = rule.unexpected + earlier.count()
    broken = replace(rule, severity="critical", state=RuleState.BROKEN, unexpected=unexpected, way=COMPUTED)
    return replace(broken, samples=samples, also=also)


def clashes(staged: Staged) -> DataFrame | None:
    """Return the earlier rows that have keys of the run: the key's columns, `_object` and `_version`; None for no rows."""
    meeting = staged.meeting()
    if meeting is None:
        return None
    earlier = meeting.where(F.col(RUN) != staged.run_id).join(staged.keys, list(staged.key), "left_semi")
    return earlier.select(*(f"`{name}`" for name in staged.key), OBJECT, VERSION)


def clash(values: Sequence[Any], object_key: str, key: Sequence[str], masking: Masking) -> str:
    """Return what is shown of a key that the table holds already."""
    return f"{masking.key(values, key)} is in {object_key} already"


def holders(staged: Staged) -> frozenset[str]:
    """Return the objects that the table holds keys of the run from; takes a pass over the keys in their range."""
    earlier = clashes(staged)
    if earlier is None:
        return frozenset()
    return frozenset(row[OBJECT] for row in earlier.select(OBJECT).distinct().collect())


@dataclass(frozen=True)
class Settled:
    """What the newer object's row replaced: `own` rows of this run, and by object those whose rows it won over."""

    own: int = 0
    over: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def settled(staged: Staged, put: Callable[[Iterable[str]], Mapping[str, str]], summary: Mapping[str, str]) -> Settled:
    """Remove, on the branch, each row whose key a newer object has too; rows of one object are left to the key rule.

    Args:
        staged: what this run staged.
        put: tells when objects were put (UTC, ISO text); one that is missing is older than any.
        summary: what the branch's head says, to be carried to the head after it.
    """
    meeting = staged.meeting()
    if meeting is None:
        return Settled()
    key = [f"`{name}`" for name in staged.key]
    shared = meeting.join(staged.keys.distinct(), list(staged.key), "left_semi").select(*key, OBJECT, RUN)
    several = shared.groupBy(*key).agg(F.collect_set(OBJECT).alias("objects")).where(F.size("objects") > 1)
    sets = [
        sorted(row["objects"]) for row in several.select(F.array_sort("objects").alias("objects")).distinct().collect()
    ]
    if not sets:
        return Settled()
    every = {one for objects in sets for one in objects}
    times = put(every)
    ordered = sorted(every, key=lambda one: (times.get(one, ""), one))
    rank = F.create_map(*(F.lit(part) for at, one in enumerate(ordered) for part in (one, at)))
    newest = F.array_max(F.transform("objects", lambda one: rank[one]))
    losers = shared.join(several, list(staged.key)).where(rank[F.col(OBJECT)] < newest)
    # Kept, since the deletion below reads the same branch.
    losers = losers.select(*key, OBJECT, RUN).distinct().localCheckpoint()
    own = losers.where(F.col(RUN) == staged.run_id).count()
    staged.table.remove(staged.branch, losers, (*staged.key, OBJECT), summary)
    return Settled(own, _over(sets, ordered))


def _over(sets: list[list[str]], ordered: list[str]) -> dict[str, tuple[str, ...]]:
    over: dict[str, set[str]] = {}
    for objects in sets:
        winner = max(objects, key=ordered.index)
        over.setdefault(winner, set()).update(one for one in objects if one != winner)
    return {winner: tuple(sorted(lost)) for winner, lost in over.items()}
