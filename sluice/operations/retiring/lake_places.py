"""Where things of a dataset lie, by names alone: its job, which says it of a deployed one, is gone.

Each prefix ends with a slash and each name is whole, so that nothing of `orders_daily` is taken for `orders`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from components.names import Names
from etl.contract.layout import DatasetLocations
from etl.contract.results_layout import KINDS, days_folder, months_folder
from etl.contract.table_names import companion_tables_of
from sluice.operations.account import Account

RAW_BUCKET = re.compile(r"(?P<prefix>[a-z][a-z0-9]*)-(?P<stack>[a-z][a-z0-9]*)-raw-(?P<account>\d{12})")
CHANGES = "changes"  # the folder of deleted keys, where the load is of changes


@dataclass(frozen=True)
class Place:
    """A prefix of a bucket that only things of one dataset lie below.

    Attributes:
        what: what they are.
        zone: the bucket's part of the lake.
        bucket: its name.
        prefix: with a slash at its end.
        is_kept: whether an archive has them; what only matters while a dataset runs is in none.
    """

    what: str
    zone: str
    bucket: str
    prefix: str
    is_kept: bool = True

    @property
    def uri(self) -> str:
        """The prefix as a URI."""
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True)
class LakePlaces:
    """A dataset's places in the lake of one stack."""

    account: Account = field(repr=False)
    names: Names
    dataset: str

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.names.stack

    @property
    def database(self) -> str:
        """The catalog's database."""
        return self.names.database

    @property
    def jobs(self) -> tuple[str, str]:
        """The names of its job and of its maintenance."""
        return self.names.resource_name(self.dataset), self.names.resource_name(self.dataset, "maintain")

    @property
    def tables(self) -> list[str]:
        """The tables of the catalog that it may have, the published one first: once that is gone, nobody reads the others."""
        return [self.dataset, *sorted({*companion_tables_of(self.dataset), f"{self.dataset}_changes"})]

    @property
    def buckets(self) -> set[str]:
        """The lake's buckets that data lie in."""
        return {self.names.bucket(zone) for zone in ("raw", "processed", "assets")}

    @property
    def places(self) -> list[Place]:
        """Where its objects lie, in the order in which they are removed: what says what it was goes last."""
        return [
            *self._processed_places(),
            self._place("raw objects", "raw", f"{self.dataset}/"),
            *self._assets_places(),
        ]

    def _processed_places(self) -> Iterator[Place]:
        locations = DatasetLocations("", self.dataset)
        for what, folder in (
            ("published table", locations.published),
            ("rows set aside", locations.quarantine),
            ("deleted keys", f"{CHANGES}/{self.dataset}"),
            ("ledgers and skips", locations.ledgers),
        ):
            yield self._place(what, "processed", f"{folder}/")

    def _assets_places(self) -> Iterator[Place]:
        name = self.dataset
        for what, prefix in (
            ("memory of messages", f"incidents/{name}/"),
            ("outbox", f"outbox/{name}/"),
            ("messages sent", f"messages/{name}/"),
            ("temporary files", f"temp/{name}/"),
        ):
            yield self._place(what, "assets", prefix, is_kept=False)
        for kind in KINDS:
            yield self._place(f"results of {kind}", "assets", days_folder(kind, name))
            yield self._place(f"months of results of {kind}", "assets", months_folder(kind, name))
        for what, folder in (
            ("Data Docs", "docs"),
            ("lineage", "lineage"),
            ("verdicts", "verdicts"),
            ("contracts", "contracts"),
        ):
            yield self._place(what, "assets", f"{folder}/{name}/")

    def _place(self, what: str, zone: str, prefix: str, *, is_kept: bool = True) -> Place:
        return Place(what, zone, self.names.bucket(zone), prefix, is_kept)


def list_lakes(account: Account, stack: str | None) -> list[Names]:
    """Return the lakes of an account, of a stack where it is named: those that have a bucket for raw objects."""
    region, owner = account.session.region_name, account.caller_arn().split(":")[4]
    buckets = account.client("s3").list_buckets()["Buckets"]
    matches = filter(None, (RAW_BUCKET.fullmatch(bucket.get("Name", "")) for bucket in buckets))
    lakes = [Names(match["prefix"], match["stack"], region, owner) for match in matches if match["account"] == owner]
    return [names for names in lakes if stack in (None, names.stack)]
