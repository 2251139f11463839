"""Whether a key is unique among rows, by 64-bit hashes: equal keys have equal hashes, so as many hashes as rows proves it."""

from collections.abc import Hashable, Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def proven(rows: DataFrame, wanted: Mapping[Hashable, tuple[str, ...]]) -> list[Hashable]:
    """Return those of `wanted` whose columns' values no two rows share; a pass over these columns each.

    Where fewer of the columns tell the rows apart already, all of them do: that takes no pass.
    """
    found: dict[Hashable, tuple[str, ...]] = {}
    for key, columns in sorted(wanted.items(), key=lambda one: len(one[1])):
        if any({*fewer} <= {*columns} for fewer in found.values()) or are_unique(rows, columns):
            found[key] = columns
    return list(found)


def are_unique(rows: DataFrame, columns: Sequence[str]) -> bool:
    """Return True where no two rows agree in all columns; False where two may, which takes an exact look.

    Spark's hash leaves nulls out, so a row with one may only seem to agree with another. Columns are no floating-point
    numbers, whose equal values can hash apart; a contract declares none.
    """
    hashes = rows.select(F.xxhash64(*(f"`{name}`" for name in columns)).alias("hash"))
    twice = hashes.groupBy("hash").count().where("count > 1")
    return not twice.limit(1).collect()
