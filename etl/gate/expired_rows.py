"""Rows of a run that the table keeps no longer: judged and counted as all others, and left out of what is published."""

from collections.abc import Mapping

from etl.contract.model import Contract
from etl.contract.table_names import RUN
from etl.gate.key_conflicts import StagedRows
from etl.iceberg.current_snapshot import Head
from etl.iceberg.kept_rows import KeptRows
from etl.iceberg.schema import quote_literal


def kept_rows_of(output: Contract, head: Head) -> KeptRows | None:
    """Return the rows that a table keeps, by its head; None where it keeps all, or by its contract none leave by that date."""
    kept = KeptRows.from_summary(head.summary)
    return kept if kept and output.keep_days and output.keep_days.column == kept.column else None


def remove_expired(staged: StagedRows, output: Contract, head_before: Head, summary: Mapping[str, str]) -> int:
    """Delete, on the branch, the run's rows that are older than what the table keeps; return how many these were.

    They go last: a row may have taken the place of one that was young enough.

    Args:
        staged: what the run staged, once it took the place of what it replaces.
        output: the contract that says whether rows expire, and by which column.
        head_before: what readers saw when the run began; it says from which day on rows are kept.
        summary: what the branch's head says, to be carried to the head after it.
    """
    kept = kept_rows_of(output, head_before)
    if kept is None:
        return 0
    rows_expired = staged.rows.where(kept.expired).count()
    if rows_expired:
        run = quote_literal(staged.run_id)
        staged.table.delete_where(staged.branch, f"{kept.expired} AND {RUN} = {run}", summary)
    return rows_expired
