"""Whether Spark has as many hashes of a key as rows, where the data files cannot tell.

It counts them by Theta sketches, one for each share of the hashes: a sketch of fewer values than its nominal size holds every
one of them and is exact (Apache DataSketches, Theta Sketch Framework: exact mode). A grouping by hash, whose every row is a
group, takes twice as long.
"""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

SHARE_BITS = 4  # bits of the hash that choose a sketch: 16 sketches
SKETCH_BITS = 22  # a sketch holds 2 ** 22 hashes; Spark takes up to 26


def are_as_many(rows: DataFrame, columns: Sequence[str]) -> bool:
    """Return True where there are as many hashes as rows; Spark's leave nulls out, so two rows with one may seem to agree."""
    hashes = rows.select(F.xxhash64(*(f"`{name}`" for name in columns)).alias("hash"))
    shares = hashes.groupBy(F.shiftrightunsigned("hash", 64 - SHARE_BITS).alias("share"))
    counted = shares.agg(F.theta_sketch_agg("hash", SKETCH_BITS).alias("sketch"), F.count(F.lit(1)).alias("rows"))
    # A sketch that may have begun to estimate proves nothing.
    proven = (F.col("rows") < 1 << SKETCH_BITS) & (F.theta_sketch_estimate("sketch") == F.col("rows"))
    return not counted.where(~proven).select("share").collect()  # one row a sketch at most
