"""The static site of all contracts: pages that need no script, load nothing, and read on a phone.

Hides templates, verdicts as they are stored, and the history in Git.
"""

__all__ = ["command"]
