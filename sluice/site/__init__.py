"""The static site of contracts and results: pages for a disk, which say all they have without a script, on a phone too.

Hides templates, charts, verdicts and results as they are stored, and the history in Git.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["command"]
