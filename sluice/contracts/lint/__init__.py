"""`lint`: what is wrong with contracts, or decides nothing.

Hides the JVM that patterns are tried in, and what each finding is found by.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["command", "cross_references", "implied_rules", "lint", "pattern_languages"]
