"""The changes that one run read, of a load of changes: those that it staged, and the deletes, which are staged nowhere."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.gate.key_conflicts import StagedRows
from etl.gate.source_lines import SourceLines
from etl.gate.staging import Staging
from etl.ledger.ledger import Ledger
from etl.ledger.tombstones import Tombstones
from etl.sources.operations import CHANGE, ChangeKind, is_delete


@dataclass(frozen=True)
class RunChanges:
    """Changes by key and order.

    Attributes:
        rows: each with key, order, CHANGE, OBJECT and VERSION; kept, so that each look at them sees the same.
        number: how many they are.
        deletes: how many of them are deletes.
        tombstones: the deleted keys of earlier runs.
        are_inserts: whether all of them are inserts, and are the rows that were staged.
    """

    rows: DataFrame
    number: int
    deletes: int
    tombstones: Tombstones
    are_inserts: bool = False

    @classmethod
    def read(cls, lines: SourceLines, staging: Staging, ledger: Ledger) -> "RunChanges | None":
        """Return the changes of a source's lines, once their rows are staged; None where the load is no changes.

        Where all are inserts they are what was staged; else the lines are read once more, for key, order and operation.
        """
        plan, observations = staging.gated_plan, staging.observations
        if plan.operations is None:
            return None
        tombstones = Tombstones.for_table(staging.table, plan.output, ledger.tombstones)
        if observations and not observations.updates and not observations.deletes:
            arguments = staging.arguments
            staged = StagedRows(staging.table, arguments.branch, arguments.run_id, plan.output.key)
            inserts = staged.rows.withColumn(CHANGE, F.lit(ChangeKind.INSERT))
            return cls(inserts, staging.rows, 0, tombstones, are_inserts=True)
        rows = plan.change_rows(lines.unproven).localCheckpoint()
        number, deletes = rows.agg(F.count(F.lit(1)), F.count_if(is_delete())).collect()[0]
        return cls(rows, number, deletes, tombstones)
