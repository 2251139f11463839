"""`profile`: a draft of both suites of a dataset from a sample.

Hides how types, keys and patterns are guessed from values.
"""

__all__ = ["command"]
