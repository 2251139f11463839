"""What was ingested, skipped and quarantined: raw objects by version, the skip list, and the quarantine table."""
