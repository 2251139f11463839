"""The Glue jobs, and the code and packages that they run.

Hides a job's arguments and Spark's settings, how the code is packed, and how the bundle of wheels is checked.
"""

__all__ = ["code", "forget", "job", "maintenance", "packages", "wheels"]
