"""A dataset of a deployed lake, learned from its job's definition: where its table, ledger and verdicts are."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from components.tags import TAG
from etl.contract.arrivals import DueArrival
from etl.contract.dialect import ExtraColumns
from etl.contract.faults import did_you_mean_ending
from etl.contract.input_column import InputColumn
from etl.contract.layout import DatasetLocations
from etl.contract.loading import parse_contract
from etl.contract.loads import Load, LoadKind
from etl.contract.manifest_globs import is_manifest, with_manifest, with_success_marker
from etl.contract.masking import Masking
from etl.contract.policies import ConflictPolicy
from etl.contract.source_format import SourceFormat
from etl.contract.stage import SUITE_STAGES
from etl.contract.table_names import changes_of, quarantine_of
from etl.contract.types import ColumnType
from etl.iceberg.current_snapshot import Head, read_head
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.runtime.arguments import NO_PREFIX
from etl.sources.manifest_selection import ManifestChoice
from etl.sources.raw_prefix import RawPrefix, choose_by_manifests
from etl.sources.snapshot_copies import CopySelection
from etl.storage.raw_objects import Listing, RawObject, S3Prefix, list_objects
from sluice.cli.errors import WrongUse
from sluice.operations.account import Account

if TYPE_CHECKING:  # development only
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class DeployedDataset:
    """One dataset: the name of its job, that job's default arguments, and its maintenance job, "" where it has none.

    `forget` is the stack's job that forgets rows of any dataset, "" where an earlier version deployed it.
    """

    account: Account
    name: str
    job: str
    arguments: Mapping[str, str]
    maintenance: str = ""
    forget: str = ""

    @cached_property
    def stack(self) -> str | None:
        """The stack that deployed it: as its job's argument says, or, of an earlier version's job, its tag; else None."""
        return self.arguments.get("--stack") or self._job_tags().get(TAG)

    @property
    def s3(self) -> "S3Client":
        """The client that its buckets are read with."""
        return self.account.client("s3")

    @property
    def glue(self) -> "GlueClient":
        """The client that its job and tables are asked for with."""
        return self.account.client("glue")

    @property
    def raw(self) -> S3Prefix:
        """The prefix that files arrive under; NOWHERE for a dataset that is built from tables."""
        return S3Prefix.from_uri(self.arguments["--raw"]) if "--raw" in self.arguments else NO_PREFIX

    @cached_property
    def sources(self) -> list[str]:
        """The datasets whose tables it is built from; none where it is built from files."""
        meta = self.read_json(self.arguments["--input-contract"])["meta"] if self.raw == NO_PREFIX else {}
        return [source["dataset"] for source in meta.get("sources", ())]

    @property
    def location(self) -> str:
        """The published table's S3 URI."""
        return self.arguments["--location"]

    @property
    def assets(self) -> str:
        """The bucket of verdicts, reports and code; "" where the job is not told."""
        verdicts = self.arguments.get("--verdicts")
        return S3Prefix.from_uri(verdicts).bucket if verdicts else ""

    @property
    def table(self) -> str:
        """The published table, catalog.database.table."""
        return self.arguments["--table"]

    @property
    def quarantine(self) -> str:
        """The table of the rows that were set aside."""
        return quarantine_of(self.table)

    @property
    def changes(self) -> str:
        """The table of deleted keys, where its load is of changes."""
        return changes_of(self.table)

    @property
    def head(self) -> Head:
        """What readers see now."""
        return read_head(self.glue, self.s3, self.table)

    @property
    def places(self) -> DatasetLocations:
        """Where its table, its quarantine and its ledgers lie."""
        return DatasetLocations.from_location(self.location)

    @property
    def is_former(self) -> bool:
        """Whether what is published was written by an earlier version, which may be the one that is deployed."""
        return self.head.summary.get(ledger.POINTER, "").startswith(f"{self.places.former_ledgers}/")

    @property
    def ledger(self) -> Ledger:
        """What the published snapshot holds."""
        return ledger.read_ledger(self.s3, self.head)

    @cached_property
    def input_meta(self) -> Mapping[str, Any]:
        """The meta of the input contract that its runs take."""
        return self.read_json(self.arguments["--input-contract"])["meta"]

    @property
    def data_files(self) -> str:
        """Which raw objects are data, as the input contract's glob has it; "" for all."""
        return self.input_meta.get("files", "")

    @cached_property
    def arrivals(self) -> tuple[DueArrival, ...]:
        """The objects that are due, by the input contract, and the markers that its runs wait for."""
        declared = tuple(DueArrival(**arrival) for arrival in self.input_meta.get("arrivals", ()))
        return with_success_marker(declared, self.load)

    @cached_property
    def load(self) -> Load:
        """How a day's rows come into the published table, by the output contract."""
        meta = self.read_json(self.arguments["--output-contract"])["meta"]
        conflicts = ConflictPolicy(meta.get("on_conflict", ConflictPolicy.REFUSE))
        return Load.from_json(meta.get("load")) or Load.from_conflicts(conflicts)

    def list_raw_objects(self) -> list[RawObject]:
        """List the raw objects in their latest version, by key; of a dataset that is built from tables, its days."""
        if not self.sources:
            return self.list_raw_prefix().objects
        return sorted(RawObject(day, held.version, 0, held.put) for day, held in self.ledger.held.all_objects().items())

    def list_raw_prefix(self) -> Listing:
        """List the raw objects, and the keys that are passed over; of one built from tables there are none."""
        if self.sources:
            return Listing()
        is_of_arrivals = partial(is_manifest, arrivals=self.arrivals, dataset=self.name)
        is_snapshot = self.load.kind is LoadKind.SNAPSHOT
        return list_objects(self.s3, self.raw, self.data_files, is_of_arrivals, with_first_puts=is_snapshot)

    def list_skippable(self) -> list[RawObject]:
        """List what an operator may have runs leave alone: raw objects and manifests, by key."""
        listed = self.list_raw_prefix()
        return sorted([*listed.objects, *listed.manifests])

    def choose_unread(
        self, listed: Listing, unread: Sequence[RawObject], skipped_versions: Collection[tuple[str, str]]
    ) -> tuple[ManifestChoice, list[RawObject]]:
        """Return which of some unread objects the next run may read, by their manifests, and of a snapshot older copies.

        Raises:
            ContractInvalid: the contract is of another version.
        """
        choose_ready = partial(self._choose_by_manifests, listed, skipped_versions)
        if self.load.kind is not LoadKind.SNAPSHOT:
            return choose_ready(unread), []
        copy = self.ledger.copy
        selection = CopySelection(self.name, self.load.of, listed, unread, skipped_versions, copy, choose_ready)
        copies = selection.choose()
        return copies.manifests, copies.superseded

    def _choose_by_manifests(
        self, listed: Listing, skipped_versions: Collection[tuple[str, str]], unread: Sequence[RawObject]
    ) -> ManifestChoice:
        if not with_manifest(self.arrivals):
            return ManifestChoice([*unread])
        uri = self.arguments["--input-contract"]
        contract = replace(parse_contract(json.dumps(self.read_json(uri)), uri), arrivals=self.arrivals)
        raw_prefix = RawPrefix(self.s3, self.raw, contract, listed, self.ledger)
        return choose_by_manifests(raw_prefix, unread, skipped_versions, waits=True)

    @cached_property
    def input_columns(self) -> dict[str, ColumnType]:
        """The types of the columns that the input's contract declares, by name."""
        columns = self.read_json(self.arguments["--input-contract"])["meta"]["columns"]
        return {column["name"]: InputColumn(**column).type for column in columns}

    @cached_property
    def masking(self) -> Masking:
        """What is about a person, by both contracts."""
        input_meta, output_meta = (
            self.read_json(self.arguments[f"--{stage}-contract"])["meta"] for stage in SUITE_STAGES
        )
        columns = [InputColumn(**column) for meta in (input_meta, output_meta) for column in meta["columns"]]
        extra_columns = ExtraColumns(input_meta.get("extra_columns", ExtraColumns.REFUSE))
        source_format = SourceFormat(input_meta.get("format", SourceFormat.CSV))
        return Masking.from_columns(columns, source_format, extra_columns.are_ignored)

    def read_json(self, uri: str) -> dict[str, Any]:
        """Return an S3 object's content as JSON."""
        place = S3Prefix.from_uri(uri)
        return json.loads(self.s3.get_object(Bucket=place.bucket, Key=place.prefix)["Body"].read())

    def _job_tags(self) -> Mapping[str, str]:
        arn = self.account.regional_arn("glue", f"job/{self.job}")
        return self.glue.get_tags(ResourceArn=arn)["Tags"]


def all_deployed(account: Account) -> list[DeployedDataset]:
    """Return every dataset of every lake in the account: one for each job that says `--dataset`."""
    jobs = sorted((job["Name"], job.get("DefaultArguments", {})) for job in _list_jobs(account.client("glue")))
    maintenance_jobs = {arguments["--publisher"]: job for job, arguments in jobs if "--publisher" in arguments}
    forget_jobs = {
        S3Prefix.from_uri(arguments["--assets"]).bucket: job for job, arguments in jobs if "--forget" in arguments
    }
    datasets = [
        DeployedDataset(account, arguments["--dataset"], job, arguments, maintenance_jobs.get(job, ""))
        for job, arguments in jobs
        if "--dataset" in arguments
    ]
    return [replace(dataset, forget=forget_jobs.get(dataset.assets, "")) for dataset in datasets]


def some_deployed(account: Account, dataset: str | None, stack: str | None) -> list[DeployedDataset]:
    """Return the datasets of that name, all where it is None, in `stack` where that is named.

    Raises:
        WrongUse: there is none.
    """
    deployed = all_deployed(account)
    matching = [
        candidate for candidate in deployed if dataset in (None, candidate.name) and stack in (None, candidate.stack)
    ]
    if matching:
        return matching
    subject = "no dataset" if dataset is None else f"no dataset {dataset!r}"
    scope = f" in stack {stack}" if stack else ""
    alike = did_you_mean_ending(dataset, (candidate.name for candidate in deployed)) or did_you_mean_ending(
        stack, {candidate.stack for candidate in deployed if candidate.stack}
    )
    raise WrongUse(
        f"{subject} is deployed{scope}; there are: {', '.join(map(_describe_job, deployed)) or 'none'}{alike}"
    )


def one_deployed(account: Account, dataset: str, stack: str | None) -> DeployedDataset:
    """Return a dataset by name, in `stack` where the account has more than one.

    Raises:
        WrongUse: there is none, or more than one.
    """
    matching = some_deployed(account, dataset, stack)
    if len(matching) > 1:
        raise WrongUse(
            f"{dataset!r} is deployed as {', '.join(candidate.job for candidate in matching)}: name one with --stack"
        )
    return matching[0]


def _describe_job(dataset: DeployedDataset) -> str:
    return f"{dataset.job} (stack {dataset.stack})" if dataset.stack else dataset.job


def _list_jobs(glue: Any) -> Iterator[dict[str, Any]]:
    for page in glue.get_paginator("get_jobs").paginate():
        yield from page["Jobs"]
