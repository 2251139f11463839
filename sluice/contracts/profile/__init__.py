"""`profile`: a draft of both suites of a dataset from a sample.

Hides how types, keys and patterns are guessed from values.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["command", "draft_text", "sample_files", "suite_layout"]
