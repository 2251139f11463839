"""What a table may not follow by itself, and what a person can do about it, in Spark SQL that Iceberg takes."""

from collections.abc import Iterator
from typing import NamedTuple

from etl.iceberg.schema import PartitionField, TableColumn, TableSchema, quote_identifier
from etl.iceberg.schema_evolution import is_same_type, is_widening


class Remedy(NamedTuple):
    """One way out: in words, and the Spark SQL to run, in this order."""

    words: str
    statements: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join((self.words, *(f"    {statement};" for statement in self.statements)))


class Refusal(NamedTuple):
    """A difference that Sluice does not mend by itself, and the ways to do it."""

    what: str
    ways: tuple[Remedy, ...]

    def __str__(self) -> str:
        return f"- {self.what}: " + "\n  or ".join(map(str, self.ways))


def migration_refusals(table: str, declared: TableSchema, actual: TableSchema) -> list[Refusal]:
    """Return the differences that `steps` may not mend; their statements work in the order in which they stand."""
    return [
        *_staging_refusals(table, actual),
        *_partition_refusals(table, declared, actual),
        *_type_refusals(declared, actual),
        *_required_refusals(table, declared, actual),
        *_undeclared_refusals(table, declared, actual),
    ]


def _staging_refusals(table: str, actual: TableSchema) -> Iterator[Refusal]:
    if not actual.branches:
        statement = f"ALTER TABLE {table} SET TBLPROPERTIES ('write.wap.enabled'='true')"
        difference = "write.wap.enabled is not true, so that readers would see what is staged before it is judged"
        yield Refusal(difference, (Remedy("set it", (statement,)),))


def _partition_refusals(table: str, declared: TableSchema, actual: TableSchema) -> Iterator[Refusal]:
    """Compare without order, which no reader sees and no migration can choose."""
    existing, declared_parts = (
        {(part.transform, part.column.lower()): part for part in schema.parts} for schema in (actual, declared)
    )
    # A column that is not declared takes its parts along, whether it is dropped or renamed.
    dropped = [part for key, part in existing.items() if key not in declared_parts and key[1] in declared.by_name]
    added = [
        part for key, part in declared_parts.items() if key not in existing and not _comes_along(part, declared, actual)
    ]
    if dropped or added:
        before, after = (
            ", ".join(part.declared for part in schema.parts) or "nothing" for schema in (actual, declared)
        )
        repartition = Remedy(
            "run, for the files to come", tuple(_repartition_statements(table, dropped, added, declared, actual))
        )
        yield Refusal(f"partitioned by {before}, declared is {after}", (Remedy(f"declare {before}"), repartition))


def _comes_along(part: PartitionField, declared: TableSchema, actual: TableSchema) -> bool:
    """Say whether a declared part may be one of the table's under its column's new name."""
    name = part.column.lower()
    same_transform_columns = {
        existing_part.column for existing_part in actual.parts if existing_part.transform == part.transform
    }
    candidates = [column for column in actual.columns if column.name in same_transform_columns]
    return name not in actual.by_name and any(
        _may_be_renamed(candidate, declared.by_name[name], declared) for candidate in candidates
    )


def _may_be_renamed(column: TableColumn, target: TableColumn, declared: TableSchema) -> bool:
    """Say whether a table's column may be the one that is declared under a new name."""
    return column.name.lower() not in declared.by_name and is_same_type(column.type, target.type)


def _repartition_statements(
    table: str, dropped: list[PartitionField], added: list[PartitionField], declared: TableSchema, actual: TableSchema
) -> Iterator[str]:
    columns = {**declared.by_name, **actual.by_name}  # Iceberg's own statements want the case that the table has
    added = [PartitionField(part.transform, columns[part.column.lower()].name) for part in added]
    for name in dict.fromkeys(part.column for part in added if part.column.lower() not in actual.by_name):
        yield f"ALTER TABLE {table} ADD COLUMNS ({quote_identifier(name)} {columns[name.lower()].type})"
    for part in dropped:
        successor = next((candidate for candidate in added if candidate.column == part.column), None)
        if successor:
            added.remove(successor)
            yield f"ALTER TABLE {table} REPLACE PARTITION FIELD {part.sql} WITH {successor.sql}"
        else:
            yield f"ALTER TABLE {table} DROP PARTITION FIELD {part.sql}"
    for part in added:
        yield f"ALTER TABLE {table} ADD PARTITION FIELD {part.sql}"


def _type_refusals(declared: TableSchema, actual: TableSchema) -> Iterator[Refusal]:
    for name, column in declared.by_name.items():
        was = actual.by_name.get(name, column)
        if is_same_type(was.type, column.type) or is_widening(was.type, column.type):
            continue
        keep_type = Remedy(f"declare {was.type}" + (", which holds both" if is_widening(column.type, was.type) else ""))
        publish_anew = Remedy(
            "publish it under a new name, as a new column, or as a new dataset; no statement changes this type"
        )
        yield Refusal(
            f"column {quote_identifier(was.name)} is {was.type}, declared is {column.type}", (keep_type, publish_anew)
        )


def _required_refusals(table: str, declared: TableSchema, actual: TableSchema) -> Iterator[Refusal]:
    for name, column in actual.by_name.items():
        if name in declared.by_name and column.name in actual.required:
            statement = f"ALTER TABLE {table} ALTER COLUMN {quote_identifier(column.name)} DROP NOT NULL"
            difference = f"column {quote_identifier(column.name)} takes no null, declared columns do"
            yield Refusal(difference, (Remedy("run", (statement,)),))


def _undeclared_refusals(table: str, declared: TableSchema, actual: TableSchema) -> Iterator[Refusal]:
    missing = [column for name, column in declared.by_name.items() if name not in actual.by_name]
    for column in actual.columns:
        if column.name.lower() not in declared.by_name:
            renames = [
                _rename_remedy(table, column, declared_column)
                for declared_column in missing
                if _may_be_renamed(column, declared_column, declared)
            ]
            difference = f"column {quote_identifier(column.name)} ({column.type}) is in the table, but not declared"
            yield Refusal(difference, (Remedy("declare it"), *renames, _drop_remedy(table, column, actual)))


def _rename_remedy(table: str, column: TableColumn, target: TableColumn) -> Remedy:
    old, new = quote_identifier(column.name), quote_identifier(target.name)
    return Remedy(f"rename it, if it is now {new}", (f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}",))


def _drop_remedy(table: str, column: TableColumn, actual: TableSchema) -> Remedy:
    parts = [part.sql for part in actual.parts if part.column == column.name]
    advice = "drop it, which only older snapshots then hold"
    if column.name in actual.sources:
        advice += "; files are partitioned by it: try first that your readers bear that (apache/iceberg issue 10234)"
    dropped = (*(f"PARTITION FIELD {part}" for part in parts), f"COLUMN {quote_identifier(column.name)}")
    return Remedy(advice, tuple(f"ALTER TABLE {table} DROP {item}" for item in dropped))
