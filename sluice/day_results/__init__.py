"""What runs and days of a dataset came to, by its results: the words and signs that the site and the terminal share.

Hides which of several runs decides what a day was.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["day_states", "outcomes"]
