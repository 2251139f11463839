"""`check`: files through the gate of the job on this machine, without a deployed lake and without an emulator.

Hides that the buckets and the catalog of such a run are a temporary folder.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["files_check", "session"]
