"""What is skipped of a dataset, changed: written against what was read, so that no operator undoes another's by mistake."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from etl.ledger import skip_list as skips
from etl.ledger.skip_list import CHANGED, Skip, Skips
from etl.storage.raw_objects import RawObject
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.errors import WrongUse


@dataclass(frozen=True)
class Reason:
    """Why objects are skipped, who says so, and since when (UTC, ISO text)."""

    why: str
    who: str
    at: str

    @classmethod
    def of(cls, dataset: Deployed, options: argparse.Namespace, why: str) -> "Reason":
        """Return the reason of a command's user, by default whoever the keys belong to, as of now."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(why, options.who or dataset.account.caller(), now)

    def skips(self, versions: Iterable[tuple[str, str]]) -> list[Skip]:
        """Return the skips of these keys and versions."""
        return [Skip(key, version, self.why, self.who, self.at) for key, version in versions]


def who(parser: argparse.ArgumentParser) -> None:
    """Declare --who."""
    parser.add_argument("--who", metavar="NAME", help="who is recorded (default: the ARN that the keys belong to)")


def among(known: Skips, found: Iterable[RawObject]) -> dict[str, Skip]:
    """Return the skips of these objects in their versions, by key."""
    return {skip.key: skip for skip in known.of(found)}


def without(known: Iterable[Skip], versions: Iterable[tuple[str, str]]) -> list[Skip]:
    """Return the skips of other keys and versions."""
    gone = set(versions)
    return [skip for skip in known if (skip.key, skip.version) not in gone]


def write(dataset: Deployed, skipped: Iterable[Skip], known: Skips) -> None:
    """Write what is skipped, in place of what was read as `known`.

    Raises:
        WrongUse: somebody else wrote at the same time; nothing of theirs was changed.
    """
    wanted = set(skipped)
    try:
        skips.write(dataset.s3, dataset.location, wanted, known.etag)
        # In the former place nothing may be left that counts, unless the job is of an earlier version and reads no other.
        skips.write_former(dataset.s3, dataset.location, wanted if dataset.is_former else set(), known.former)
    except ClientError as fault:
        if fault.response["Error"]["Code"] not in CHANGED:
            raise
        # The first try of a request that was sent twice may be what changed it.
        if set(skips.read(dataset.s3, dataset.location).skipped) != wanted:
            raise WrongUse(
                f"somebody else changed what is skipped of {dataset.name} at the same time; nothing was done: look again "
                "(status), then try again"
            ) from fault
