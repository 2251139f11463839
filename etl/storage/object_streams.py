"""The bytes of one version of an object, as a worker of Spark reads them: in order, once, and in constant memory.

A client of boto3 belongs to its process, so a worker makes one of its own, from the environment that the job's has.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.exceptions import HTTPClientError, IncompleteReadError
from urllib3.exceptions import HTTPError

from etl.storage.clients import RETRIES
from etl.storage.raw_objects import RawObject

CHUNK_BYTES = 1 << 20  # bytes
MAX_INTERRUPTIONS = 5
"""How often the body of an answer may break off; each time the rest is asked for."""
AWS_DOMAIN = ".amazonaws.com"


@dataclass(frozen=True)
class ObjectStreams:
    """What opens objects of a bucket; it can be sent to a worker.

    Attributes:
        bucket: the bucket.
        connect: makes a client in the process that it is called in.
    """

    bucket: str
    connect: Callable[[], Any]

    @classmethod
    def from_client(cls, s3: Any, bucket: str) -> "ObjectStreams":
        """Return what opens the objects that a client sees; one of None is the environment's own.

        A stand-in for a client, as of files, is sent as it is.
        """
        if s3 is None:
            return cls(bucket, partial(_connect_s3, None, None))
        if not isinstance(s3, BaseClient):
            return cls(bucket, partial(_same, s3))
        endpoint = None if AWS_DOMAIN in s3.meta.endpoint_url else s3.meta.endpoint_url
        return cls(bucket, partial(_connect_s3, s3.meta.region_name, endpoint))

    def chunks(self, raw_object: RawObject) -> Iterator[bytes]:
        """Yield an object's bytes.

        Raises:
            ClientError: the version is not there any more.
            HTTPClientError: the connection broke off too often.
        OSError: the object ends before its size.
        """
        s3, offset, names = self.connect(), 0, {"Bucket": self.bucket, "Key": raw_object.key}
        for attempt in range(MAX_INTERRUPTIONS + 1):
            stretch = f"bytes={offset}-{raw_object.size - 1}"
            try:
                body = s3.get_object(**names, VersionId=raw_object.version, Range=stretch)["Body"]
                for chunk in body.iter_chunks(CHUNK_BYTES):
                    offset += len(chunk)
                    yield chunk
            except (HTTPClientError, IncompleteReadError, HTTPError):
                if attempt == MAX_INTERRUPTIONS:
                    raise
            if offset >= raw_object.size:
                return
        raise OSError(f"{raw_object.key}: {offset} of {raw_object.size} bytes could be read")


def _same(s3: Any) -> Any:
    return s3


@cache
def _connect_s3(region: str | None, endpoint: str | None) -> Any:
    return boto3.client("s3", region_name=region, endpoint_url=endpoint, config=RETRIES)
