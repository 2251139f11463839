"""What a run has people told: one message in words for each of its ends, and the memory of what was said before.

Hides how a message is cut to each service's limits, how text is kept from being markup, and the objects in the assets bucket.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["incidents", "limits", "links", "message", "outbox", "run_facts", "run_message"]
