"""Who asks the published tables: Athena always, Redshift where a stack wants it."""
