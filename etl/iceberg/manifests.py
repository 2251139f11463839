"""The data files of a snapshot, as its manifests have them: no Spark job is run for it."""

from dataclasses import dataclass

from pyspark.sql import SparkSession

from etl.iceberg.commit import loaded


@dataclass(frozen=True)
class DataFile:
    """A data file of an Iceberg table: its URI, how many rows it has, and its `size` in bytes."""

    path: str
    rows: int
    size: int


def added(spark: SparkSession, name: str, snapshot: str) -> list[DataFile]:
    """Return the files that a snapshot of the table `catalog.database.table` added.

    Raises:
        Py4JJavaError: there is no such snapshot, or its manifests cannot be read.
    """
    iceberg = loaded(spark, name)
    files = iceberg.snapshot(int(snapshot)).addedDataFiles(iceberg.io())
    return [DataFile(str(one.location()), one.recordCount(), one.fileSizeInBytes()) for one in files]
