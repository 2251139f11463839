"""S3 without a network: objects in a dictionary, requests and bytes counted, and listings of objects that are nowhere."""

import io
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config

from etl.storage.aws_session import make_session
from etl.storage.raw_objects import RawObject

PAGE = 1000  # versions that S3 lists in one answer (Amazon S3 API, ListObjectVersions)
PUT = "2025-01-01T00:00:00.000Z"


@dataclass
class MemoryStore:
    """What the ledger asks of an S3 client; one bucket.

    Attributes:
        now: the time that a put object is from.
        counted: requests by "GET", "PUT", "LIST" and "DELETE"; bytes as "read" and "written".
    """

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    bodies: dict[str, bytes] = field(default_factory=dict[str, bytes])
    times: dict[str, datetime] = field(default_factory=dict[str, datetime])
    counted: Counter[str] = field(default_factory=Counter[str])

    def put_object(self, *, Key: str, Body: bytes, **_request: str) -> None:
        """Keep an object."""
        self.bodies[Key], self.times[Key] = Body, self.now
        self.counted.update(PUT=1, written=len(Body))

    def get_object(self, *, Key: str, Range: str = "", **_request: str) -> dict[str, Any]:
        """Return an object, or a range of its bytes."""
        body = self.bodies[Key]
        if Range:
            start, end = map(int, Range.removeprefix("bytes=").split("-"))
            body = body[start : end + 1]
        self.counted.update(GET=1, read=len(body))
        return {"Body": io.BytesIO(body)}

    def delete_objects(self, *, Delete: dict[str, Any], **_request: str) -> dict[str, Any]:
        """Drop objects."""
        for entry in Delete["Objects"]:
            del self.bodies[entry["Key"]], self.times[entry["Key"]]
        self.counted.update(DELETE=1)
        return {}

    def get_paginator(self, _name: str) -> "MemoryStore":
        """Return this store for its listing of objects."""
        return self

    def paginate(self, *, Prefix: str, **_request: str) -> Iterator[dict[str, Any]]:
        """Yield all objects below a prefix as one page."""
        keys = sorted(key for key in self.bodies if key.startswith(Prefix))
        self.counted.update(LIST=1 + len(keys) // PAGE)
        yield {"Contents": [{"Key": key, "LastModified": self.times[key]} for key in keys]}


def listing_client(objects: Sequence[RawObject]) -> Any:
    """Return a client of boto3 whose ListObjectVersions answers with these, ordered by key, as S3 would and at once."""
    client: Any = make_session().client("s3", region_name="eu-west-1", config=Config(signature_version=UNSIGNED))

    def answer(request: Any, **_event: Any) -> AWSResponse:
        marker = parse_qs(urlsplit(request.url).query).get("key-marker", [""])[0]
        start = bisect_right(objects, unquote(marker), key=lambda entry: entry.key)
        headers: Any = HeadersDict()
        return AWSResponse(request.url, 200, headers, _Body(_page_xml(objects, start).encode()))

    client.meta.events.register("before-send.s3.ListObjectVersions", answer)
    return client


class _Body(io.BytesIO):
    """The bytes of an answer, as urllib3 hands them on."""

    def stream(self, **_how: Any) -> Iterator[bytes]:
        yield self.getvalue()


def _page_xml(objects: Sequence[RawObject], start: int) -> str:
    page, is_last = objects[start : start + PAGE], start + PAGE >= len(objects)
    versions = "".join(
        f"<Version><Key>{entry.key}</Key><VersionId>{entry.version}</VersionId><IsLatest>true</IsLatest>"
        f"<LastModified>{PUT}</LastModified><ETag>&quot;{entry.etag}&quot;</ETag><Size>{entry.size}</Size>"
        "<StorageClass>STANDARD</StorageClass></Version>"
        for entry in page
    )
    following = (
        "<IsTruncated>false</IsTruncated>"
        if is_last
        else f"<IsTruncated>true</IsTruncated><NextKeyMarker>{page[-1].key}</NextKeyMarker>"
        f"<NextVersionIdMarker>{page[-1].version}</NextVersionIdMarker>"
    )
    return f'<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{following}{versions}</ListVersionsResult>'
