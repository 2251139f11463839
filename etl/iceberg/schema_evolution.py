"""How a table follows what is declared by itself: columns are added, types widened, comments renewed.

Nothing that is published is rewritten: a new column is null in older rows, and their values are read as the wider type.
What else differs is a migration (`etl/iceberg/migration.py`).
"""

from etl.contract.types import ColumnType
from etl.iceberg.schema import TableSchema, column_definition, quote_identifier, quote_literal


def evolution_statements(table: str, declared: TableSchema, actual: TableSchema) -> list[str]:
    """Return the statements that add columns, widen types and renew comments; each is one commit, none where all is equal."""
    existing = actual.by_name
    added = [column_definition(column) for name, column in declared.by_name.items() if name not in existing]
    common = [(existing[name], column) for name, column in declared.by_name.items() if name in existing]
    types = {was.name: f"TYPE {now.type}" for was, now in common if not is_same_type(was.type, now.type)}
    comments = {
        was.name: f"COMMENT {quote_literal(now.description)}"
        for was, now in common
        if now.description and now.description != was.description
    }
    # Spark changes a column once in a statement, so a widened one gets its comment in the next.
    rounds = ({**comments, **types}, {name: text for name, text in comments.items() if name in types})
    altered = [", ".join(f"{quote_identifier(name)} {text}" for name, text in changes.items()) for changes in rounds]
    return [
        *(f"ALTER TABLE {table} ADD COLUMNS ({', '.join(added)})" for _ in added[:1]),
        *(f"ALTER TABLE {table} ALTER COLUMN {changes}" for changes in altered if changes),
    ]


def is_widening(old: str, new: str) -> bool:
    """Say whether Iceberg reads values of the old type as the new one; a type that no contract declares has no wider one."""
    was, now = ColumnType.parse(old), ColumnType.parse(new)
    return was is not None and now is not None and was.widens_to(now)


def is_same_type(old: str, new: str) -> bool:
    """Say whether two texts are one type: `decimal(10,02)` is `decimal(10,2)`."""
    was, now = ColumnType.parse(old), ColumnType.parse(new)
    return old == new or (was is not None and now is not None and was.is_same_as(now))
