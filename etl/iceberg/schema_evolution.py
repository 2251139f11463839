"""How a table follows what is declared by itself: columns are added, types widened, comments renewed.

Nothing that is published is rewritten: a new column is null in older rows, and their values are read as the wider type. Within
lists and objects too: a statement names the value within, a new field stands behind the others.
What else differs is a migration (`etl/iceberg/migration.py`).
"""

from collections.abc import Iterator

from etl.contract.types import ColumnType, TypeKind
from etl.iceberg.schema import TableSchema, column_definition, quote_identifier, quote_literal


def evolution_statements(table: str, declared: TableSchema, actual: TableSchema) -> list[str]:
    """Return the statements that add columns, widen types and renew comments; each is one commit, none where all is equal."""
    existing = actual.by_name
    added = [column_definition(column) for name, column in declared.by_name.items() if name not in existing]
    common = [(existing[name], column) for name, column in declared.by_name.items() if name in existing]
    retyped = [
        (quote_identifier(was.name), was.type, now.type) for was, now in common if not is_same_type(was.type, now.type)
    ]
    added += [f"{path} {declared_type}" for column in retyped for path, declared_type in _added_fields(*column)]
    types = {path: f"TYPE {wider}" for column in retyped for path, wider in _wider_types(*column)}
    comments = {
        quote_identifier(was.name): f"COMMENT {quote_literal(now.description)}"
        for was, now in common
        if now.description and now.description != was.description
    }
    # Spark changes a column, or what is within it, once in a statement, so a widened one gets its comment in the next.
    later = {name: text for name, text in comments.items() if name in {column for column, *_ in retyped}}
    rounds = ({**{name: text for name, text in comments.items() if name not in later}, **types}, later)
    altered = [", ".join(f"{path} {text}" for path, text in changes.items()) for changes in rounds]
    return [
        *(f"ALTER TABLE {table} ADD COLUMNS ({', '.join(added)})" for _ in added[:1]),
        *(f"ALTER TABLE {table} ALTER COLUMN {changes}" for changes in altered if changes),
    ]


def _wider_types(path: str, old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield the types that widen, by the path of their values in Spark SQL: a column's own, or those within it."""
    was, now = ColumnType.parse(old), ColumnType.parse(new)
    if was is None or now is None or not (was.parts and is_widening(was, now)):
        yield path, new
        return
    for inner, part, twin in _common_parts(path, was, now):
        if not part.is_same_as(twin):
            yield from _wider_types(inner, part, twin)


def _added_fields(path: str, old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield the types of the fields that objects within a column have more than before, by their paths in Spark SQL."""
    was, now = ColumnType.parse(old), ColumnType.parse(new)
    if was is None or now is None or not is_widening(was, now):
        return
    yield from ((f"{path}.{quote_identifier(name)}", part) for name, part in now.parts.items() if name not in was.parts)
    for inner, part, twin in _common_parts(path, was, now):
        yield from _added_fields(inner, part, twin)


def _common_parts(path: str, was: ColumnType, now: ColumnType) -> Iterator[tuple[str, ColumnType, ColumnType]]:
    for name, part in was.parts.items():
        step = "element" if was.kind is TypeKind.ARRAY else quote_identifier(name)
        yield f"{path}.{step}", part, now.parts[name]


def is_widening(old: str, new: str) -> bool:
    """Say whether Iceberg reads values of the old type as the new one; a type that no contract declares has no wider one."""
    was, now = ColumnType.parse(old), ColumnType.parse(new)
    return was is not None and now is not None and was.widens_to(now)


def is_same_type(old: str, new: str) -> bool:
    """Say whether two texts are one type: `decimal(10,02)` is `decimal(10,2)`."""
    was, now = ColumnType.parse(old), ColumnType.parse(new)
    return old == new or (was is not None and now is not None and was.is_same_as(now))
