"""A published dataset as Redshift keeps it: table, load and procedure follow from its output contract."""

import re
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import assert_never

from components.readers.redshift_words import RESERVED_WORDS
from etl.contract.model import ColumnSpec, Contract, Rule
from etl.contract.types import TypeKind

SQL_FOLDER = Path(__file__).parent / "sql" / "redshift"
LINE_LENGTH = 120
NO_BREAK = "\xa0"
"""Stands for a space that no line breaks at."""
DEFAULT_WIDTH, SMALLEST_WIDTH, LARGEST_WIDTH = 256, 64, 65535
"""Bytes of a text: Redshift's own default (Character types), and what is taken where a rule says how long it gets."""
BYTES_PER_CHARACTER = 4
"""At most, in UTF-8: Redshift counts a text's bytes, and a contract its characters."""
LENGTHS = {"expect_column_value_lengths_to_be_between": "max_value", "expect_column_value_lengths_to_equal": "value"}
TYPES = {
    TypeKind.TIMESTAMP: "timestamptz",
    TypeKind.TIMESTAMP_NTZ: "timestamp",
    TypeKind.DOUBLE: "double precision",
    TypeKind.FLOAT: "real",
    TypeKind.BINARY: "varbyte(64000)",
}
"""Redshift's names (Data types; Iceberg tables, Supported data types); of bytes its own default width."""
IN_SET, NOT_NULL = "expect_column_values_to_be_in_set", "expect_column_values_to_not_be_null"


def read_template(name: str) -> str:
    """Return the text of `components/readers/sql/redshift/<name>.sql`."""
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def table_sql(contract: Contract) -> str:
    """Return the statement that makes a dataset's table where there is none."""
    sorted_by = [_partition_column(part) for part in contract.partition_by]
    return read_template("table").format(
        dataset=contract.dataset,
        table=quote_name(contract.dataset),
        columns=",\n".join(f"  {_column_definition(contract, column)}" for column in contract.columns),
        key=_names(contract.key),
        sort_key=f" SORTKEY ({_names(dict.fromkeys(sorted_by))})" if sorted_by else "",
    )


def load_sql(contract: Contract) -> str:
    """Return the statements that make the table what the published one shows."""
    table, key = quote_name(contract.dataset), [quote_name(name) for name in contract.key]
    columns = [quote_name(name) for name in contract.names]
    updated = [name for name in columns if name not in key] or key  # MERGE takes no empty SET
    return read_template("load").format(
        table=table,
        columns=", ".join(columns),
        same_key_as_changed="\n  AND ".join(f"{table}.{name} = load_changed.{name}" for name in key),
        updates=",\n".join(f"  {name} = load_changed.{name}" for name in updated),
        changed_values=_wrap([f"load_changed.{name}" for name in columns], ", ", "  ", "  "),
        same_key_as_published=_wrap(
            [f"load_published.{name} = {table}.{name}" for name in key], f" AND{NO_BREAK}", "  WHERE ", "    "
        ),
    )


def procedure_sql(contract: Contract) -> str:
    """Return the statement that makes `load_<dataset>()`, which is the load behind a lock."""
    return read_template("procedure").format(
        dataset=contract.dataset, table=quote_name(contract.dataset), load=load_sql(contract).strip()
    )


def forget_sql(contract: Contract) -> str:
    """Return the statements that remove rows whose key the published table no longer has; no key stands in them."""
    table = quote_name(contract.dataset)
    return read_template("forget").format(
        table=table,
        key=_names(contract.key),
        same_key_as_published=" AND ".join(
            f"forget_published.{name} = {table}.{name}" for name in map(quote_name, contract.key)
        ),
    )


def quote_name(name: str) -> str:
    """Return a name as SQL takes it: in quotes where it is a reserved word, or has other signs than a plain one."""
    is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name, re.ASCII) and name not in RESERVED_WORDS
    return name if is_plain else f'"{name}"'


def text_width(contract: Contract, column: str) -> int:
    """Return the bytes of a text column: as its rules bound it, rounded up to a power of two, else Redshift's default."""
    rules = [rule for rule in contract.rules if rule.columns == (column,) and rule.severity.is_enforced]
    bounds = [size for rule in rules if (size := _longest_text(rule)) is not None]
    if not bounds:
        return DEFAULT_WIDTH
    power_of_two = 1 << max(min(bounds) - 1, 0).bit_length()
    return min(max(power_of_two, SMALLEST_WIDTH), LARGEST_WIDTH)


def _longest_text(rule: Rule) -> int | None:
    """Return the bytes of the longest text that keeps a rule, None where the rule does not bound it."""
    if rule.type == IN_SET:
        return max(len(str(value).encode()) for value in rule.kwargs["value_set"])
    longest = rule.kwargs.get(LENGTHS[rule.type]) if rule.type in LENGTHS else None
    return longest * BYTES_PER_CHARACTER if isinstance(longest, int) else None


def _column_definition(contract: Contract, column: ColumnSpec) -> str:
    not_null = {
        name for rule in contract.rules if rule.type == NOT_NULL and rule.severity.is_enforced for name in rule.columns
    }
    ending = " NOT NULL" if column.name in not_null | set(contract.key) else ""
    return f"{quote_name(column.name)} {_redshift_type(contract, column)}{ending}"


def _redshift_type(contract: Contract, column: ColumnSpec) -> str:
    match column.type.kind:
        case TypeKind.STRING:
            return f"varchar({text_width(contract, column.name)})"
        case TypeKind.DECIMAL:
            return f"decimal({column.type.precision}, {column.type.scale})"
        case TypeKind.INT | TypeKind.BIGINT | TypeKind.SMALLINT | TypeKind.TINYINT | TypeKind.BOOLEAN | TypeKind.DATE:
            return column.type
        case TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_NTZ | TypeKind.DOUBLE | TypeKind.FLOAT | TypeKind.BINARY:
            return TYPES[column.type.kind]
        case TypeKind.ARRAY | TypeKind.STRUCT:
            return "super"
        case _:
            assert_never(column.type.kind)


def _partition_column(part: str) -> str:
    return re.sub(r"^\w+\((.*)\)$", r"\1", part)


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(quote_name, names))


def _wrap(parts: list[str], joint: str, first_indent: str, indent: str) -> str:
    """Return parts joined to lines of at most LINE_LENGTH, none broken within a part."""
    text = joint.join(part.replace(" ", NO_BREAK) for part in parts)
    filled = textwrap.fill(
        text,
        LINE_LENGTH,
        initial_indent=first_indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(NO_BREAK, " ")
