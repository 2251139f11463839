"""Who asks the published tables: Athena always, Redshift where a stack wants it.

Hides the saved SQL, and how a table in Redshift follows from a contract.
"""

__all__ = ["readers"]
