"""Files on this machine as raw objects, so that they are looked at and read by the very code of a run."""

from pathlib import Path
from typing import Any

from botocore.response import StreamingBody
from pyspark.sql import SparkSession

from etl.contract.model import Contract
from etl.sources import columnar_failures, columnar_reader, object_verification, preflight
from etl.sources.preflight import FilePreflight
from etl.storage.object_streams import ObjectStreams
from etl.storage.raw_objects import RawObject, S3Prefix
from sluice.contracts.suite_files import short_path

VERSION = "file"


class LocalDisk(S3Prefix):
    """The file system as a bucket; a key is an absolute path without its first slash."""

    def uri(self, key: str) -> str:
        """Return the URI of a file, in the form that `_metadata.file_path` has."""
        return f"file:/{key}"


DISK = LocalDisk("", "")


class _LocalClient:
    """What a look asks of an S3 client, answered by the file system."""

    def get_object(self, **request: str) -> dict[str, Any]:
        path = Path("/", request["Key"])
        start, _, end = request.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        size = path.stat().st_size
        file = path.open("rb")
        file.seek(int(start))
        return {"Body": StreamingBody(file, min(size, int(end or size) + 1) - int(start))}


STREAMS = ObjectStreams.from_client(_LocalClient(), "")


def list_objects(paths: list[Path]) -> list[RawObject]:
    """Return files as raw objects, each once."""
    resolved_paths = sorted({path.resolve() for path in paths})
    return [RawObject(path.as_posix().removeprefix("/"), VERSION, path.stat().st_size) for path in resolved_paths]


def file_name(key: str) -> str:
    """Return a key as its user knows the file."""
    return short_path(Path("/", key))


def preflight_files(spark: SparkSession, raw_objects: list[RawObject], contract: Contract) -> list[FilePreflight]:
    """Look at each file as a run does, and to the end of a packed stream, which a run does only where reading fails."""
    preflights = [_preflight_file(raw_object, contract) for raw_object in raw_objects]
    if not contract.format.is_columnar:
        return preflights
    inspected = iter(
        columnar_reader.check_file_schemas(
            spark, DISK, [preflight for preflight in preflights if not preflight.fault], contract
        )
    )
    return [
        columnar_failures.verify_codecs(spark, DISK, preflight if preflight.fault else next(inspected), contract.format)
        for preflight in preflights
    ]


def _preflight_file(raw_object: RawObject, contract: Contract) -> FilePreflight:
    file_preflight = preflight.preflight_object(_LocalClient(), DISK, raw_object, contract)
    if contract.format.is_columnar:
        return file_preflight
    verified = file_preflight
    if not contract.format.takes_whole_files:
        verified = object_verification.verify_stream(_LocalClient(), DISK, file_preflight)
    return object_verification.verify_records(_LocalClient(), DISK, verified, contract)
