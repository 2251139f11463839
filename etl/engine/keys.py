"""Whether a key is unique among rows, by 64-bit hashes: equal keys have equal hashes, so hashes that all differ prove it.

The hashes of a day that is not large are sorted in the driver, in memory that `FEW` bounds. Those of a larger one stay where
they are and are counted by Theta sketches, one for each share of them: a sketch of fewer values than its nominal size holds
every one of them and is exact (Apache DataSketches, Theta Sketch Framework: exact mode). A grouping by hash, whose every row
is a group, takes twice as long as these.
"""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

FEW = 1 << 23  # rows whose hashes the driver sorts: 64 MiB, and as much again for the sorted ones
SHARES = 4  # bits of the hash that choose a sketch: 16 sketches
MOST = 22  # a sketch holds 2 ** 22 hashes; Spark takes up to 26


def proven(rows: DataFrame, count: int, wanted: Mapping[Hashable, tuple[str, ...]]) -> list[Hashable]:
    """Return those of `wanted` whose columns' values no two of the `count` rows share; a pass over these columns each.

    Where fewer of the columns tell the rows apart already, all of them do: that takes no pass.
    """
    found: dict[Hashable, tuple[str, ...]] = {}
    for key, columns in sorted(wanted.items(), key=lambda one: len(one[1])):
        if any({*fewer} <= {*columns} for fewer in found.values()) or are_unique(rows, count, columns):
            found[key] = columns
    return list(found)


def are_unique(rows: DataFrame, count: int, columns: Sequence[str]) -> bool:
    """Return True where no two rows agree in all columns; False where two may, which takes an exact look.

    Spark's hash leaves nulls out, so a row with one may only seem to agree with another. Columns are no floating-point
    numbers, whose equal values can hash apart; a contract declares none.
    """
    hashes = rows.select(F.xxhash64(*(f"`{name}`" for name in columns)).alias("hash"))
    if count <= FEW:
        with suppress(ImportError):  # a PyArrow that Spark can use is none of the job's own dependencies
            return _differ(hashes)
    return _are_as_many(hashes)


def _differ(hashes: DataFrame) -> bool:
    found = np.sort(hashes.toArrow().column("hash").to_numpy())
    return not bool((found[1:] == found[:-1]).any())


def _are_as_many(hashes: DataFrame) -> bool:
    shares = hashes.groupBy(F.shiftrightunsigned("hash", 64 - SHARES).alias("share"))
    counted = shares.agg(F.theta_sketch_agg("hash", MOST).alias("sketch"), F.count(F.lit(1)).alias("rows"))
    # A sketch that may have begun to estimate proves nothing.
    proven = (F.col("rows") < 1 << MOST) & (F.theta_sketch_estimate("sketch") == F.col("rows"))
    return not counted.where(~proven).select("share").collect()  # one row a sketch at most
