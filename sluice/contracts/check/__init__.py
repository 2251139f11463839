"""`check`: files through the gate of the job on this machine, without a deployed lake and without an emulator.

Hides that the buckets and the catalog of such a run are a temporary folder.
"""

__all__: list[str] = []
