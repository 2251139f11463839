"""`export`: contracts as other tools read them.

Hides the Open Data Contract Standard's words for our rules.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["command", "odcs", "odcs_metrics", "odcs_quality"]
