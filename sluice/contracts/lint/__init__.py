"""`lint`: what is wrong with contracts, or decides nothing.

Hides the JVM that patterns are tried in, and what each finding is found by.
"""

__all__ = ["command", "cross_references", "implied_rules", "lint", "pattern_languages"]
