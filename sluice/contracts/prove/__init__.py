"""`prove`: every rule of a dataset is shown to bite.

Hides how a day is made that breaks one rule and no other.
"""

__all__ = ["command", "dataset", "frames", "gate_proofs", "lake", "proof", "session", "valid_day"]
