"""What was put into raw, and when: of a deployed stack or a sandbox, or of a folder that is laid out as raw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sluice.cli.errors import WrongUse


@dataclass(frozen=True, order=True)
class PutObject:
    """A key of raw, and when an object was put under it, UTC; each version is one."""

    put: datetime
    key: str


RawListing = Mapping[str, Sequence[PutObject]]
"""What was put by dataset, the earliest first."""


def stack_listing(stack: str) -> RawListing:
    """List what was put for each dataset of a stack, in the account or the sandbox that the environment names.

    Raises:
        WrongUse: nothing of that stack is deployed.
    """
    # AWS's SDK takes half a second to import, and lint by itself needs no account.
    from etl.runtime.arguments import NO_PREFIX  # noqa: PLC0415
    from etl.storage.raw_objects import list_modified_times  # noqa: PLC0415
    from sluice.operations.account import Account  # noqa: PLC0415
    from sluice.operations.deployed_dataset import some_deployed  # noqa: PLC0415

    return {
        deployed.name: sorted(
            PutObject(datetime.fromisoformat(modified), key)
            for (key, _), modified in list_modified_times(deployed.s3, deployed.raw).items()
        )
        for deployed in some_deployed(Account.from_environment(), None, stack)
        if deployed.raw != NO_PREFIX
    }


def folder_listing(folder: str) -> RawListing:
    """List the files of a folder: of `<folder>/<dataset>/...`, each put when it was last changed.

    Raises:
        WrongUse: it has no folder in it.
    """
    datasets = [path for path in sorted(Path(folder).glob("*")) if path.is_dir()]
    if not datasets:
        raise WrongUse(
            f"{folder} holds no folder of a dataset; it takes files as raw has them, such as {folder}/orders/a.csv"
        )
    return {path.name: sorted(_put_files(path)) for path in datasets}


def _put_files(dataset_folder: Path) -> Iterator[PutObject]:
    for path in dataset_folder.rglob("*"):
        if path.is_file():
            put = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(microsecond=0)
            yield PutObject(put, path.relative_to(dataset_folder.parent).as_posix())
