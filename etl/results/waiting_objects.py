"""Raw objects that a run leaves unread since a manifest, or what it names, is not there yet: which, and for what."""

from collections.abc import Sequence
from dataclasses import dataclass

from etl.results.schema_settings import SCHEMA_SETTINGS
from etl.wording import count_noun, join_names

MAX_WAITING_KEYS = 20  # keys that a verdict names of those that wait for one thing
MAX_KEYS_SHOWN, MAX_REASONS_SHOWN = 3, 3  # in a sentence


@dataclass(frozen=True)
class WaitingObjects:
    """Objects that wait for one thing."""

    __pydantic_config__ = SCHEMA_SETTINGS

    awaited: str
    """What they wait for, in words."""
    objects: int
    """How many they are."""
    keys: tuple[str, ...]
    """Their keys, the first 20 in order."""

    @property
    def in_words(self) -> str:
        """Which wait, and for what."""
        names = join_names(self.keys, MAX_KEYS_SHOWN, number=self.objects)
        return f"{names} {'waits' if self.objects == 1 else 'wait'} for {self.awaited}"


def describe_waiting(waiting: Sequence[WaitingObjects]) -> str:
    """Return how many objects wait and for what, for a message; empty where none does."""
    if not waiting:
        return ""
    number = sum(group.objects for group in waiting)
    reasons = join_names([group.in_words for group in waiting], MAX_REASONS_SHOWN, "; ")
    return f"{count_noun(number, 'object')} {'waits' if number == 1 else 'wait'}: {reasons}"
