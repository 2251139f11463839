"""The rules that no suite states: those every run holds its files against, and those that follow from the types."""

import ast
from functools import cache
from typing import Any, assert_never

from components.settings.lake_folder import ROOT
from etl.contract.input_column import InputColumn, folder_of
from etl.contract.loads import LoadKind
from etl.contract.manifest_globs import with_manifest
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.structure_rules import OPERATION_REMEDY, StructureRule


def file_rules(input_contract: Contract, published: Contract) -> dict[str, tuple[str, str]]:
    """Return what each file, or table that it is built from, must be, by the rule's last part: in words, and what to do."""
    refuses_copies = not published.has_key and not input_contract.copies.publishes_copies
    rules = (
        *([StructureRule.COPY] if refuses_copies else []),
        *([StructureRule.MANIFEST] if with_manifest(input_contract.arrivals) else []),
        *rules_of_load(published.loading.kind),
        *rules_of_format(input_contract.format),
    )
    return {rule: (rule.words, rule.remedy) for rule in rules}


def rules_of_load(kind: LoadKind) -> tuple[StructureRule, ...]:
    """Return the structure rules of a way in which rows come into the table."""
    match kind:
        case LoadKind.APPEND | LoadKind.UPSERT:
            return ()
        case LoadKind.SNAPSHOT:
            return (StructureRule.GONE,)
        case LoadKind.CHANGES:
            return (StructureRule.ORDER, StructureRule.UNMATCHED)
        case _:
            assert_never(kind)


def rules_of_format(source_format: SourceFormat) -> tuple[StructureRule, ...]:
    """Return the structure rules that a page names for what comes in a format, in its order."""
    first = (StructureRule.KEY, StructureRule.EMPTY, StructureRule.COMPRESSION)
    last = (StructureRule.TEXT, StructureRule.TRANSFORM)
    lines = (*first, StructureRule.ENCODING, StructureRule.GZIP, StructureRule.ROWS, StructureRule.ROW, *last)
    match source_format:
        case SourceFormat.CSV:
            return (StructureRule.HEADER, StructureRule.FORMAT, *lines)
        case SourceFormat.JSONL:
            return (StructureRule.FORMAT, StructureRule.SIZE, *lines)
        case SourceFormat.PARQUET | SourceFormat.ORC:
            return (*first, StructureRule.FORMAT, StructureRule.SCHEMA, StructureRule.ROWS, *last)
        case SourceFormat.AVRO:
            of_file = (StructureRule.FORMAT, StructureRule.SIZE, StructureRule.SCHEMA, StructureRule.ROWS)
            return (*first, *of_file, StructureRule.ROW, *last)
        case SourceFormat.EXCEL:
            of_file = (StructureRule.KEY, StructureRule.EMPTY, StructureRule.FORMAT, StructureRule.SIZE)
            return (StructureRule.HEADER, *of_file, StructureRule.ROWS, StructureRule.ROW, *last)
        case SourceFormat.TABLES:
            return last
        case _:
            assert_never(source_format)


def sum_rules(published: Contract) -> dict[str, tuple[str, str]]:
    """Return the sums that are held against a source's, by column: in words, and what to do."""
    why = _read_constant("sources/reconciliation.py", "WHY")
    return {
        name: (
            f"{name}, by {' and '.join(reconciliation.by)}, adds up to what {reconciliation.dataset} "
            f"{_source_words(source_column)}",
            why,
        )
        for reconciliation in published.reconciles
        for name, source_column in reconciliation.sums.items()
    }


def _source_words(source_column: str) -> str:
    return "has rows" if source_column == "*" else f"has as {source_column}"


def type_rules(input_contract: Contract, published: Contract) -> dict[str, tuple[str, str]]:
    """Return what the text of a raw column must be that is published with a type, by column: in words, and why."""
    types = {column.name: column.type for column in published.columns}
    texts = [
        name
        for name, kind in ((raw_column.name, raw_column.type) for raw_column in input_contract.columns)
        if kind.is_text
    ]
    typed = [name for name in texts if name in types and types[name].plain_form]
    why = StructureRule.CAST.remedy
    is_text = input_contract.format.is_text
    dates = (
        [column.name for column in input_contract.columns if column.type.has_years]
        if input_contract.format.is_typed
        else []
    )
    read = [
        column
        for column in input_contract.input_columns
        if not column.type.takes_any_text and (is_text or folder_of(column) is not None)
    ]
    load = published.loading
    words = [*load.insert, *load.update, *load.delete] if load.kind is LoadKind.CHANGES else []
    return {
        **({load.operation: (f"{load.operation} is one of {', '.join(words)}", OPERATION_REMEDY)} if words else {}),
        **{name: (f"{name} is written plainly as {types[name]} and fits it whole", why) for name in typed},
        **{name: (f"{name} is of the years 1 to 9999", why) for name in dates},
        **{
            column.name: (f"{column.name} is written {_reading_words(column)} and fits it whole", why)
            for column in read
        },
    }


def _reading_words(column: InputColumn) -> str:
    """Return how a column's texts are written, from its options."""
    options = [
        f"{key} {' or '.join(value) if isinstance(value, tuple) else value}"
        for key, value in column.reading_options.items()
    ]
    return f"as {column.type} with {', '.join(options)}" if options else f"plainly as {column.type}"


def share_rule(contract: Contract) -> tuple[str, str] | None:
    """Return how much of a day a contract's warnings may set aside, in words, and why; None without any."""
    if not (contract.structure.warnings or any(rule.severity.quarantines_rows for rule in contract.rules)):
        return None
    why = _read_constant("gate/quarantine_routing.py", "WHY")
    return f"at most {100 * contract.max_quarantined:g} % of the rows are set aside", why


@cache
def _read_constant(module: str, name: str) -> Any:
    """Return a constant of a module of the job without importing it, and so without Spark."""
    tree = ast.parse((ROOT / "etl" / module).read_text())
    [value] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    return ast.literal_eval(value)
