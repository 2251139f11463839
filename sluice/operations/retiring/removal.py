"""What is left of a dataset, removed for good: tables, then objects in every version, then alarms.

Each step can be done again, so that a removal that was interrupted goes on where it is run again.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from etl.errors import SluiceError
from sluice.operations.retiring.lake_places import Place
from sluice.operations.retiring.leftovers import Leftovers, list_versions

MOST_KEYS = 1000  # that one request deletes (Amazon S3, DeleteObjects)


class NotRemoved(SluiceError):
    """S3 kept an object that was to be removed; the message says which, and why."""


def remove_leftovers(left: Leftovers, say_step: Callable[[str], None]) -> None:
    """Remove all that is left; `say_step` hears what was done.

    Raises:
        NotRemoved: S3 refused to delete an object.
    """
    account, places = left.places.account, left.places
    glue = account.client("glue")
    for name in left.tables:
        with suppress(glue.exceptions.EntityNotFoundException):
            glue.delete_table(DatabaseName=places.database, Name=name)
        say_step(f"removed the table {places.database}.{name} from the catalog")
    for stored in left.stored:
        number = _delete_versions(account.client("s3"), stored.place)
        say_step(f"removed {stored.place.what}: {number:,} versions of {stored.place.uri}")
    if left.alarms:
        account.client("cloudwatch").delete_alarms(AlarmNames=[*left.alarms])
        say_step(f"removed alarms: {', '.join(left.alarms)}")


def _delete_versions(s3: Any, place: Place) -> int:
    """Delete each version below a place; return how many there were."""
    number = 0
    for versions in _batches(list_versions(s3, place)):
        objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
        answer = s3.delete_objects(Bucket=place.bucket, Delete={"Objects": objects, "Quiet": True})
        for error in answer.get("Errors", ()):
            raise NotRemoved(
                f"{place.bucket}/{error['Key']} (version {error['VersionId']}) is kept: {error['Code']}: {error['Message']}; "
                "what is left is removed by the same command, once that is allowed"
            )
        number += len(objects)
    return number


def _batches(versions: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for version in versions:
        batch.append(version)
        if len(batch) == MOST_KEYS:
            yield batch
            batch = []
    if batch:
        yield batch
