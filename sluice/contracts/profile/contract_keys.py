"""Which keys of an input's column and of a suite's meta a contract may have."""

from dataclasses import fields

from etl.contract.suite_meta import FileInputMeta

try:
    from etl.contract.input_column import InputColumn
except ImportError:  # pragma: no cover
    from etl.contract.columns import ColumnSpec as InputColumn

COLUMN_KEYS = frozenset(entry.name for entry in fields(InputColumn))
META_KEYS = frozenset(entry.name for entry in fields(FileInputMeta))


def can_declare(*options: str) -> bool:
    """Say whether a column of an input may have the options."""
    return COLUMN_KEYS.issuperset(options)
