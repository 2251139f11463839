"""What Spark's scans of Iceberg tables read, by their own metrics."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, cast

from pyspark.sql import SparkSession

SCAN, FILES, ROWS = "BatchScan lake.", "number of result data files", "number of output rows"


@dataclass
class Scans:
    """The scans of the queries that ran since it was made; Spark remembers the last thousand queries."""

    spark: SparkSession
    before: int = field(init=False)

    def __post_init__(self) -> None:
        self.before = self._executions[-1]

    @property
    def _store(self) -> Any:
        cast(Any, self.spark.sparkContext)._jsc.sc().listenerBus().waitUntilEmpty()
        return cast(Any, self.spark)._jsparkSession.sharedState().statusStore()

    @property
    def _executions(self) -> list[int]:
        return [one.executionId() for one in listed(self._store.executionsList())]

    def found(self, metric: str) -> dict[str, list[int]]:
        """Return what each scan says of a metric, by the table's name without its database; scans that lack it are left out."""
        found = defaultdict[str, list[int]](list)
        for query in self._executions:
            if query > self.before:
                values = self._store.executionMetrics(query)
                for node in listed(self._store.planGraph(query).allNodes()):
                    counts = [one for one in listed(node.metrics()) if one.name() == metric]
                    if node.name().startswith(SCAN):
                        table = node.name().removeprefix(SCAN).partition(".")[2]
                        found[table] += [int(values.apply(one.accumulatorId())) for one in counts]
        return {table: counts for table, counts in found.items() if counts}


def listed(found: Any) -> list[Any]:
    """Return a sequence of the JVM as a list."""
    return [found.apply(at) for at in range(found.size())]
