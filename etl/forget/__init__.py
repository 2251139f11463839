"""Rows that somebody demands to be forgotten: out of tables, raw objects, what runs said of them, and earlier versions.

Hides how rows are found in each format, how an object is written anew without them, and in which order it is safe to.
"""

__all__ = ["arguments", "job", "report"]
