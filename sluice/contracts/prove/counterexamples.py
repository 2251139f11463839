"""The values of a rule's own counterexample, also of what is within columns: `customer.id`, `lines[].quantity`."""

from collections.abc import Mapping, Sequence
from typing import Any

from etl.contract.column_paths import root_of, steps_of
from etl.contract.types import ColumnType, TypeKind
from sluice.contracts.prove.frames import Row
from sluice.contracts.prove.values import typed_value


def counterexample_values(named: Mapping[str, Any], valid: Row, types: Mapping[str, ColumnType]) -> Row:
    """Return the values of the columns that a counterexample names, or paths into: the rest within is as a valid row has it.

    Args:
        named: values as JSON by column or path.
        valid: a row of columns; lists, and objects as their fields' values in order, are tuples.
        types: the types of columns, and by path of what is within them.
    """
    values: Row = {}
    for path, entry in named.items():
        root = root_of(path)
        value = typed_value(entry, types[path])
        values[root] = _with_value(values.get(root, valid.get(root)), types[root], steps_of(path), value)
    return values


def _with_value(base: Any, declared: ColumnType, steps: Sequence[str], value: Any) -> Any:
    """Return a list of one element, or an object, that has a value where the steps lead to."""
    if not steps:
        return value
    if declared.kind is TypeKind.ARRAY:
        [part] = declared.parts.values()
        return (_with_value(base[0] if base else None, part, steps[1:], value),)
    fields = dict(zip(declared.parts, base or [None] * len(declared.parts), strict=True))
    field = steps[0]
    return tuple((fields | {field: _with_value(fields[field], declared.parts[field], steps[1:], value)}).values())
