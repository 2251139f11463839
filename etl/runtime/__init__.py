"""All that is Glue's: arguments, the Spark session, and which runs of a job are alive. Another runtime changes this package."""
