"""The published Iceberg table: its current snapshot, staging branch, commit, schema and how that evolves.

Hides Iceberg's metadata files, and what Spark cannot be asked for through SQL.
"""

__all__ = [
    "branch_guard",
    "commit",
    "current_snapshot",
    "kept_rows",
    "manifests",
    "migration",
    "schema",
    "schema_evolution",
    "table",
]
