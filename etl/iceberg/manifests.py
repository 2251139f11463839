"""The data files of a snapshot, as its manifests have them: no Spark job is run for it."""

from dataclasses import dataclass

from pyspark.sql import SparkSession

from etl.iceberg.commit import load_iceberg_table


@dataclass(frozen=True)
class DataFile:
    """A data file of an Iceberg table: its URI, how many rows it has, and its `size` in bytes."""

    path: str
    rows: int
    size: int


def added_files(spark: SparkSession, name: str, snapshot: str) -> list[DataFile]:
    """Return the files that a snapshot of the table `catalog.database.table` added.

    Raises:
        Py4JJavaError: there is no such snapshot, or its manifests cannot be read.
    """
    iceberg = load_iceberg_table(spark, name)
    files = iceberg.snapshot(int(snapshot)).addedDataFiles(iceberg.io())
    return [
        DataFile(str(data_file.location()), data_file.recordCount(), data_file.fileSizeInBytes()) for data_file in files
    ]
