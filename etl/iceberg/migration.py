"""What a table may not follow by itself, and what a person can do about it, in Spark SQL that Iceberg takes."""

from collections.abc import Iterator
from typing import NamedTuple

from etl.contract.model import ColumnSpec
from etl.iceberg.schema import Part, Schema, identifier
from etl.iceberg.schema_evolution import is_same, widens


class Way(NamedTuple):
    """One way out: in words, and the Spark SQL to run, in this order."""

    words: str
    statements: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join((self.words, *(f"    {statement};" for statement in self.statements)))


class Refusal(NamedTuple):
    """A difference that Sluice does not mend by itself, and the ways to do it."""

    what: str
    ways: tuple[Way, ...]

    def __str__(self) -> str:
        return f"- {self.what}: " + "\n  or ".join(map(str, self.ways))


def refusals(table: str, declared: Schema, found: Schema) -> list[Refusal]:
    """Return the differences that `steps` may not mend; their statements work in the order in which they stand."""
    return [
        *_staging(table, found),
        *_parts(table, declared, found),
        *_types(declared, found),
        *_required(table, declared, found),
        *_undeclared(table, declared, found),
    ]


def _staging(table: str, found: Schema) -> Iterator[Refusal]:
    if not found.branches:
        mended = f"ALTER TABLE {table} SET TBLPROPERTIES ('write.wap.enabled'='true')"
        what = "write.wap.enabled is not true, so that readers would see what is staged before it is judged"
        yield Refusal(what, (Way("set it", (mended,)),))


def _parts(table: str, declared: Schema, found: Schema) -> Iterator[Refusal]:
    """Compare without order, which no reader sees and no migration can choose."""
    there, wanted = ({(part.transform, part.column.lower()): part for part in one.parts} for one in (found, declared))
    # A column that is not declared takes its parts along, whether it is dropped or renamed.
    gone = [part for key, part in there.items() if key not in wanted and key[1] in declared.by_name]
    new = [part for key, part in wanted.items() if key not in there and not _comes_along(part, declared, found)]
    if gone or new:
        before, after = (", ".join(part.declared for part in one.parts) or "nothing" for one in (found, declared))
        run = Way("run, for the files to come", tuple(_repartitioned(table, gone, new, declared, found)))
        yield Refusal(f"partitioned by {before}, declared is {after}", (Way(f"declare {before}"), run))


def _comes_along(part: Part, declared: Schema, found: Schema) -> bool:
    """Say whether a declared part may be one of the table's under its column's new name."""
    name = part.column.lower()
    alike = {one.column for one in found.parts if one.transform == part.transform}
    taken = [column for column in found.columns if column.name in alike]
    return name not in found.by_name and any(_may_be(one, declared.by_name[name], declared) for one in taken)


def _may_be(column: ColumnSpec, wanted: ColumnSpec, declared: Schema) -> bool:
    """Say whether a table's column may be the one that is declared under a new name."""
    return column.name.lower() not in declared.by_name and is_same(column.type, wanted.type)


def _repartitioned(table: str, gone: list[Part], new: list[Part], declared: Schema, found: Schema) -> Iterator[str]:
    columns = {**declared.by_name, **found.by_name}  # Iceberg's own statements want the case that the table has
    new = [Part(part.transform, columns[part.column.lower()].name) for part in new]
    for name in dict.fromkeys(part.column for part in new if part.column.lower() not in found.by_name):
        yield f"ALTER TABLE {table} ADD COLUMNS ({identifier(name)} {columns[name.lower()].type})"
    for part in gone:
        successor = next((one for one in new if one.column == part.column), None)
        if successor:
            new.remove(successor)
            yield f"ALTER TABLE {table} REPLACE PARTITION FIELD {part.sql} WITH {successor.sql}"
        else:
            yield f"ALTER TABLE {table} DROP PARTITION FIELD {part.sql}"
    for part in new:
        yield f"ALTER TABLE {table} ADD PARTITION FIELD {part.sql}"


def _types(declared: Schema, found: Schema) -> Iterator[Refusal]:
    for name, column in declared.by_name.items():
        was = found.by_name.get(name, column)
        if is_same(was.type, column.type) or widens(was.type, column.type):
            continue
        keep = Way(f"declare {was.type}" + (", which holds both" if widens(column.type, was.type) else ""))
        other = Way("publish it under a new name, as a new column, or as a new dataset; no statement changes this type")
        yield Refusal(f"column {identifier(was.name)} is {was.type}, declared is {column.type}", (keep, other))


def _required(table: str, declared: Schema, found: Schema) -> Iterator[Refusal]:
    for name, column in found.by_name.items():
        if name in declared.by_name and column.name in found.required:
            mended = f"ALTER TABLE {table} ALTER COLUMN {identifier(column.name)} DROP NOT NULL"
            what = f"column {identifier(column.name)} takes no null, declared columns do"
            yield Refusal(what, (Way("run", (mended,)),))


def _undeclared(table: str, declared: Schema, found: Schema) -> Iterator[Refusal]:
    missing = [column for name, column in declared.by_name.items() if name not in found.by_name]
    for column in found.columns:
        if column.name.lower() not in declared.by_name:
            renamed = [_renamed(table, column, one) for one in missing if _may_be(column, one, declared)]
            what = f"column {identifier(column.name)} ({column.type}) is in the table, but not declared"
            yield Refusal(what, (Way("declare it"), *renamed, _dropped(table, column, found)))


def _renamed(table: str, column: ColumnSpec, wanted: ColumnSpec) -> Way:
    old, new = identifier(column.name), identifier(wanted.name)
    return Way(f"rename it, if it is now {new}", (f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}",))


def _dropped(table: str, column: ColumnSpec, found: Schema) -> Way:
    parts = [part.sql for part in found.parts if part.column == column.name]
    words = "drop it, which only older snapshots then hold"
    if column.name in found.sources:
        words += "; files are partitioned by it: try first that your readers bear that (apache/iceberg issue 10234)"
    dropped = (*(f"PARTITION FIELD {part}" for part in parts), f"COLUMN {identifier(column.name)}")
    return Way(words, tuple(f"ALTER TABLE {table} DROP {one}" for one in dropped))
