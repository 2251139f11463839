"""What a dataset leaves behind that was taken out of its stack: found, archived, removed.

Hides where things of a dataset lie in buckets and catalog, and how old versions of objects are counted and deleted.
"""

__all__ = ["archive", "lake_places", "leftovers", "referrers", "removal"]
