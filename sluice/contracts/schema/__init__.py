"""`schema`: the JSON Schema of suite files.

Hides how the vocabulary becomes a JSON Schema.
"""

__all__ = ["command"]
