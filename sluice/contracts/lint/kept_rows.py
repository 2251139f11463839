"""`keep_days` of an output that does not do what it says: rows that never leave, and keys that are looked for in vain."""

from collections.abc import Collection, Iterator

from etl.contract.model import Contract
from sluice.contracts.lint.findings import Finding


def find_unkept(contract: Contract, present: Collection[str]) -> Iterator[Finding]:
    """Yield what is open where rows leave by their age; `present` are the columns that are never null."""
    keep = contract.keep_days
    if keep is None:
        return
    if keep.column not in present:
        message = f"keep_days goes by {keep.column!r}, which may be null, and a row without a date never leaves"
        yield Finding("keep", message, "add expect_column_values_to_not_be_null on it", column=keep.column)
    within = contract.unique_within
    if within and within.column == keep.column and within.days > keep.days:
        message = f"unique_within looks {within.days} days back by {keep.column!r}, and rows stay {keep.days} days"
        yield Finding("keep", message, f"write {keep.days} days or fewer in unique_within", column="unique_within")
