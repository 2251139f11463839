"""What exists in the cloud: the Pulumi components that `__main__.py` wires, and what they share.

Hides how names, ARNs and tags are written, and whether Pulumi's engine runs the program or mocks do.
"""

__all__ = ["access", "alerting", "compute", "lake", "names", "orchestration", "readers", "settings", "storage", "tags"]
