"""A dataset of a deployed lake, learned from its job's definition: where its table, ledger and verdicts are."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from etl.contract.faults import likely
from etl.contract.layout import Places
from etl.contract.masking import Masking
from etl.contract.model import ColumnSpec
from etl.contract.table_names import quarantine_of
from etl.iceberg.current_snapshot import Head, head
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.runtime.arguments import NOWHERE
from etl.storage.raw_objects import Listing, Place, RawObject, listing
from sluice.operations.account import Account
from sluice.operations.errors import WrongUse


@dataclass(frozen=True)
class Deployed:
    """One dataset: the name of its job, that job's default arguments, and its maintenance job, "" where it has none."""

    account: Account
    name: str
    job: str
    arguments: Mapping[str, str]
    maintenance: str = ""

    @property
    def stack(self) -> str | None:
        """The stack that deployed it, as its job says; None where nothing says so.

        A job of before they said it is called <prefix>-<stack>-<dataset>; its prefix is taken to have no hyphen, as the
        default has none.
        """
        _, _, named = self.job.removesuffix(f"-{self.name}").partition("-")
        return self.arguments.get("--stack") or named or None

    @property
    def s3(self) -> Any:
        """The client that its buckets are read with."""
        return self.account.client("s3")

    @property
    def glue(self) -> Any:
        """The client that its job and tables are asked for with."""
        return self.account.client("glue")

    @property
    def raw(self) -> Place:
        """The prefix that files arrive under; NOWHERE for a dataset that is built from tables."""
        return Place.of(self.arguments["--raw"]) if "--raw" in self.arguments else NOWHERE

    @cached_property
    def sources(self) -> list[str]:
        """The datasets whose tables it is built from; none where it is built from files."""
        meta = self.json(self.arguments["--input-contract"])["meta"] if self.raw == NOWHERE else {}
        return [one["dataset"] for one in meta.get("sources", ())]

    @property
    def location(self) -> str:
        """The published table's S3 URI."""
        return self.arguments["--location"]

    @property
    def table(self) -> str:
        """The published table, catalog.database.table."""
        return self.arguments["--table"]

    @property
    def quarantine(self) -> str:
        """The table of the rows that were set aside."""
        return quarantine_of(self.table)

    @property
    def head(self) -> Head:
        """What readers see now."""
        return head(self.glue, self.s3, self.table)

    @property
    def places(self) -> Places:
        """Where its table, its quarantine and its ledgers lie."""
        return Places.of(self.location)

    @property
    def is_former(self) -> bool:
        """Whether what is published was written by an earlier version, which may be the one that is deployed."""
        return self.head.summary.get(ledger.POINTER, "").startswith(f"{self.places.former_ledgers}/")

    @property
    def ledger(self) -> Ledger:
        """What the published snapshot holds."""
        return ledger.read(self.s3, self.head)

    def listed(self) -> list[RawObject]:
        """List the raw objects in their latest version, by key; of a dataset that is built from tables, its days."""
        if not self.sources:
            return self.listing().objects
        return sorted(RawObject(day, version, 0, put) for day, (version, put) in self.ledger.held.all().items())

    def listing(self) -> Listing:
        """List the raw objects, and the keys that are passed over for their names; of one built from tables there are none."""
        return Listing() if self.sources else listing(self.s3, self.raw)

    @cached_property
    def masking(self) -> Masking:
        """What is about a person, by both contracts."""
        given, published = (self.json(self.arguments[f"--{stage}-contract"])["meta"] for stage in ("input", "output"))
        columns = [ColumnSpec(**column) for meta in (given, published) for column in meta["columns"]]
        return Masking.of(columns, given.get("format", "csv"))

    def json(self, uri: str) -> dict[str, Any]:
        """Return an S3 object's content as JSON."""
        place = Place.of(uri)
        return json.loads(self.s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read())


def all_deployed(account: Account) -> list[Deployed]:
    """Return every dataset of every lake in the account: one for each job that says `--dataset`."""
    found = sorted((job["Name"], job.get("DefaultArguments", {})) for job in _jobs(account.client("glue")))
    keeping = {said["--publisher"]: job for job, said in found if "--publisher" in said}
    return [
        Deployed(account, said["--dataset"], job, said, keeping.get(job, ""))
        for job, said in found
        if "--dataset" in said
    ]


def some_deployed(account: Account, dataset: str | None, stack: str | None) -> list[Deployed]:
    """Return the datasets of that name, all where it is None, in `stack` where that is named.

    Raises:
        WrongUse: there is none.
    """
    every = all_deployed(account)
    found = [one for one in every if dataset in (None, one.name) and stack in (None, one.stack)]
    if found:
        return found
    what = "no dataset" if dataset is None else f"no dataset {dataset!r}"
    where = f" in stack {stack}" if stack else ""
    alike = likely(dataset, (one.name for one in every))
    raise WrongUse(f"{what} is deployed{where}; there are: {', '.join(map(_named, every)) or 'none'}{alike}")


def one_deployed(account: Account, dataset: str, stack: str | None) -> Deployed:
    """Return a dataset by name, in `stack` where the account has more than one.

    Raises:
        WrongUse: there is none, or more than one.
    """
    found = some_deployed(account, dataset, stack)
    if len(found) > 1:
        raise WrongUse(f"{dataset!r} is deployed as {', '.join(one.job for one in found)}: name one with --stack")
    return found[0]


def _named(dataset: Deployed) -> str:
    return f"{dataset.job} (stack {dataset.stack})" if dataset.stack else dataset.job


def _jobs(glue: Any) -> Iterator[dict[str, Any]]:
    for page in glue.get_paginator("get_jobs").paginate():
        yield from page["Jobs"]
