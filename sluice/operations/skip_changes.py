"""What is skipped of a dataset, changed: written against what was read, so that no operator undoes another's by mistake."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from etl.ledger import skip_list as skips
from etl.ledger.skip_list import CONFLICT_CODES, Skip, SkipList
from etl.storage.optional_objects import error_code
from etl.storage.raw_objects import RawObject
from sluice.cli.errors import WrongUse
from sluice.operations.deployed_dataset import DeployedDataset


@dataclass(frozen=True)
class SkipReason:
    """Why objects are skipped, who says so, and since when (UTC, ISO text)."""

    why: str
    who: str
    since: str

    @classmethod
    def of_user(cls, dataset: DeployedDataset, who: str | None, why: str) -> "SkipReason":
        """Return the reason of a command's user, by default whoever the keys belong to, as of now."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(why, who or dataset.account.caller_arn(), now)

    def as_skips(self, versions: Iterable[tuple[str, str]]) -> list[Skip]:
        """Return the skips of these keys and versions."""
        return [Skip(key, version, self.why, self.who, self.since) for key, version in versions]


def skips_by_key(skip_list: SkipList, raw_objects: Iterable[RawObject]) -> dict[str, Skip]:
    """Return the skips of these objects in their versions, by key."""
    return {skip.key: skip for skip in skip_list.select_listed(raw_objects)}


def without_versions(recorded: Iterable[Skip], versions: Iterable[tuple[str, str]]) -> list[Skip]:
    """Return the skips of other keys and versions."""
    gone = set(versions)
    return [skip for skip in recorded if (skip.key, skip.version) not in gone]


def write_skip_list(dataset: DeployedDataset, skipped: Iterable[Skip], previous: SkipList) -> None:
    """Write what is skipped, in place of what was read as `previous`.

    Raises:
        WrongUse: somebody else wrote at the same time; nothing of theirs was changed.
    """
    expected = set(skipped)
    try:
        skips.write_skip_list(dataset.s3, dataset.location, expected, previous.etag)
        # In the former place nothing may be left that counts, unless the job is of an earlier version and reads no other.
        skips.write_former(dataset.s3, dataset.location, expected if dataset.is_former else set(), previous.former)
    except ClientError as fault:
        if error_code(fault) not in CONFLICT_CODES:
            raise
        # The first try of a request that was sent twice may be what changed it.
        if set(skips.read_skip_list(dataset.s3, dataset.location).skipped) != expected:
            raise WrongUse(
                f"somebody else changed what is skipped of {dataset.name} at the same time; nothing was done: look again "
                "(status), then try again"
            ) from fault
