"""Glue jobs on this machine's Spark: Java, jars, and the process that runs a job's script.

Hides where Java and the jars are, and how a run's process is ended.
"""

__all__ = ["class_archive", "environment", "runner", "spark"]
