"""What is left of a dataset in a lake: in catalog and buckets, of alarms, and in the stack."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from etl.storage.optional_objects import error_code
from sluice.operations.retiring.lake_places import LakePlaces, Place

NO_BUCKET = "NoSuchBucket"


@dataclass(frozen=True)
class StoredObjects:
    """What lies below a place: objects as they are now, and versions that deletes and puts left behind.

    Attributes:
        objects, bytes: of current versions.
        old_versions, old_bytes: of others; marks of deletion count as versions.
    """

    place: Place
    objects: int = 0
    bytes: int = 0
    old_versions: int = 0
    old_bytes: int = 0

    @property
    def are_none(self) -> bool:
        """Whether nothing is there, nor was."""
        return not self.objects and not self.old_versions

    def with_version(self, version: dict[str, Any]) -> "StoredObjects":
        """Return them with one version more, as S3 lists it."""
        size = version.get("Size", 0)
        if version["IsLatest"] and "Size" in version:
            return StoredObjects(self.place, self.objects + 1, self.bytes + size, self.old_versions, self.old_bytes)
        return StoredObjects(self.place, self.objects, self.bytes, self.old_versions + 1, self.old_bytes + size)

    def as_json(self) -> dict[str, Any]:
        """Return them as a machine reads it."""
        counts = {name: value for name, value in asdict(self).items() if name != "place"}
        return {"what": self.place.what, "uri": self.place.uri, **counts}


@dataclass(frozen=True)
class Leftovers:
    """What is left.

    Attributes:
        tables: tables of the catalog.
        stored: what lies in buckets, in the order in which it is removed.
        alarms: names of alarms on its runs.
        jobs: its jobs that the stack still has.
    """

    places: LakePlaces
    tables: tuple[str, ...]
    stored: tuple[StoredObjects, ...]
    alarms: tuple[str, ...]
    jobs: tuple[str, ...]

    @property
    def are_none(self) -> bool:
        """Whether nothing is left."""
        return not (self.tables or self.stored or self.alarms or self.jobs)

    @classmethod
    def find(cls, places: LakePlaces) -> "Leftovers":
        """Look a dataset up."""
        stored = tuple(entry for entry in map(_look_below(places), places.places) if not entry.are_none)
        return cls(
            places, tuple(_existing_tables(places)), stored, tuple(_alarms_of(places)), tuple(_existing_jobs(places))
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as a machine reads it."""
        return {
            "stack": self.places.stack,
            "tables": [f"{self.places.database}.{name}" for name in self.tables],
            "objects": [entry.as_json() for entry in self.stored],
            "alarms": [*self.alarms],
            "jobs": [*self.jobs],
        }


def list_versions(s3: Any, place: Place) -> Iterator[dict[str, Any]]:
    """Yield every version and mark of deletion below a place, as S3 lists them; a bucket that is gone has none."""
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=place.bucket, Prefix=place.prefix):
            yield from page.get("Versions", ())
            yield from page.get("DeleteMarkers", ())
    except ClientError as fault:
        if error_code(fault) != NO_BUCKET:
            raise


def _look_below(places: LakePlaces) -> Any:
    s3 = places.account.client("s3")

    def count_versions(place: Place) -> StoredObjects:
        stored = StoredObjects(place)
        for version in list_versions(s3, place):
            stored = stored.with_version(version)
        return stored

    return count_versions


def _existing_tables(places: LakePlaces) -> Iterator[str]:
    glue = places.account.client("glue")
    for name in places.tables:
        try:
            glue.get_table(DatabaseName=places.database, Name=name)
        except glue.exceptions.EntityNotFoundException:
            continue
        yield name


def _existing_jobs(places: LakePlaces) -> Iterator[str]:
    glue = places.account.client("glue")
    for name in places.jobs:
        try:
            glue.get_job(JobName=name)
        except glue.exceptions.EntityNotFoundException:
            continue
        yield name


def _alarms_of(places: LakePlaces) -> Iterator[str]:
    """Yield the alarms whose metric is of its jobs: a name alone may begin like another dataset's."""
    pages: Any = places.account.client("cloudwatch").get_paginator("describe_alarms")
    for page in pages.paginate(AlarmNamePrefix=places.jobs[0]):
        for alarm in page["MetricAlarms"]:
            dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm.get("Dimensions", ())}
            if dimensions.get("JobName") in places.jobs:
                yield alarm["AlarmName"]
