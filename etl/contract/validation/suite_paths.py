"""Paths into a suite: which object of the model holds a value, what the model says of it, and in which order faults stand."""

import sys
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from etl.contract.field_kinds import Demand, Remedy
from etl.contract.suite_model import SuiteRule

Path = tuple[str | int, ...]
END: Path = (sys.maxsize,)
"""Behind everything in a suite, for what is wrong with all of it together."""


class PlacedFault(NamedTuple):
    """A fault and the path of what it is about; `rule` where the path does not lead into the rule that it is about."""

    path: Path
    problem: str
    remedy: str
    rule: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a value stands.

    Attributes:
        path: its path.
        owner: the class of the model that has the value, directly or within a list or a mapping.
        owner_path: that object's path.
        key: the key of the object.
        hint: the value's annotated type, None where the model has no such key.
    """

    path: Path
    owner: type
    owner_path: Path
    key: str
    hint: Any

    @property
    def base(self) -> Any:
        """The value's type without annotations, and without the null that may stand in its place."""
        base = get_args(self.hint)[0] if get_origin(self.hint) is Annotated else self.hint
        return next(part for part in get_args(base) if part is not NoneType) if isinstance(base, UnionType) else base

    @property
    def remedy(self) -> Remedy | None:
        """The wording of its faults that stands in the model: the last one, else that of its last demand."""
        annotations = get_args(self.hint)[1:] if get_origin(self.hint) is Annotated else ()
        remedies = [annotation for annotation in annotations if isinstance(annotation, Remedy)]
        demands = [annotation for annotation in annotations if isinstance(annotation, Demand) and annotation.text]
        return remedies[-1] if remedies else Remedy(demands[-1].text, demands[-1].problem) if demands else None


@cache
def hints_of(owner: type) -> dict[str, Any]:
    """Return the annotated types of a model class by key of the file, in the model's order."""
    hints = get_type_hints(owner, include_extras=True)
    return {_key_of(hints[field.name]) or field.name: hints[field.name] for field in fields(owner)}


def _key_of(hint: Any) -> str | None:
    """Return the file's own name of a key that no Python name can be, such as `$schema`."""
    aliases = (entry.alias for entry in get_args(hint)[1:] if isinstance(entry, FieldInfo))
    return next(aliases, None)


def place_at(shape: type, path: Path) -> Place:
    """Return where a path leads to in a model class; as far as the model goes where the path goes further."""
    place = Place((), shape, (), "", shape)
    for length, step in enumerate(path, 1):
        base = place.base
        if isinstance(base, type) and is_dataclass(base):
            place = Place(path[:length], base, path[: length - 1], str(step), hints_of(base).get(str(step)))
        else:
            inner = get_args(base)[0 if isinstance(step, int) else 1]
            place = Place(path[:length], place.owner, place.owner_path, place.key, inner)
        if place.hint is None:
            break
    return place


def value_at(suite: Any, path: Path) -> Any:
    """Return the value at a path of parsed JSON, None where there is none."""
    for step in path:
        try:
            suite = suite[step]
        except (KeyError, IndexError, TypeError):
            return None
    return suite


_REPORTED: dict[type, tuple[str, ...]] = {SuiteRule: ("severity", "meta", "type", "kwargs")}
"""What a rule says of itself is reported before what it demands."""


def order_of(shape: type, path: Path) -> tuple[int, ...]:
    """Return what sorts paths: in the model's order, an unknown key before the known ones."""
    ranks: list[int] = []
    for length, step in enumerate(path, 1):
        if isinstance(step, int):
            ranks.append(step)
        else:
            owner = place_at(shape, path[:length]).owner
            keys = _REPORTED.get(owner) or tuple(hints_of(owner))
            ranks.append(keys.index(step) if step in keys else -1)
    return tuple(ranks)
