"""The weekly maintenance of a dataset's tables: it changes how they are stored, and removes rows that are too old.

Hides compaction, expiry and the removal of files that nobody points to; `job` runs all of it.
"""

__all__ = ["expiry", "job", "maintenance_run", "table_storage", "unused_ledgers"]
