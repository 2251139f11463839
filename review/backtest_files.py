"""Files on this machine as raw objects, so that they are looked at and read by the very code of a run."""

from pathlib import Path
from typing import Any

from botocore.response import StreamingBody
from pyspark.sql import SparkSession

from etl import columnar, first_look
from etl.contract import Contract
from etl.first_look import MAGIC, Look
from etl.raw import Place, RawObject
from review.suites import short

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
        return {"Body": StreamingBody(path.open("rb"), path.stat().st_size)}


def objects(paths: list[Path]) -> list[RawObject]:
    """Return files as raw objects, each once."""
    found = sorted({path.resolve() for path in paths})
    return [RawObject(path.as_posix().removeprefix("/"), VERSION, path.stat().st_size) for path in found]


def name_of(key: str) -> str:
    """Return a key as its user knows the file."""
    return short(Path("/", key))


def looks(spark: SparkSession, found: list[RawObject], contract: Contract) -> list[Look]:
    """Look at each file as a run does, and to the end of a gzip stream, which a run does only where reading fails."""
    looked = [_look(one, contract) for one in found]
    if contract.format not in MAGIC:
        return looked
    sound = iter(columnar.look_inside(spark, DISK, [one for one in looked if not one.fault], contract))
    return [one if one.fault else next(sound) for one in looked]


def _look(found: RawObject, contract: Contract) -> Look:
    looked = first_look.look(_Opener(), DISK, found, contract)
    zipped = contract.format not in MAGIC and found.key.endswith(".gz")
    if zipped and not looked.fault and not first_look.is_sound_gzip(_Opener(), DISK, found):
        return Look(found, fault="gzip", detail=f"{found.key}: the stream is broken or cut off")
    return looked
