"""Requests for many objects, several under way at a time: one after the other they wait for S3 most of the time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
MANY = 32  # objects; for fewer threads are not worth their start
AT_ONCE = 8  # a client of boto3 keeps ten connections


def map_objects(function: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer]:
    """Return what a function of one object returns for each, in their order; it must be safe to call in threads.

    Raises:
        Exception: what the function raised for the first object that it failed for.
    """
    if len(items) < MANY:
        return [function(item) for item in items]
    with ThreadPoolExecutor(AT_ONCE) as executor:
        return list(executor.map(function, items))


def list_keys(s3: Any, bucket: str, prefix: str) -> list[str]:
    """Return the keys of a bucket that begin with a prefix, in order."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [stored["Key"] for page in pages for stored in page.get("Contents", ())]
