"""Regular expressions as Java reads them, judged without a JVM.

Hides how a pattern is parsed and which sets of characters it names.
"""

__all__ = ["automaton", "compatibility", "tree"]
