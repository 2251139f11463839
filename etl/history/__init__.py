"""Bounds that come from earlier runs: which of them count, what they give, and what becomes of rules without a value.

Imports neither Spark nor Great Expectations. Hides how results are read, and how far back.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = [
    "bound_words",
    "earlier_results",
    "resolution",
    "run_values",
]
