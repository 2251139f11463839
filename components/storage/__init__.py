"""Buckets, how long objects stay in them, the key, and the catalog.

Hides the side resources of a bucket, and which of them guard its data.
"""

__all__ = ["catalog", "encryption_key", "lifecycle", "zone"]
