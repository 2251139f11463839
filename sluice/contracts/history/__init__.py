"""`history`: bounds from earlier runs, in words, in order of strictness, and as results have them.

Hides how a bound over one dataset's runs is held against another bound, and which runs of a lake it counts.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = [
    "bound_order",
    "bound_uses",
    "bound_words",
    "command",
    "dataset_history",
    "stand_in_lines",
    "walk",
]
