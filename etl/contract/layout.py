"""Where a dataset's table, its quarantine and its ledgers lie in the processed bucket: siblings, none below another.

Iceberg's stock orphan removal deletes whatever lies below a table's location and is in none of its snapshots (Iceberg,
Maintenance). Until decision 17 ledgers and quarantine lay there; these former places are read while a snapshot names them.
"""

import re
from dataclasses import dataclass

PUBLISHED, QUARANTINE, CHANGES, LEDGER = "parquet", "quarantine", "changes", "ledger"
FORGET_KEYS = "forget/keys/"
"""Where keys of rows to forget lie in the assets bucket, until the job that forgets them is done."""
FORMER_LEDGERS = re.compile(rf"(?P<root>.*?){PUBLISHED}/(?P<dataset>[^/]+)/{LEDGER}")
LEDGERS = re.compile(rf"(?P<root>.*?){LEDGER}/(?P<dataset>[^/]+)")


@dataclass(frozen=True)
class DatasetLocations:
    """A dataset's places below `root`: the bucket's URI with a slash, or "" for prefixes in the bucket."""

    root: str
    dataset: str

    @classmethod
    def from_location(cls, location: str) -> "DatasetLocations":
        """Return the places that belong to a published table's location, an S3 URI.

        Raises:
            ValueError: the location is not s3://<bucket>/parquet/<dataset>.
        """
        root, folder, dataset = location.removesuffix("/").rpartition(f"/{PUBLISHED}/")
        if not folder or not dataset or "/" in dataset:
            raise ValueError(f"{location!r} is no table's location; write s3://bucket/{PUBLISHED}/dataset")
        return cls(f"{root}/", dataset)

    @classmethod
    def from_ledger_folder(cls, folder: str) -> "DatasetLocations | None":
        """Return the places that a folder of ledgers belongs to, at its place or its former one; None where it is neither."""
        match = FORMER_LEDGERS.fullmatch(folder) or LEDGERS.fullmatch(folder)
        return cls(match["root"], match["dataset"]) if match else None

    @property
    def published(self) -> str:
        """The published table's location."""
        return f"{self.root}{PUBLISHED}/{self.dataset}"

    @property
    def quarantine(self) -> str:
        """The location of the table of rows that were set aside."""
        return f"{self.root}{QUARANTINE}/{self.dataset}"

    @property
    def changes(self) -> str:
        """The location of the table of deleted keys, where the load is of changes."""
        return f"{self.root}{CHANGES}/{self.dataset}"

    @property
    def ledgers(self) -> str:
        """The folder of the ledgers and of what is skipped."""
        return f"{self.root}{LEDGER}/{self.dataset}"

    @property
    def former_quarantine(self) -> str:
        """Where the quarantine lay, below the published table."""
        return f"{self.published}/{QUARANTINE}"

    @property
    def former_ledgers(self) -> str:
        """Where the ledgers lay, below the published table."""
        return f"{self.published}/{LEDGER}"
