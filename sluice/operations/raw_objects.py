"""The raw objects that an operator names, in the version that is there now."""

from collections.abc import Sequence
from difflib import get_close_matches

from etl import wording
from etl.storage.raw_objects import RawObject
from etl.wording import count_noun
from sluice.cli.errors import WrongUse

MAX_NAMED_OBJECTS = 10  # objects named in a sentence


def find_objects(listed: Sequence[RawObject], prefix: str, names: Sequence[str]) -> list[RawObject]:
    """Return the listed objects of these names, by key; a name is a key, with or without the dataset's prefix.

    Raises:
        WrongUse: there is no such object; the message has names like it.
    """
    objects_by_key = {raw_object.key: raw_object for raw_object in listed}
    chosen: dict[str, RawObject] = {}
    for name in names:
        raw_object = objects_by_key.get(name) or objects_by_key.get(prefix + name)
        if raw_object is None:
            similar = get_close_matches(prefix + name.removeprefix(prefix), list(objects_by_key), n=3)
            hint = f"; there is {', '.join(similar)}" if similar else ""
            raise WrongUse(f"there is no object {name!r} under {prefix}{hint}")
        chosen[raw_object.key] = raw_object
    return [chosen[key] for key in sorted(chosen)]


def describe_keys(keys: Sequence[str]) -> str:
    """Return keys for a sentence: how many and the first of them."""
    return f"{count_noun(len(keys), 'object')}: {wording.join_names(keys, MAX_NAMED_OBJECTS)}"
