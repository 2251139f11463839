"""`export`: contracts as other tools read them.

Hides the Open Data Contract Standard's words for our rules.
"""

__all__ = ["command"]
