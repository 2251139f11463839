"""The commit that readers see: main moved to a branch, from the snapshot that the branch was judged on and from no other.

Iceberg's own fast-forward asks only that main be an ancestor of the branch: where main was rolled back meanwhile, it is
one too, and what somebody took from the readers would be back.
"""

from collections.abc import Sequence
from typing import Any, cast

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from etl.errors import Superseded

MAX_ATTEMPTS = 5  # others may change anything but main as often: a branch comes or goes


def load_iceberg_table(spark: SparkSession, name: str) -> Any:
    """Return Iceberg's own table, as it is now."""
    jvm, session = cast(Any, spark)._jvm, cast(Any, spark)._jsparkSession
    iceberg = jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(session, name)
    iceberg.refresh()
    return iceberg


def fast_forward(
    spark: SparkSession, name: str, branch: str, expected_snapshot: str | None, dropped: Sequence[str] = ()
) -> None:
    """Move main from the snapshot `expected_snapshot`, None where it shows nothing yet, to a branch, which is
    gone with that commit, as are those in `dropped`.

    Raises:
        Superseded: main shows another snapshot, also an earlier one: a rollback is not to be undone.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        iceberg = load_iceberg_table(spark, name)
        change = iceberg.manageSnapshots()  # stands on the metadata that is looked at next: other metadata refuses it
        main = iceberg.operations().current().ref("main")
        if (None if main is None else str(main.snapshotId())) != expected_snapshot:
            raise Superseded(
                f"superseded: {name}: another run published while this one worked, or main was rolled back"
            )
        try:
            change = change.fastForwardBranch("main", branch).removeBranch(branch)
            for other in dropped:
                if iceberg.refs().containsKey(other):
                    change = change.removeBranch(other)
            return change.commit()
        except Py4JJavaError as error:
            if "CommitFailedException" not in str(error) or attempt == MAX_ATTEMPTS:
                raise
    raise AssertionError("unreachable")
