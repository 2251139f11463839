"""What is wrong with a suite: every fault of it at once, each with its remedy.

Hides which fault is found where: `pair` and `suite` gather all of them.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["bounds", "cross_dataset", "meta", "pair", "suite", "values"]
