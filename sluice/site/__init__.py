"""The static site of all contracts: pages that need no script, load nothing, and read on a phone.

Hides templates, verdicts as they are stored, and the history in Git.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["command"]
