"""The published Iceberg table: its current snapshot, staging branch, commit, schema and how that evolves."""
