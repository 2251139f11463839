"""What withdrawing an object will change, before anything is."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from etl.contract.loading import parse_contract
from etl.contract.loads import Load
from etl.contract.manifest_globs import is_manifest
from etl.contract.table_names import OBJECT, VERSION
from etl.errors import WithdrawRefused
from etl.ledger import skip_list
from etl.ledger.ingested_objects import HeldVersion
from etl.ledger.ledger import Ledger
from etl.ledger.replaced_objects import ReplacedObjects
from etl.ledger.skip_list import Skip, SkipList
from etl.sources.raw_prefix import RawPrefix, list_raw_prefix
from etl.sources.withdrawn_copy import WithdrawnCopy
from etl.storage.raw_objects import Listing, RawObject
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.operations import quarantined_rows, raw_objects, skip_changes
from sluice.operations.deployed_dataset import DeployedDataset


@dataclass(frozen=True)
class Leaving:
    """What leaves the table with an object, and what comes back.

    Attributes:
        keys: the object's key; of a snapshot those of its copy, none where the table is of another.
        replaced: the objects that are read again for it.
    """

    keys: Collection[str]
    replaced: ReplacedObjects


@dataclass(frozen=True)
class WithdrawPlan:
    """An object of a dataset, as table, ledger, raw bucket and skips have it.

    Attributes:
        object: in the version that is listed; in that of its published rows where it is not listed any more.
        held: the version that the table holds; None where it holds none, or the ledger forgot it by expiry.
        rows: published rows that came from it.
        skip: the skip of the version that is there; None for none.
        skips: all that is skipped.
        leaves: what leaves with it, and what comes back.
    """

    dataset: DeployedDataset
    object: RawObject
    held: HeldVersion | None
    rows: int
    skip: Skip | None
    skips: SkipList
    leaves: Leaving

    @classmethod
    def look(cls, dataset: DeployedDataset, name: str) -> "WithdrawPlan":
        """Look an object up, by its key with or without the dataset's prefix.

        Raises:
            WrongUse: there is none of this name, it is a manifest, or it has a version that no run has read.
        """
        ledger, listed = dataset.ledger, dataset.list_raw_prefix()
        held_objects = ledger.held.all_objects()
        listed_keys = {raw_object.key for raw_object in listed.objects}
        gone = [
            RawObject(key, held.version, 0, held.put) for key, held in held_objects.items() if key not in listed_keys
        ]
        chosen = _find_object(dataset, [*listed.objects, *listed.manifests, *gone], name)
        if is_manifest(chosen.key, dataset.arrivals, dataset.name):
            raise WrongUse(
                f"{chosen.key} is a manifest and has no rows: withdraw what it names, or skip it (sluice skip)"
            )
        skips, held = skip_list.read_skip_list(dataset.s3, dataset.location), held_objects.get(chosen.key)
        leaves = _find_leaving(dataset, ledger, listed, skips, chosen.key)
        versions = [version for key in leaves.keys for version in _row_versions(dataset, key)]
        skip = skip_changes.skips_by_key(skips, [chosen]).get(chosen.key)
        plan = cls(dataset, chosen, held, len(versions), skip, skips, leaves)
        if held and held.version != chosen.version and not skip:
            raise WrongUse(
                f"{chosen.key} has the version {chosen.version}, put {chosen.modified}, that no run has read: its rows take "
                f"the place of those of {held.version} with the next run. Start that (sluice start {dataset.name}), or have "
                f"runs leave it alone first (sluice skip {dataset.name} {chosen.key} --why …)"
            )
        return plan

    @property
    def is_published(self) -> bool:
        """Whether the published table has something of it: rows, or that it was read; of a snapshot, whether it is its copy."""
        return bool(self.leaves.keys) and (self.held is not None or self.rows > 0)

    @property
    def version(self) -> str:
        """The version that leaves and is skipped."""
        return self.held.version if self.held else self.object.version

    @property
    def why_no_row_leaves(self) -> str:
        """Say why withdrawing it only skips it, where it does."""
        return "the table is of another copy" if self.held else "no run has read it"

    @cached_property
    def rows_aside(self) -> int:
        """How many rows of it are aside."""
        aside = quarantined_rows.quarantined_rows(self.dataset)
        return sum(row["object"] in self.leaves.keys for row in aside)

    def refuse_lost(self, *, without: bool) -> None:
        """Go on only where all that it had replaced can come back, or may stay away.

        Raises:
            WrongUse: some of it cannot.
        """
        lost = self.leaves.replaced.lost
        if lost and not without:
            raise WrongUse(
                f"rows of {self.object.key} had replaced rows of {self.leaves.replaced.describe_lost(lost)}: these cannot be "
                "read again, and nothing was done. Let these rows stay away with --without, or bring the objects back first"
            )

    def describe_changes(self, who: str, why: str) -> list[str]:
        """Say what will change, a line each."""
        own_key, rows = self.object.key, count_noun(self.rows, "row")
        aside = f", and {self.rows_aside:,} that are aside" if self.rows_aside else ""
        lines = [
            f"{self.dataset.job} withdraws {own_key} (version {self.version}): {rows} of it leave "
            f"{self.dataset.table}{aside}, in one commit. Runs leave it alone until a new version of it or "
            f"`unskip`: {why} ({who})"
        ]
        if others := [key for key in self.leaves.keys if key != own_key]:
            lines.append(f"with it the rest of its copy leaves: {raw_objects.describe_keys(others)}")
        if self.leaves.replaced.restorable:
            keys = [raw_object.key for raw_object in self.leaves.replaced.restorable]
            lines.append(
                f"rows that it had replaced come back, read again and judged: {raw_objects.describe_keys(keys)}"
            )
        if self.leaves.replaced.lost:
            lines.append(
                f"what it had replaced stays away of {self.leaves.replaced.describe_lost(self.leaves.replaced.lost)}"
            )
        return lines

    def as_json(self) -> dict[str, Any]:
        """Return it as a machine reads it."""
        return {
            "key": self.object.key,
            "version": self.version,
            "rows": self.rows,
            "rows_aside": self.rows_aside,
            "restored": [raw_object.key for raw_object in self.leaves.replaced.restorable],
            "without": [*self.leaves.replaced.lost],
        }


def _find_leaving(dataset: DeployedDataset, ledger: Ledger, listed: Listing, skips: SkipList, key: str) -> Leaving:
    """Return what leaves with an object, by the load of the contract that is deployed."""
    load = Load.from_json(dataset.read_json(dataset.arguments["--output-contract"])["meta"].get("load"))
    if load is None or not load.kind.is_whole_table:
        return Leaving([key], ReplacedObjects.find(key, ledger, listed.objects, skips.skipped))
    uri = dataset.arguments["--input-contract"]
    contract = parse_contract(json.dumps(dataset.read_json(uri)), uri)
    listed = list_raw_prefix(dataset.s3, dataset.raw, contract, with_first_puts=True)
    try:
        copy = WithdrawnCopy.find(
            RawPrefix(dataset.s3, dataset.raw, contract, listed, ledger), load, skips.skipped, key
        )
    except WithdrawRefused:  # of another copy: no row leaves with it
        return Leaving([], ReplacedObjects([], {}))
    return Leaving([*copy.objects], copy.replaced)


def _find_object(dataset: DeployedDataset, candidates: Sequence[RawObject], name: str) -> RawObject:
    """Return the object of a name; one that neither ledger nor raw bucket knows any more may have rows all the same."""
    prefix = dataset.raw.prefix
    try:
        [chosen] = raw_objects.find_objects(candidates, prefix, [name])
    except WrongUse:
        key = name if name.startswith(prefix) else f"{prefix}{name}"
        if versions := _row_versions(dataset, key):
            return RawObject(key, versions[0])
        raise
    return chosen


def _row_versions(dataset: DeployedDataset, key: str) -> list[str]:
    """Return the version of each published row that came from an object."""
    table = dataset.account.load_table(dataset.table)
    if table is None or table.current_snapshot() is None:
        return []
    from pyiceberg.expressions import EqualTo  # noqa: PLC0415  half a second to import

    scan = table.scan(row_filter=EqualTo(OBJECT, key), selected_fields=(VERSION,))  # pyright: ignore[reportCallIssue]
    return [row[VERSION] for row in scan.to_arrow().to_pylist()]
