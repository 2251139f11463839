"""A record of JSON with lists and objects: which spellings of its keys are read, and which could hide a value."""

import re

import pytest

from etl.contract.types import ColumnType
from etl.sources.nested_json import record_pattern

TYPES = {"größe": "array<int>", "a/b": "string", 'q"x': "int", "🎉": "string", "id": "int"}


def is_proven(record: str, *, ignores_others: bool = False) -> bool:
    types = {name: ColumnType(declared) for name, declared in TYPES.items()}
    return re.fullmatch(record_pattern(types, ignores_others=ignores_others), record) is not None


@pytest.mark.parametrize(
    "record",
    [
        '{"größe": [1], "id": 1}',
        r'{"gr\u00f6\u00dfe": [1]}',
        r'{"gr\u00F6ße": [1], "\ud83c\udf89": "x"}',
        r'{"a\/b": "x", "q\"x": 1}',
        r'{"o\"k \\ \n": 1}',
    ],
)
def test_a_key_is_read_in_each_way_that_writers_spell_it(record: str) -> None:
    assert is_proven(record)
    assert is_proven(record, ignores_others=True)


@pytest.mark.parametrize("key", ["id", r"\u0069d", r"gr\u00f6\u00dfe", r"a\/b", r"\ud83c\udf89"])
def test_no_spelling_of_a_declared_key_hides_an_object_where_others_are_ignored(key: str) -> None:
    assert is_proven('{"other": {"a": [1]}}', ignores_others=True)
    assert not is_proven(f'{{"{key}": {{"a": [1]}}}}', ignores_others=True)
