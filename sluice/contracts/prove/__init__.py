"""`prove`: every rule of a dataset is shown to bite.

Hides how a day is made that breaks one rule and no other.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["command", "dataset", "frames", "gate_proofs", "lake", "proof", "session", "valid_day"]
