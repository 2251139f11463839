"""Types of databases, and the Open Data Contract Standard's logical ones, as types that a contract may declare."""

import re
from typing import Any

from etl.contract.json_values import is_list, is_object
from etl.contract.types import ColumnType, TypeKind, published_type

Plain = dict[str, Any]
NAMES = {
    TypeKind.STRING: "string varchar char character nchar nvarchar varchar2 nvarchar2 text ntext mediumtext longtext "
    "clob bpchar character_varying uuid uniqueidentifier enum json jsonb variant str object stringtype large_string",
    TypeKind.INT: "int integer int4 int32 mediumint smallint int2 int16 tinyint int8_t byte byteint integertype "
    "shorttype bytetype",
    TypeKind.BIGINT: "bigint int64 int8 long serial bigserial longtype",
    TypeKind.DOUBLE: "double float8 float64 double_precision doubletype",
    TypeKind.FLOAT: "float real float4 float32 floattype",
    TypeKind.BOOLEAN: "boolean bool bit logical booleantype bool_",
    TypeKind.DATE: "date date32 datetype",
    TypeKind.TIMESTAMP: "timestamp timestamptz timestamp_tz timestamp_ltz timestamp_with_time_zone "
    "datetimeoffset timestamptype timestamp_with_local_time_zone",
    TypeKind.TIMESTAMP_NTZ: "timestamp_ntz timestampntz datetime datetime2 smalldatetime timestamp_without_time_zone "
    "datetime64 timestampntztype",
    TypeKind.BINARY: "binary varbinary bytea blob bytes raw image binarytype",
    TypeKind.DECIMAL: "decimal numeric number bignumeric money decimaltype dec",
}
KINDS = {name: kind for kind, names in NAMES.items() for name in names.split()}
"""What a type is here, by its name elsewhere in lower case, blanks as underscores."""
WIDEST_DECIMAL = "decimal(38,9)"
LOGICAL = {
    "string": TypeKind.STRING,
    "integer": TypeKind.BIGINT,
    "number": TypeKind.DOUBLE,
    "boolean": TypeKind.BOOLEAN,
    "date": TypeKind.DATE,
    "timestamp": TypeKind.TIMESTAMP,
    "time": TypeKind.STRING,
}
GUESSED = {"number": "decimal(precision,scale) holds amounts exactly", "time": "no type here is a time of day"}
TYPE = re.compile(
    r"(?P<name>[a-z_][a-z0-9_ ]*?)\s*"
    r"(\(\s*(?P<precision>\d+)\s*(,\s*(?P<scale>\d+)\s*)?\)|\([^()]*\))?"
    r"(?P<tail>( with(out)?( local)? time zone)?)"
)


def known_type(text: str) -> tuple[str, str] | None:
    """Return the type that a database's type is, and what is doubtful in that; None where it is of no name that is known."""
    exact = ColumnType.parse(text.strip())
    if exact:
        return str(published_type(exact)), ""
    match = TYPE.fullmatch(" ".join(text.lower().split()))
    kind = match and KINDS.get((match["name"] + match["tail"]).replace(" ", "_"))
    if not match or not kind:
        return None
    if kind is not TypeKind.DECIMAL:
        return kind.value, ""
    if not match["precision"]:
        return WIDEST_DECIMAL, f"{text} says no precision, so it is {WIDEST_DECIMAL}"
    decimal = f"decimal({int(match['precision'])},{int(match['scale'] or 0)})"
    return (decimal, "") if ColumnType.parse(decimal) else (WIDEST_DECIMAL, f"{text} is wider than {WIDEST_DECIMAL}")


def property_type(described: Plain) -> tuple[str | None, str]:
    """Return the type of a property of a document, and what is doubtful in it; None where a contract can declare none."""
    physical, logical = described.get("physicalType"), described.get("logicalType")
    recognized = known_type(physical) if isinstance(physical, str) else None
    if recognized and ColumnType(recognized[0]).is_nested:
        return recognized
    if is_list(described.get("properties")) and logical in (None, "object"):
        return _struct_type(described["properties"])
    if is_object(described.get("items")) and logical in (None, "array"):
        element, doubt = property_type(described["items"])
        return (f"array<{element}>" if element else None), doubt
    if recognized:
        return recognized
    return _logical_type(described, physical, logical)


def _logical_type(described: Plain, physical: Any, logical: Any) -> tuple[str | None, str]:
    if logical is None and physical is None:
        return TypeKind.STRING.value, "it says no type, so it is a string"
    if logical not in LOGICAL:
        return (
            (None, "") if logical else (TypeKind.STRING.value, f"the type {physical} is not known, so it is a string")
        )
    options: Any = described.get("logicalTypeOptions") or {}
    declared = (
        TypeKind.TIMESTAMP_NTZ.value
        if logical == "timestamp" and options.get("timezone") is False
        else LOGICAL[logical].value
    )
    unknown = f"the type {physical} is not known, so it is {declared} of {logical}" if physical else ""
    guessed = f"{logical} is {declared} here: {GUESSED[logical]}" if logical in GUESSED else ""
    return declared, unknown or guessed


def _struct_type(fields: list[Any]) -> tuple[str | None, str]:
    parts: list[str] = []
    doubts: list[str] = []
    for part in fields:
        declared, doubt = property_type(part)
        parts.append(f"{part.get('name')}:{declared}")
        doubts += [f"{part.get('name')}: {doubt}"] if doubt else []
        if declared is None:
            return None, ""
    text = f"struct<{','.join(parts)}>"
    return (text if ColumnType.parse(text) else None), "; ".join(doubts)
