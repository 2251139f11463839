"""Buckets, how long objects stay in them, the key, and the catalog."""
