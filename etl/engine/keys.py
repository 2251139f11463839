"""Whether a key is unique among the rows that were written, by 64-bit hashes: hashes that all differ prove it.

The key's columns of a day that is not very large are read from its data files and sorted in the driver, in memory that `FEW`
bounds. A larger one stays where it is and is counted by Theta sketches, one for each share of the hashes: a sketch of fewer
values than its nominal size holds every one of them and is exact (Apache DataSketches, Theta Sketch Framework: exact mode). A
grouping by hash, whose every row is a group, takes twice as long as these.
"""

import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from etl.engine.files import Files

FEW = 1 << 25  # rows whose hashes the driver sorts: 256 MiB
SHARES = 4  # bits of the hash that choose a sketch: 16 sketches
MOST = 22  # a sketch holds 2 ** 22 hashes; Spark takes up to 26


@dataclass(frozen=True)
class Written:
    """What a run wrote: how many rows, read back by Spark as `rows`, from their data files by what `files` returns.

    `apart` are columns that are known to tell the rows apart.
    """

    count: int
    rows: DataFrame
    files: "Callable[[], Files]"
    apart: list[frozenset[str]] = field(default_factory=list)

    def proven(self, wanted: Mapping[Hashable, tuple[str, ...]]) -> list[Hashable]:
        """Return those of `wanted` whose columns' values no two of the rows share; a pass over these columns each.

        Where fewer of the columns tell the rows apart already, all of them do: that takes no pass.
        """
        found: list[Hashable] = []
        for key, columns in sorted(wanted.items(), key=lambda one: len(one[1])):
            known = any(fewer <= {*columns} for fewer in self.apart)
            if known or self.are_unique(columns):
                self.apart.append(frozenset(columns))
                found.append(key)
        return found

    def are_unique(self, columns: Sequence[str]) -> bool:
        """Return True where no two rows agree in all columns; False where two may, which takes an exact look.

        Columns are no floating-point numbers, whose equal values can hash apart; a contract declares none.
        """
        if self.count <= FEW:
            try:
                return self.files().differ(columns, self.count)
            except Exception as error:  # an import too: no PyArrow is among the job's own dependencies
                print(f"WARNING keys are proven by Spark: {error}", file=sys.stderr, flush=True)
        return are_as_many(self.rows, columns)


def are_as_many(rows: DataFrame, columns: Sequence[str]) -> bool:
    """Return True where there are as many hashes as rows; Spark's leave nulls out, so two rows with one may seem to agree."""
    hashes = rows.select(F.xxhash64(*(f"`{name}`" for name in columns)).alias("hash"))
    shares = hashes.groupBy(F.shiftrightunsigned("hash", 64 - SHARES).alias("share"))
    counted = shares.agg(F.theta_sketch_agg("hash", MOST).alias("sketch"), F.count(F.lit(1)).alias("rows"))
    # A sketch that may have begun to estimate proves nothing.
    proven = (F.col("rows") < 1 << MOST) & (F.theta_sketch_estimate("sketch") == F.col("rows"))
    return not counted.where(~proven).select("share").collect()  # one row a sketch at most
