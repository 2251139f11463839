"""How many rows of each object a run read: those that it staged, and those that it set aside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.table_names import OBJECT
from etl.storage.raw_objects import RawObject


def count_object_rows(
    objects: Sequence[RawObject], rows_read: int, frames: Callable[[], Iterable[DataFrame]]
) -> Mapping[str, int]:
    """Return the number of rows by the key of their object; where there is one object, all are its, without a pass.

    `frames` gives the rows with their `_object`, each row once: what was staged is read back by that column alone.
    """
    if len(objects) == 1:
        return {objects[0].key: rows_read}
    keys = reduce(DataFrame.unionByName, (frame.select(OBJECT) for frame in frames()))
    return {row[OBJECT]: row["rows"] for row in keys.groupBy(OBJECT).agg(F.count(F.lit(1)).alias("rows")).collect()}
