"""The objects whose rows those of another one replaced: these come back where that one leaves, if they can be read again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from etl.ledger.ledger import Ledger
from etl.ledger.skip_list import Skip
from etl.storage.raw_objects import RawObject
from etl.wording import join_names

MAX_KEYS_SHOWN = 5  # keys named in a sentence


@dataclass(frozen=True)
class ReplacedObjects:
    """The objects whose rows those of one had replaced.

    Attributes:
        restorable: those that can be read again, by key.
        lost: those that cannot, each with why, by key.
    """

    restorable: list[RawObject]
    lost: Mapping[str, str]

    @classmethod
    def find(cls, key: str, ledger: Ledger, listed: Iterable[RawObject], skipped: Iterable[Skip]) -> "ReplacedObjects":
        """Hold what the ledger knows of an object against a listing and what is skipped."""
        keys = ledger.replaced_by([key]) - {key}
        listed_by_key = {raw_object.key: raw_object for raw_object in listed if raw_object.key in keys}
        held = ledger.held.select_held(keys)
        skips = {(skip.key, skip.version): skip for skip in skipped}
        lost: dict[str, str] = {}
        for other in sorted(keys):
            raw_object = listed_by_key.get(other)
            if raw_object is None:
                lost[other] = "is no longer in the raw bucket" if other in held else "has expired"
            elif skip := skips.get((other, raw_object.version)):
                lost[other] = f"is skipped by {skip.who}: {skip.why}"
        restorable = [raw_object for other, raw_object in sorted(listed_by_key.items()) if other not in lost]
        return cls(restorable, lost)

    def describe_lost(self, keys: Iterable[str]) -> str:
        """Say of some of these keys why they cannot be read again."""
        return join_names([f"{key} ({self.lost[key]})" for key in keys], MAX_KEYS_SHOWN)
