"""Regular expressions as Java reads them, judged without a JVM.

Hides how a pattern is parsed and which sets of characters it names.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["automaton", "compatibility", "tree"]
