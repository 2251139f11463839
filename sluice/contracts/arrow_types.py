"""Declared types as Arrow's, in which Parquet and ORC files are read and written."""

import pyarrow as pa

from etl.contract.types import ColumnType, TypeKind


def arrow_type(declared: ColumnType) -> pa.DataType:
    """Return the type of Arrow that holds a declared type's values."""
    if declared.kind is TypeKind.DECIMAL:
        return pa.decimal128(declared.precision, declared.scale)
    return pa.type_for_alias(declared.kind.arrow)


def declared_type(file_type: pa.DataType) -> ColumnType | None:
    """Return the type that a file's own is declared as, None where a contract knows none for it."""
    if isinstance(file_type, pa.DictionaryType):
        file_type = file_type.value_type
    if pa.types.is_decimal(file_type):
        return ColumnType.parse(f"decimal({file_type.precision},{file_type.scale})")
    if pa.types.is_large_string(file_type):
        return ColumnType(TypeKind.STRING)
    plain = (ColumnType(kind) for kind in TypeKind if kind is not TypeKind.DECIMAL)
    return next((declared for declared in plain if arrow_type(declared) == file_type), None)
