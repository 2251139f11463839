"""`diff`: what changed between two versions of a contract, and for whom.

Hides which change of a rule is breaking; `command` prints it, `diff` returns it.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["changes", "command", "diff", "git_history", "rule_ranges"]
