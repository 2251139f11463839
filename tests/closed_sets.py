"""Members of closed sets for tests: every one that is there, and one more, which no consumer knows."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import pytest

from etl.contract.types import ColumnType, Family, TypeKind

Consumers = Mapping[str, Callable[[Any], Any]]
Member = TypeVar("Member", bound=StrEnum)


def extra_member(closed_set: type[Member]) -> Member:
    """Return a member that is none: it has a name and a text, and nothing that consumers look up."""
    member = str.__new__(closed_set, "extra")
    member._name_, member._value_ = "EXTRA", "extra"
    return member


def example_type(kind: TypeKind) -> ColumnType:
    """Return a declared type of a kind; of an extra one too."""
    if kind is TypeKind.DECIMAL:
        return ColumnType("decimal(10,2)")
    if kind in (TypeKind.ARRAY, TypeKind.STRUCT):
        return ColumnType("array<int>" if kind is TypeKind.ARRAY else "struct<x:int>")
    declared = str.__new__(ColumnType, kind)
    declared.kind, declared.precision, declared.scale, declared.parts = kind, 0, 0, {}
    return declared


def type_of_family(family: Family) -> ColumnType:
    """Return a declared type of a family; of an extra one too."""
    kind = next((kind for kind in TypeKind if kind.family is family), None)
    if kind is None:
        kind = extra_member(TypeKind)
        kind.family = family
    return example_type(kind)


def cases(consumers: Consumers, members: Iterable[Any]) -> list[Any]:
    """Return a test case for each consumer and member, named by both."""
    return [
        pytest.param(consumer, member, id=f"{name}-{getattr(member, 'name', member)}")
        for name, consumer in consumers.items()
        for member in members
    ]
