"""What a run leaves unread, in words for its message: objects that wait, and names that are never read."""

from collections.abc import Sequence

from etl.results.waiting_objects import WaitingObjects, describe_waiting
from etl.storage.raw_objects import Listing
from etl.wording import count_noun, join_names

MAX_KEYS_SHOWN = 3  # keys named in a sentence


def describe_left(waiting: Sequence[WaitingObjects], listed: Listing, glob: str) -> str:
    """Say what is left unread, so that a missing manifest and a misnamed file are noticed; empty where nothing is.

    Args:
        waiting: objects that wait for a manifest, or for what one names.
        listed: the raw prefix.
        glob: the contract's `meta.files`.
    """
    waiting_note = f"; {describe_waiting(waiting)}" if waiting else ""
    return f"{waiting_note}{_describe_passed_over(listed, glob)}"


def _describe_passed_over(listed: Listing, glob: str) -> str:
    by_glob = f", or since {glob} does not take it" if glob else ""
    number = listed.number_passed_over
    keys = join_names(listed.passed_over, MAX_KEYS_SHOWN, number=number)
    objects = count_noun(number, "object")
    return f"; {objects} passed over for _ or a dot before a name{by_glob}: {keys}" if number else ""
