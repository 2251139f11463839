"""Files on this machine as raw objects, so that they are looked at and read by the very code of a run."""

from pathlib import Path
from typing import Any

from botocore.response import StreamingBody
from pyspark.sql import SparkSession

from etl.contract.model import Contract
from etl.sources import columnar_reader, preflight
from etl.sources.preflight import MAGIC, Look
from etl.storage.raw_objects import Place, RawObject
from sluice.contracts.suite_files import short

VERSION = "file"


class Disk(Place):
    """The file system as a bucket; a key is an absolute path without its first slash."""

    def uri(self, key: str) -> str:
        """Return the URI of a file, in the form that `_metadata.file_path` has."""
        return f"file:/{key}"


DISK = Disk("", "")


class _Opener:
    """What a look asks of an S3 client, answered by the file system."""

    def get_object(self, **asked: str) -> dict[str, Any]:
        path = Path("/", asked["Key"])
        first, _, last = asked.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        size = path.stat().st_size
        file = path.open("rb")
        file.seek(int(first))
        return {"Body": StreamingBody(file, min(size, int(last or size) + 1) - int(first))}


def objects(paths: list[Path]) -> list[RawObject]:
    """Return files as raw objects, each once."""
    found = sorted({path.resolve() for path in paths})
    return [RawObject(path.as_posix().removeprefix("/"), VERSION, path.stat().st_size) for path in found]


def name_of(key: str) -> str:
    """Return a key as its user knows the file."""
    return short(Path("/", key))


def looks(spark: SparkSession, found: list[RawObject], contract: Contract) -> list[Look]:
    """Look at each file as a run does, and to the end of a packed stream, which a run does only where reading fails."""
    looked = [_look(one, contract) for one in found]
    if contract.format not in MAGIC:
        return looked
    inside = iter(columnar_reader.look_inside(spark, DISK, [one for one in looked if not one.fault], contract))
    return [columnar_reader.sound(spark, DISK, one if one.fault else next(inside), contract.format) for one in looked]


def _look(found: RawObject, contract: Contract) -> Look:
    looked = preflight.look(_Opener(), DISK, found, contract)
    return looked if contract.format in MAGIC else preflight.sound(_Opener(), DISK, looked)
