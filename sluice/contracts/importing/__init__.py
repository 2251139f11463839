"""`import`: contracts of other tools as drafts of ours.

Hides the words of the Open Data Contract Standard, the layouts of Great Expectations' suites, and how both are parsed safely.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["command"]
