"""What Spark's scans of Iceberg tables read, by their own metrics."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, cast

from pyspark.sql import SparkSession

SCAN, FILES, ROWS = "BatchScan lake.", "number of result data files", "number of output rows"


@dataclass
class ScanMetrics:
    """The scans of the queries that ran since it was made; Spark remembers the last thousand queries."""

    spark: SparkSession
    before: int = field(init=False)

    def __post_init__(self) -> None:
        self.before = self._execution_ids[-1]

    @property
    def _status_store(self) -> Any:
        cast(Any, self.spark.sparkContext)._jsc.sc().listenerBus().waitUntilEmpty()
        return cast(Any, self.spark)._jsparkSession.sharedState().statusStore()

    @property
    def _execution_ids(self) -> list[int]:
        return [execution.executionId() for execution in jvm_list(self._status_store.executionsList())]

    def counts_by_table(self, metric: str) -> dict[str, list[int]]:
        """Return what each scan says of a metric, by the table's name without its database; scans that lack it are left out."""
        table_counts = defaultdict[str, list[int]](list)
        for query in self._execution_ids:
            if query > self.before:
                values = self._status_store.executionMetrics(query)
                for node in jvm_list(self._status_store.planGraph(query).allNodes()):
                    counts = [node_metric for node_metric in jvm_list(node.metrics()) if node_metric.name() == metric]
                    if node.name().startswith(SCAN):
                        table = node.name().removeprefix(SCAN).partition(".")[2]
                        table_counts[table] += [
                            int(values.apply(node_metric.accumulatorId())) for node_metric in counts
                        ]
        return {table: counts for table, counts in table_counts.items() if counts}


def jvm_list(sequence: Any) -> list[Any]:
    """Return a sequence of the JVM as a list."""
    return [sequence.apply(index) for index in range(sequence.size())]
