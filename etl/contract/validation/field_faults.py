"""Faults of a suite's fields: pydantic's errors on the model, worded for the person who mends the file.

Every error is there at once. Cross-checks run apart, on what has the right JSON types: pydantic would skip them once a field is
wrong, and their faults would come only with the next run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, is_dataclass
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic_core import ErrorDetails

from etl.contract.faults import did_you_mean, short_repr
from etl.contract.field_kinds import MISSING, OURS, Remedy
from etl.contract.validation.checked_suite import UNKNOWN_KEY, CheckedSuite
from etl.contract.validation.field_wording import wording_of
from etl.contract.validation.suite_paths import Path, Place, PlacedFault, place_at, value_at

TOO_SHORT = "too_short"
NO_KEY = "missing"


def field_faults(checked: CheckedSuite) -> Iterator[PlacedFault]:
    """Yield the faults of a suite's fields: one a place, and none within an object that is a fault as a whole."""
    wording = _FieldWording(checked)
    faults: dict[Path, PlacedFault] = {}
    for error in checked.errors:
        if fault := wording.fault_of(error):
            faults.setdefault(fault.path, fault)
    for path, fault in faults.items():
        if not any(path[:end] in faults for end in range(1, len(path))):
            yield fault


@dataclass(frozen=True)
class _FieldWording:
    """Words the errors of one suite."""

    checked: CheckedSuite

    def fault_of(self, error: ErrorDetails) -> PlacedFault | None:
        """Return an error as a fault, None where others say it."""
        place = place_at(self.checked.shape, error["loc"])
        wording = wording_of(place.owner)
        if error["type"] == TOO_SHORT and value_at(self.checked.suite, place.path):
            return None  # pydantic counts the items that are sound; the others have faults of their own
        if error["type"] == UNKNOWN_KEY:
            words = dict(wording.misplaced).get(place.key, wording.unknown)
            return self._placed(place, *words, wording.keys) if words else self._whole_owner(place)
        if error["type"] == NO_KEY and not wording.missing:
            return self._whole_owner(place)
        if isinstance(place.base, type) and is_dataclass(place.base):
            return self._placed(place, *wording_of(place.base).whole)
        return self._of_value(place, error)

    def _whole_owner(self, place: Place) -> PlacedFault:
        return self._placed(place_at(self.checked.shape, place.owner_path), *wording_of(place.owner).whole)

    def _of_value(self, place: Place, error: ErrorDetails) -> PlacedFault:
        wording, demanded = wording_of(place.owner), error.get("ctx", {})
        worded = self._worded(place)
        remedy = worded.remedy or Remedy("{likely}it may be {choices}")
        text, problem = remedy.text, remedy.problem
        if error["type"] == OURS and demanded["text"] and worded == place:
            text, problem = demanded["text"], demanded["problem"]
        sentences = {MISSING: wording.missing, "": wording.wrong}
        return self._placed(worded, sentences.get(problem, problem), text, remedy.choices or _choices(worded.base))

    def _worded(self, place: Place) -> Place:
        """Return the innermost place that has a wording: an item of a list is often worded as the list."""
        is_item = place.path != (*place.owner_path, place.key)
        return self._worded(place_at(self.checked.shape, place.path[:-1])) if is_item and not place.remedy else place

    def _placed(self, place: Place, problem: str, remedy: str, choices: Sequence[str] = ()) -> PlacedFault:
        value = value_at(self.checked.suite, place.path)
        names = {
            "dataset": self.checked.sound.dataset,
            "stage": self.checked.sound.stage or "unnamed",
            "columns": ", ".join(self.checked.sound.columns),
            "key": place.key,
            "entry": str(place.owner_path[-1]) if place.owner_path else "",
            "value": short_repr(value),
            "name": short_repr(value_at(self.checked.suite, (*place.owner_path, "name"))),
            "keys": ", ".join(choices),
            "choices": (" or " if len(choices) == 2 else ", ").join(choices),
        }
        unknown = place.key if place.hint is None else value
        names["likely"] = did_you_mean(unknown, choices)
        return PlacedFault(place.path, problem.format_map(names), remedy.format_map(names))


def _choices(base: Any) -> tuple[str, ...]:
    """Return what a value of a closed set may be."""
    if get_origin(base) is Literal:
        return get_args(base)
    return tuple(member.value for member in base) if isinstance(base, type) and issubclass(base, Enum) else ()
