"""A run's outcome: the verdict, where its rows are from, lineage events and Data Docs.

Hides the layout of the verdict's JSON, of OpenLineage's facets and of Great Expectations' pages.
"""

__all__ = ["data_docs", "lineage", "row_origin", "structure_rules", "verdict"]
