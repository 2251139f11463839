"""What a copy of a snapshot changes of the published table: rows that are new, that differ, and that are gone from it.

Only these are written, on a branch of their own: a row that is as it was keeps its object, and tables that are built from
this one see no change where there is none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.sample_values import MAX_SAMPLES, format_samples
from etl.contract.structure_rules import StructureRule
from etl.contract.table_names import OBJECT, RAW_TEXT
from etl.gate import primary_key
from etl.gate.key_conflicts import StagedRows
from etl.iceberg.branch_guard import BranchGuard
from etl.iceberg.kept_rows import KeptRows
from etl.results.rule_result import RuleResult
from etl.results.structure_rules import structure_result
from etl.wording import count_noun

IN_TABLE, IN_COPY, TABLE_ROW, COPY_ROW = "_in_table", "_in_copy", "_table_row", "_copy_row"


@dataclass(frozen=True)
class KeysAside:
    """Which rows of the table must stay since the copy's were set aside.

    Attributes:
        keys: the keys of rows that were set aside, None for none.
        untold: how many rows were set aside whose key nobody can tell: any row of the table may be theirs.
    """

    keys: DataFrame | None = None
    untold: int = 0


def keys_aside(frames: Iterable[DataFrame], output: Contract) -> KeysAside:
    """Return which rows must stay for those in `frames`, which are set aside; takes a pass over their keys."""
    keys, untold = None, 0
    for frame in frames:
        if RAW_TEXT in frame.columns:  # lines that were not read as rows
            untold += frame.count()
            continue
        types = {column.name: column.type for column in output.columns}
        columns = (F.col(f"`{name}`").try_cast(types[name]).alias(name) for name in output.key)
        keys = frame.select(*columns).localCheckpoint()
        untold += keys.where(primary_key.is_null(output.key)).count()
    return KeysAside(keys, untold)


@dataclass(frozen=True)
class DifferenceCounts:
    """How many rows a copy changes.

    Attributes:
        published: rows that the table had.
        unchanged: rows of the copy that the table had, as they are.
        gone: rows of the table that the copy lacks, and that leave.
        kept: rows of the table that the copy lacks, and that stay since some were set aside whose key nobody can tell.
        leaving: rows of the table that leave, or that a row of the copy takes the place of.
    """

    published: int
    unchanged: int
    gone: int
    kept: int
    leaving: int


@dataclass(frozen=True)
class SnapshotDifference:
    """The difference between a table and a staged copy.

    Attributes:
        staged: the copy, beside all that is published.
        rows_staged: how many rows it has.
        output: the contract.
        aside: what must stay.
        is_whole: whether it is a whole copy; else some rows of one, and no other leaves.
        is_proven: whether the table's rows have today's key, each once; else all are written anew.
        branch: where the difference is written.
        summary: what its head says.
        kept: which rows the table keeps; older ones of the copy are left out. None where it keeps all.
        leaving_objects: objects whose rows are written anew, or leave, also where nothing in them differs.
    """

    staged: StagedRows
    rows_staged: int
    output: Contract
    aside: KeysAside
    is_whole: bool
    is_proven: bool
    branch: str
    summary: Mapping[str, str] = field(repr=False)
    kept: KeptRows | None = None
    leaving_objects: Sequence[str] = ()

    @cached_property
    def rows_expired(self) -> int:
        """How many rows of the copy are older than what the table keeps."""
        return self.staged.rows.where(self.kept.expired).count() if self.kept else 0

    @cached_property
    def counts(self) -> DifferenceCounts:
        """How many rows change: one pass over the table and the copy."""
        rows = self._differing.agg(
            F.count_if(F.col(IN_TABLE)).alias("table"),
            F.count_if(F.col(IN_COPY)).alias("copy"),
            F.count_if(F.col(IN_TABLE) & ~F.col(IN_COPY)).alias("gone"),
        ).collect()[0]
        unchanged = self.rows_staged - self.rows_expired - rows["copy"] if self.is_proven else 0
        gone = self._gone.count() if rows["gone"] and self._lets_rows_leave else 0
        kept = rows["gone"] if self.is_whole and self.aside.untold else 0
        return DifferenceCounts(rows["table"] + unchanged, unchanged, gone, kept, gone + rows["table"] - rows["gone"])

    def judge_gone(self) -> list[RuleResult]:
        """Return whether no more rows leave than `max_gone` allows; nothing of rows that are not a whole copy."""
        if not self.is_whole:
            return []
        allowed, counts = self.output.loading.max_gone, self.counts
        is_kept = counts.gone <= allowed * counts.published
        samples = () if is_kept else self._gone_samples(allowed)
        result = structure_result(self.output.dataset, StructureRule.GONE, 0 if is_kept else counts.gone, samples)
        return [result.judging(counts.published)]

    def write(self, guard: BranchGuard) -> None:
        """Write the difference on its branch; there is a commit, which names the ledger, also where nothing differs.

        Raises:
            Superseded: the branch was made on anything but the snapshot that the guard knows.
        """
        table, counts = self.staged.table, self.counts
        if counts.leaving:
            leaving = self._differing.where(F.col(IN_TABLE) & F.col(IN_COPY)).select(*self._key)
            leaving = leaving.unionByName(self._gone.select(*self._key)) if counts.gone else leaving
            table.delete_rows(self.branch, leaving, self.staged.key, null_safe=not self.is_proven)
            guard.follow_write()
        rows = self._copy
        if counts.unchanged:
            new_keys = self._differing.where(IN_COPY).select(*self._key)
            rows = rows.join(new_keys, list(self.staged.key), "left_semi")
        table.stage_rows(rows, self.branch, self.staged.run_id, self.summary)
        guard.follow_write()

    def judge_key(self) -> list[RuleResult]:
        """Return whether all rows have the key, each once, where they were not proven by it: after the write."""
        if self.is_proven:
            return []
        written = StagedRows(self.staged.table, self.branch, self.staged.run_id, self.staged.key)
        return [primary_key.check_table(self.output.dataset, written, self.output.masking)]

    @property
    def _copy(self) -> DataFrame:
        """The rows of the copy that the table keeps."""
        return self.staged.rows.where(self.kept.unexpired) if self.kept else self.staged.rows

    @property
    def _key(self) -> list[Column]:
        return [F.col(f"`{name}`") for name in self.staged.key]

    @property
    def _lets_rows_leave(self) -> bool:
        return self.is_whole and not self.aside.untold

    @cached_property
    def _differing(self) -> DataFrame:
        """The keys of rows that only one side has, or that differ, and which side has them; kept, since it is read again."""
        stays = ~F.col(OBJECT).isin(*self.leaving_objects) if self.leaving_objects else F.lit(True)
        table_rows = self._side(self.staged.table.read_branch("main"), TABLE_ROW, stays)
        copy_rows = self._side(self._copy, COPY_ROW, F.lit(True))
        both = table_rows.join(copy_rows, list(self.staged.key), "full_outer")
        differing = both.where(~F.col(TABLE_ROW).eqNullSafe(F.col(COPY_ROW))) if self.is_proven else both
        return differing.select(
            *self._key, F.col(TABLE_ROW).isNotNull().alias(IN_TABLE), F.col(COPY_ROW).isNotNull().alias(IN_COPY)
        ).localCheckpoint()

    def _side(self, rows: DataFrame, name: str, stays: Column) -> DataFrame:
        others = [F.col(f"`{column}`") for column in self.output.names if column not in self.staged.key]
        return rows.select(*self._key, F.struct(*others, stays.alias("_there")).alias(name))

    @cached_property
    def _gone(self) -> DataFrame:
        """The keys of the table's rows that the copy lacks, and none of whose rows were set aside."""
        gone = self._differing.where(F.col(IN_TABLE) & ~F.col(IN_COPY))
        return gone if self.aside.keys is None else gone.join(self.aside.keys, list(self.staged.key), "left_anti")

    def _gone_samples(self, allowed: float) -> tuple[str | None, ...]:
        counts, key = self.counts, self.staged.key
        rows = self._gone.select(*self._key).limit(MAX_SAMPLES - 1).collect()
        share = f"{counts.gone:,} of {count_noun(counts.published, 'row')} would leave, allowed are {allowed:.0%}"
        return format_samples([share, *(self.output.masking.mask_key([*row], key) for row in rows)])
