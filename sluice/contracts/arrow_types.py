"""Declared types as Arrow's, in which Parquet and ORC files are read and written."""

from typing import Any

import pyarrow as pa

from etl.contract.types import ColumnType, TypeKind

UNSIGNED = {
    "uint8": ColumnType(TypeKind.SMALLINT),
    "uint16": ColumnType(TypeKind.INT),
    "uint32": ColumnType(TypeKind.BIGINT),
    "uint64": ColumnType("decimal(20,0)"),
}
"""As Spark reads them: in the next wider type, since it has none without a sign."""


LOCAL_TIME = {b"spark.sql.catalyst.type": b"timestamp_ntz"}
"""What Spark writes beside an ORC column of microseconds that are local times: ORC has no such type."""


def type_in_orc(kind: Any) -> Any:
    """Return a type whose times have no zone: so ORC has moments for Spark, which reads none that have one."""
    if pa.types.is_timestamp(kind):
        return pa.timestamp(kind.unit)
    if pa.types.is_list(kind):
        return pa.list_(type_in_orc(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct(
            [(kind.field(index).name, type_in_orc(kind.field(index).type)) for index in range(kind.num_fields)]
        )
    return kind


def arrow_type(declared: ColumnType) -> pa.DataType:
    """Return the type of Arrow that holds a declared type's values."""
    if declared.kind is TypeKind.DECIMAL:
        return pa.decimal128(declared.precision, declared.scale)
    if declared.kind is TypeKind.ARRAY:
        return pa.list_(arrow_type(declared.parts[""]))
    if declared.kind is TypeKind.STRUCT:
        return pa.struct([(name, arrow_type(part)) for name, part in declared.parts.items()])
    if declared.kind is TypeKind.TIMESTAMP:  # of which Arrow has no alias
        return pa.timestamp("us", "UTC")
    return pa.type_for_alias(declared.kind.arrow)


def declared_type(file_type: pa.DataType) -> ColumnType | None:
    """Return the type that a file's own is declared as, which is what Spark reads; None where a contract knows none."""
    if isinstance(file_type, pa.DictionaryType):
        file_type = file_type.value_type
    if pa.types.is_decimal(file_type):
        return ColumnType.parse(f"decimal({file_type.precision},{file_type.scale})")
    if _is_nested(file_type):
        return _nested_type(file_type)
    if pa.types.is_timestamp(file_type):
        return ColumnType(TypeKind.TIMESTAMP if ", tz=" in str(file_type) else TypeKind.TIMESTAMP_NTZ)
    return _variant_of(file_type) or next(
        (
            declared
            for kind in TypeKind
            if (declared := ColumnType.parse(kind)) and not declared.parts and arrow_type(declared) == file_type
        ),
        None,
    )


def _is_nested(file_type: pa.DataType) -> bool:
    types = pa.types
    return types.is_list(file_type) or types.is_large_list(file_type) or types.is_struct(file_type)


def _nested_type(file_type: Any) -> ColumnType | None:
    """Return what a list or an object of a file is declared as; None where a type within it is none."""
    if not pa.types.is_struct(file_type):
        return ColumnType.parse(f"array<{declared_type(file_type.value_type)}>")
    fields = {
        file_type.field(index).name: declared_type(file_type.field(index).type) for index in range(file_type.num_fields)
    }
    return ColumnType.parse(f"struct<{','.join(f'{name}:{part}' for name, part in fields.items())}>")


def _variant_of(file_type: pa.DataType) -> ColumnType | None:
    """Return what Arrow's other forms of a type are declared as: wide, fixed and viewed ones, and without a sign."""
    if pa.types.is_large_string(file_type) or pa.types.is_string_view(file_type):
        return ColumnType(TypeKind.STRING)
    if pa.types.is_large_binary(file_type) or pa.types.is_fixed_size_binary(file_type):
        return ColumnType(TypeKind.BINARY)
    return UNSIGNED.get(str(file_type))
