"""Deleted keys of a load of changes: they leave their table, and the ledger names the snapshot that counts from then on."""

from collections.abc import Sequence
from contextlib import suppress

from pyspark.sql import DataFrame

from etl.forget.tables import ForgettingTable
from etl.iceberg.commit import load_iceberg_table
from etl.ledger.tombstones import newest_rewrite, settle_main


def stage_without(table: ForgettingTable, counting: str, keys: DataFrame, columns: Sequence[str], run_id: str) -> str:
    """Write the deleted keys of the snapshot that counts, without some, to the run's branch; return the snapshot to count.

    It is the same one where none of the keys was deleted.
    """
    storage, branch = table.storage, table.branch
    spark, name = storage.table.spark, storage.table.name
    rows = spark.read.option("versionAsOf", counting).table(name)
    count = rows.join(keys, [*columns], "left_semi").count()
    if not count:
        return counting
    storage.table.drop_branch(branch)
    storage.create_branch(branch, str(newest_rewrite(load_iceberg_table(spark, name), int(counting))))
    summary = {"sluice.run-id": run_id}
    storage.table.replace_rows(rows.join(keys, [*columns], "left_anti"), branch, summary)
    # A manifest of files that are gone keeps their least and greatest values, until the next commit leaves it out.
    storage.renew_manifests(branch, summary)
    table.done.rows_deleted += count
    return str(load_iceberg_table(spark, name).refs().get(branch).snapshotId())


def settle_deleted_keys(table: ForgettingTable, counting: str) -> None:
    """Let main of the table show the snapshot that counts, and nothing else, so that the others can expire."""
    if table.head.snapshot != counting:
        settle_main(table.storage.table, int(counting))
    with suppress(Exception):  # the next one drops it
        table.storage.table.drop_branch(table.branch)
