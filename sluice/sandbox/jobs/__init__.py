"""Glue jobs on this machine's Spark: Java, jars, and the process that runs a job's script."""
