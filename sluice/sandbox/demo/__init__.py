"""`make demo`: days through the gate, told to somebody who has seen none of it.

Hides which files make which day.
"""

__all__ = ["demo", "sample_days"]
