"""The raw objects that an operator names, in the version that is there now."""

from collections.abc import Sequence
from difflib import get_close_matches

from etl import wording
from etl.storage.raw_objects import RawObject
from etl.wording import counted
from sluice.operations.errors import WrongUse

FEW = 10  # objects named in a sentence


def named(listed: Sequence[RawObject], prefix: str, given: Sequence[str]) -> list[RawObject]:
    """Return the listed objects of these names, by key; a name is a key, with or without the dataset's prefix.

    Raises:
        WrongUse: there is no such object; the message has names like it.
    """
    there = {one.key: one for one in listed}
    found: dict[str, RawObject] = {}
    for name in given:
        one = there.get(name) or there.get(prefix + name)
        if one is None:
            like = get_close_matches(prefix + name.removeprefix(prefix), list(there), n=3)
            hint = f"; there is {', '.join(like)}" if like else ""
            raise WrongUse(f"there is no object {name!r} under {prefix}{hint}")
        found[one.key] = one
    return [found[key] for key in sorted(found)]


def told(keys: Sequence[str]) -> str:
    """Return keys for a sentence: how many and the first of them."""
    return f"{counted(len(keys), 'object')}: {wording.listed(keys, FEW)}"
