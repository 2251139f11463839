"""What lies below a dataset's raw prefix, data and manifests apart, and which of it may be read: for runs and for operators."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from etl.contract.manifest_globs import is_manifest
from etl.contract.model import Contract
from etl.ledger.ledger import Ledger
from etl.sources.manifest_selection import ManifestChoice, ManifestSelection
from etl.sources.manifests import ManifestReader
from etl.storage.raw_objects import Listing, RawObject, S3Prefix, list_objects


def list_raw_prefix(s3: Any, raw_prefix: S3Prefix, contract: Contract, *, with_first_puts: bool = False) -> Listing:
    """List what is below a dataset's prefix, as its input contract tells data and manifests apart."""
    is_contract_manifest = partial(is_manifest, arrivals=contract.arrivals, dataset=contract.dataset)
    return list_objects(s3, raw_prefix, contract.files, is_contract_manifest, with_first_puts=with_first_puts)


@dataclass(frozen=True)
class RawPrefix:
    """A dataset's raw objects: as they were listed, and as the ledger holds them."""

    s3: Any
    prefix: S3Prefix
    contract: Contract
    listed: Listing
    ledger: Ledger


def choose_by_manifests(
    raw: RawPrefix, unread: Sequence[RawObject], skipped_versions: Collection[tuple[str, str]], *, waits: bool
) -> ManifestChoice:
    """Return which of some unread objects may be read, by their manifests."""
    listed_keys = {raw_object.key for raw_object in raw.listed.objects}
    reader = ManifestReader(raw.s3, raw.prefix, raw.contract, listed_keys, skipped_versions)

    def find_missing(keys: Collection[str]) -> Collection[str]:
        unlisted = set(keys) - listed_keys
        # What was read and is gone since, by expiry or by hand, was there.
        return unlisted - raw.ledger.held.select_held(unlisted).keys() if unlisted else unlisted

    selection = ManifestSelection(raw.contract, unread, raw.listed.manifests, reader.read_all, find_missing)
    return selection.choose(waits=waits)
