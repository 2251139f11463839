"""Paths to values within a column: `customer.id` of an object, `lines[].quantity` of each object of a list."""

from collections.abc import Iterator, Mapping

from etl.contract.types import ColumnType, TypeKind

EACH = "[]"
"""Behind the name of a list: each of its elements."""
ELEMENT_TYPES = (
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_be_between",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_match_regex",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
)
"""The expectations that judge the elements of a list: a row holds one where each element does."""


def root_of(path: str) -> str:
    """Return the column that a path leads into; of a plain name itself."""
    return path.partition(".")[0].partition(EACH)[0]


def steps_of(path: str) -> list[str]:
    """Return the way from a column to what a path leads to: the names of fields, and EACH for the elements of a list."""
    return path.replace(EACH, f".{EACH}").split(".")[1:]


def has_elements(path: str) -> bool:
    """Say whether a path leads to the elements of a list."""
    return EACH in path


def types_within(types: Mapping[str, str]) -> dict[str, ColumnType]:
    """Return the types of what stands within columns, by path; `types` are those of the columns by name."""
    return {path: declared for name, text in types.items() for path, declared in _paths(name, ColumnType.parse(text))}


def _paths(path: str, declared: ColumnType | None) -> Iterator[tuple[str, ColumnType]]:
    if declared is None or not declared.is_nested:
        return
    for name, part in declared.parts.items():
        inner = f"{path}{EACH}" if declared.kind is TypeKind.ARRAY else f"{path}.{name}"
        yield inner, part
        yield from _paths(inner, part)
