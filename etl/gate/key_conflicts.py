"""Keys that rows of this run share with rows of other objects: a violation, or the row of the newer object wins.

Only files whose key range meets this run's are read (Iceberg prunes by its column statistics), so the work follows what is
touched: a day with keys of its own reads nothing of the days before. Of these files the keys alone are read first, beside
Spark, since most days share none (`onepass.key_lookup`); where one may be shared, Spark says which.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.loads import UniqueWithin
from etl.contract.masking import Masking
from etl.contract.sample_values import MAX_SAMPLES, format_samples
from etl.contract.severity import Severity
from etl.contract.table_names import OBJECT, RUN, VERSION
from etl.gate.onepass.staged_metrics import falling_back_to_spark
from etl.iceberg.manifests import files_in_ranges
from etl.iceberg.table import Table
from etl.ledger.tombstones import NewTombstones
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.results.rule_state import COMPUTED, RuleState
from etl.results.verdict import Verdict

if TYPE_CHECKING:
    from etl.gate.onepass.data_files import Files

EARLIEST = "_earliest"


@dataclass(frozen=True)
class StagedRows:
    """What a run staged.

    Attributes:
        table, branch, run_id: where the rows are, and which run wrote them.
        key: the contract's key columns.
        unique_within: how far back a key is looked for; None for everywhere.
        files: returns the data files that the run wrote; None where these are not at hand.
        masking: says what a warning may quote.
    """

    table: Table
    branch: str
    run_id: str
    key: tuple[str, ...]
    unique_within: UniqueWithin | None = None
    files: "Callable[[], Files] | None" = None
    masking: Masking = field(default_factory=Masking)

    @property
    def rows(self) -> DataFrame:
        """The rows that the run wrote, read back."""
        return self.table.staged_rows(self.branch, self.run_id)

    def rows_in_key_range(self) -> DataFrame | None:
        """Return every row of the branch whose key may be one of the run's, by the range of these; None without rows."""
        ends = [
            function(name).alias(f"{bound}{position}")
            for position, name in enumerate(self.key)
            for bound, function in BOUNDS.items()
        ]
        key_range = self.rows.agg(*ends).collect()[0]
        if key_range["low0"] is None:
            return None
        candidates = self.table.read_branch(self.branch).where(
            reduce(and_, (self._in_key_range(key_range, position) for position in range(len(self.key))))
        )
        return candidates if self.unique_within is None else self._recent_rows(candidates, self.unique_within)

    def _recent_rows(self, candidates: DataFrame, unique_within: UniqueWithin) -> DataFrame:
        """Leave out rows that are too old to be looked at; those without a date are looked at."""
        column = F.col(f"`{unique_within.column}`")
        earliest = F.min(column) - F.expr(f"INTERVAL {unique_within.days} DAYS")
        least = self.rows.agg(earliest.cast("string").alias(EARLIEST)).collect()[0][EARLIEST]
        if least is None:
            return candidates
        kind = candidates.schema[unique_within.column].dataType
        return candidates.where(column.isNull() | (column >= F.lit(least).cast(kind)))

    def has_new_keys(self, alone: bool = False) -> bool:
        """Return True where no earlier row has a key of the run, by the data files; False where one may have.

        Args:
            alone: whether no two rows of the run may have the same key either.
        """
        if self.files is not None:
            with falling_back_to_spark("keys are looked for", self.masking):
                from etl.gate.onepass.key_lookup import KeyLookup  # noqa: PLC0415  # PyArrow may be missing

                plan = partial(files_in_ranges, self.table.spark, self.table.name, self.branch)
                return KeyLookup(self.files(), self.key, self.unique_within, plan).shows_new_keys(alone)
        return False

    def _in_key_range(self, key_range: Any, position: int) -> Column:
        return F.col(f"`{self.key[position]}`").between(key_range[f"low{position}"], key_range[f"high{position}"])

    @property
    def keys(self) -> DataFrame:
        """The keys of the run's rows."""
        return self.rows.select(*(f"`{name}`" for name in self.key))


BOUNDS = {"low": F.min, "high": F.max}


def judge_earlier_keys(staged: StagedRows, rule: RuleResult, masking: Masking) -> RuleResult:
    """Return the key rule's result, broken where the table holds a key already; the samples name the earlier objects.

    Its why says how far back was looked, where that is not everywhere.
    """
    if staged.unique_within:
        rule = replace(rule, why=f"{rule.why} Keys were looked for among {staged.unique_within.terms}.".lstrip())
    earlier = find_earlier_rows(staged)
    sample_rows = earlier.limit(MAX_SAMPLES).collect() if earlier is not None else []
    if earlier is None or not sample_rows:
        return rule
    origins = {
        describe_clash(row[:-2], row[OBJECT], staged.key, masking): Origin(row[OBJECT], row[VERSION])
        for row in sample_rows
    }
    also = (*rule.also, *(origin for text, origin in origins.items() if text not in rule.samples))
    samples = format_samples([*rule.samples, *origins])
    unexpected = rule.unexpected + earlier.count()
    broken = replace(rule, severity=Severity.CRITICAL, state=RuleState.BROKEN, unexpected=unexpected, way=COMPUTED)
    return replace(broken, samples=samples, also=also)


def find_earlier_rows(staged: StagedRows) -> DataFrame | None:
    """Return the earlier rows that have keys of the run: the key's columns, `_object` and `_version`; None for no rows."""
    if staged.has_new_keys():
        return None
    candidates = staged.rows_in_key_range()
    if candidates is None:
        return None
    earlier = candidates.where(F.col(RUN) != staged.run_id).join(staged.keys, list(staged.key), "left_semi")
    return earlier.select(*(f"`{name}`" for name in staged.key), OBJECT, VERSION)


def describe_clash(values: Sequence[Any], object_key: str, key: Sequence[str], masking: Masking) -> str:
    """Return what is shown of a key that the table holds already."""
    return f"{masking.mask_key(values, key)} is in {object_key} already"


def key_holders(staged: StagedRows) -> frozenset[str]:
    """Return the objects that the table holds keys of the run from; takes a pass over the keys in their range."""
    earlier = find_earlier_rows(staged)
    if earlier is None:
        return frozenset()
    return frozenset(row[OBJECT] for row in earlier.select(OBJECT).distinct().collect())


@dataclass(frozen=True)
class ConflictResolution:
    """What newer rows replaced.

    Attributes:
        rows_replaced: how many rows of this run a newer one replaced.
        replaced_objects: by object those whose rows it won over.
        rows_removed: how many rows that the run staged are gone from its branch for that.
        branch_written: whether rows were deleted on the branch.
        rows_deleted: of changes, how many deletes are the last change of their key.
        rows_late: of changes, how many are older than what the table, or a tombstone, has of their key.
        results: of the rules that only a look at the table's rows tells.
        tombstones: of changes, what becomes of deleted keys; None where nothing does.
    """

    rows_replaced: int = 0
    replaced_objects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows_removed: int = 0
    branch_written: bool = False
    rows_deleted: int = 0
    rows_late: int = 0
    results: tuple[RuleResult, ...] = ()
    tombstones: NewTombstones | None = None

    def record_in(self, verdict: Verdict) -> None:
        """Write how many rows it is about into a verdict."""
        verdict.rows_replaced, verdict.rows_deleted = self.rows_replaced, self.rows_deleted
        verdict.rows_late = self.rows_late


def resolve_conflicts(
    staged: StagedRows, put_times: Callable[[Iterable[str]], Mapping[str, str]], summary: Mapping[str, str]
) -> ConflictResolution:
    """Remove, on the branch, each row whose key a newer object has too; rows of one object are left to the key rule.

    Args:
        staged: what this run staged.
        put_times: tells when objects were put (UTC, ISO text); one that is missing is older than any.
        summary: what the branch's head says, to be carried to the head after it.
    """
    candidates = None if staged.has_new_keys(alone=True) else staged.rows_in_key_range()
    if candidates is None:
        return ConflictResolution()
    key = [f"`{name}`" for name in staged.key]
    shared = candidates.join(staged.keys.distinct(), list(staged.key), "left_semi").select(*key, OBJECT, RUN)
    several = shared.groupBy(*key).agg(F.collect_set(OBJECT).alias("objects")).where(F.size("objects") > 1)
    sets = [
        sorted(row["objects"]) for row in several.select(F.array_sort("objects").alias("objects")).distinct().collect()
    ]
    if not sets:
        return ConflictResolution()
    object_keys = {object_key for objects in sets for object_key in objects}
    times = put_times(object_keys)
    ordered = sorted(object_keys, key=lambda object_key: (times.get(object_key, ""), object_key))
    rank = F.create_map(
        *(F.lit(part) for position, object_key in enumerate(ordered) for part in (object_key, position))
    )
    newest = F.array_max(F.transform("objects", lambda object_key: rank[object_key]))
    losers = shared.join(several, list(staged.key)).where(rank[F.col(OBJECT)] < newest)
    # Kept, since the deletion below reads the same branch.
    losers = losers.select(*key, OBJECT, RUN).distinct().localCheckpoint()
    rows_replaced = losers.where(F.col(RUN) == staged.run_id).count()
    staged.table.delete_rows(staged.branch, losers, (*staged.key, OBJECT), summary)
    return ConflictResolution(rows_replaced, _replaced_objects(sets, ordered), rows_replaced, branch_written=True)


def _replaced_objects(sets: list[list[str]], ordered: list[str]) -> dict[str, tuple[str, ...]]:
    replaced: dict[str, set[str]] = {}
    for objects in sets:
        winner = max(objects, key=ordered.index)
        replaced.setdefault(winner, set()).update(object_key for object_key in objects if object_key != winner)
    return {winner: tuple(sorted(lost)) for winner, lost in replaced.items()}
