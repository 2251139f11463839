"""`schema`: the JSON Schema of suite files.

Hides how the vocabulary becomes a JSON Schema.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["command"]
