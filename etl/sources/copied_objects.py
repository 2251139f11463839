"""Objects that came twice: with the ETag and the size of one that the table holds, or of another one of the run.

S3 gives objects of equal bytes one ETag where they were put whole and no key of KMS encrypts them. Copies that were put in
parts of another size, or encrypted with such a key, have ETags of their own and are not known as copies.
"""

from collections.abc import Iterable, Mapping, Sequence

from etl.ledger.ledger import Ledger
from etl.storage.raw_objects import RawObject


def find_copies(unread: Sequence[RawObject], listed: Iterable[RawObject], ledger: Ledger) -> Mapping[str, str]:
    """Return the keys of objects that are to be read and are copies, each with the key of the object that it equals.

    Args:
        unread: what is to be read; rows that the table holds of these keys are replaced.
        listed: all objects under the prefix; of those that are held, the listing tells ETag and size.
        ledger: what is held; of what is not listed any more, it tells them where it kept them.
    """
    read_keys = {raw_object.key for raw_object in unread}
    holders = {content: key for key, content in _held_contents(listed, ledger).items() if key not in read_keys}
    copies: dict[str, str] = {}
    for raw_object in sorted(unread, key=lambda raw_object: (raw_object.modified, raw_object.key)):
        if not raw_object.content:
            continue
        holder = holders.setdefault(raw_object.content, raw_object.key)
        if holder != raw_object.key and not _is_held(raw_object, ledger):
            copies[raw_object.key] = holder
    return copies


def _held_contents(listed: Iterable[RawObject], ledger: Ledger) -> dict[str, str]:
    """Return ETag and size of each held object of which they are known, by key."""
    objects = list(listed)
    unread, missing = ledger.held.compare_listing(objects)
    new_versions = {(raw_object.key, raw_object.version) for raw_object in unread}
    earlier = ledger.held.select_held(raw_object.key for raw_object in unread)
    contents = {key: held.content for key, held in (missing | earlier).items()}
    contents |= {
        raw_object.key: raw_object.content
        for raw_object in objects
        if (raw_object.key, raw_object.version) not in new_versions
    }
    return {key: content for key, content in contents.items() if content}


def _is_held(raw_object: RawObject, ledger: Ledger) -> bool:
    """Say whether an object is read again as it is: its rows are there already, and no row of it comes twice."""
    held = ledger.held.select_held([raw_object.key]).get(raw_object.key)
    return held is not None and held.version == raw_object.version
