"""A run's outcome: the verdict, where its rows are from, lineage events and Data Docs."""
