"""Who asks the published tables: Athena always, Redshift where a stack wants it.

Hides the saved SQL; `warehouse_tables` says in SQL what a contract means in Redshift.
"""

__all__ = ["readers", "warehouse_tables"]
