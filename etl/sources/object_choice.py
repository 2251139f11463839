"""Which raw objects a run reads: those that the ledger does not hold and nobody skips, or those that are to be read again."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from etl.contract.loads import Load, LoadKind
from etl.contract.model import Contract
from etl.errors import NothingToRerun
from etl.ledger import skip_list
from etl.ledger.ledger import Ledger
from etl.ledger.rewrites import RecognizedObjects, recognize_rewrites
from etl.ledger.skip_list import Skip, SkipList
from etl.runtime.arguments import JobArguments
from etl.sources.manifest_selection import ManifestChoice
from etl.sources.raw_prefix import RawPrefix, choose_by_manifests, list_raw_prefix
from etl.sources.snapshot_copies import CopyChoice, CopySelection
from etl.storage.clients import Clients
from etl.storage.raw_objects import Listing, RawObject


@dataclass(frozen=True)
class ObjectChoice:
    """What a listing of the raw prefix shows, held against the ledger; the attributes are those of an `Arrival`."""

    unread: list[RawObject]
    corrected: list[str]
    skipped: list[Skip]
    deleted: list[str]
    expired: list[str]
    together: bool
    hidden: list[str]
    listed: Listing
    manifests: ManifestChoice
    copies: CopyChoice | None = None


def choose_objects(
    arguments: JobArguments, aws: Clients, contract: Contract, load: Load, ledger: Ledger
) -> ObjectChoice:
    """List the raw prefix and hold it against the ledger; of a snapshot the unread objects are one copy's.

    Raises:
        NothingToRerun: an object that is to be read again is not there.
    """
    is_snapshot = load.kind is LoadKind.SNAPSHOT
    listed = list_raw_prefix(aws.s3, arguments.raw, contract, with_first_puts=is_snapshot)
    recognized = recognize_rewrites(aws.s3, arguments.raw, ledger.rewrites, listed.objects)
    listed.objects = recognized.objects
    for entry in recognized.objects if is_snapshot else ():
        listed.note_put(entry)
    difference = ledger.compare_listing(recognized.as_known, arguments.raw_expire_days, datetime.now(UTC))
    unread = recognized.as_listed(difference.unread)
    recorded = skip_list.read_skip_list(aws.s3, arguments.location)
    skip_list.migrate_former(aws.s3, arguments.location, recorded)
    skipped = _select_skipped(recorded, recognized, [*unread, *listed.manifests])
    skipped_versions = {(raw_object.key, raw_object.version) for raw_object in skipped}
    not_skipped = [entry for entry in unread if (entry.key, entry.version) not in skipped_versions]
    candidates = _objects_to_rerun(arguments, listed) if arguments.rerun else not_skipped
    lake = RawPrefix(aws.s3, arguments.raw, contract, listed, ledger)
    choose_ready = partial(choose_by_manifests, lake, skipped_versions=skipped_versions, waits=not arguments.rerun)
    if is_snapshot:
        selection = CopySelection(
            contract.dataset, load.of, listed, not_skipped, skipped_versions, ledger.copy, choose_ready
        )
        copies = selection.choose_again(arguments.rerun) if arguments.rerun else selection.choose()
        # What a copy that is read anew has lost is none of it any more.
        deleted = [] if copies.objects else difference.deleted
        expired = [*difference.expired, *difference.deleted] if copies.objects else difference.expired
        return ObjectChoice(
            *(copies.objects, [], skipped, deleted, expired, False, [], listed, copies.manifests), copies
        )
    manifests = choose_ready(candidates)
    unread = manifests.unread
    # A row that replaced another's may be gone from the new version: then the other's counts again.
    unread_keys = [raw_object.key for raw_object in unread]
    replaced_keys = ledger.replaced_by(unread_keys) - {*unread_keys}
    replaced_objects = [raw_object for raw_object in listed.objects if raw_object.key in replaced_keys]
    hidden = [entry.key for entry in replaced_objects if (entry.key, entry.version) in skipped_versions]
    unread = sorted([*unread, *(raw_object for raw_object in replaced_objects if raw_object.key not in hidden)])
    corrected = sorted(ledger.held.select_held(raw_object.key for raw_object in unread))
    together = len(replaced_objects) > len(hidden)
    return ObjectChoice(
        *(unread, corrected, skipped, difference.deleted, difference.expired, together, hidden, listed, manifests)
    )


def _select_skipped(recorded: SkipList, recognized: RecognizedObjects, objects: list[RawObject]) -> list[Skip]:
    """Return the skips of objects, in the versions that are there: one that was written anew is skipped as it was before."""
    listed = {(entry.key, recognized.stand_ins.get(entry.key, entry.version)): entry for entry in objects}
    held_versions = [replace(entry, version=version) for (_, version), entry in listed.items()]
    skips = recorded.select_listed([*objects, *held_versions])
    return [
        replace(skip, version=listed[skip.key, skip.version].version) if (skip.key, skip.version) in listed else skip
        for skip in skips
    ]


def _objects_to_rerun(arguments: JobArguments, listed: Listing) -> list[RawObject]:
    rerun_keys = set(arguments.rerun)
    if unknown_keys := sorted(rerun_keys - {raw_object.key for raw_object in listed.objects}):
        raise NothingToRerun(
            f"{arguments.dataset}: {', '.join(unknown_keys)} is not in the raw bucket; name keys as listed"
        )
    return [raw_object for raw_object in listed.objects if raw_object.key in rerun_keys]
