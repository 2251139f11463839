"""What was ingested, skipped and quarantined: raw objects by version, the skip list, and the quarantine table.

Hides the files below `ledger/`, their segments, and where an earlier version kept them.
"""

__all__ = [
    "ingested_objects",
    "ledger",
    "orphan_cleanup",
    "quarantine_table",
    "replaced_objects",
    "rewrites",
    "skip_list",
    "tombstones",
]
