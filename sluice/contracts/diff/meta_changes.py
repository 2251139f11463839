"""What changed in a contract beside its rules: columns, key, partitions, format, freshness, texts."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, assert_never

from etl.contract.dialect import HeaderMatch
from etl.contract.input_column import InputColumn, describe_source
from etl.contract.model import ColumnSpec, Contract, Reference, Rule, TableSource
from etl.contract.stage import Stage, SuiteStage
from etl.contract.vocabulary import VOCABULARY
from etl.iceberg.schema_evolution import is_widening
from etl.wording import count_noun
from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS, Change, Label
from sluice.contracts.diff.load_changes import load_changes


def breaking_label(stage: SuiteStage) -> Label:
    """Return the label of a change after which a suite's promise no longer holds."""
    match stage:
        case Stage.INPUT:
            return PRODUCERS
        case Stage.OUTPUT:
            return CONSUMERS
        case _:
            assert_never(stage)


def find_renames(old: Contract, new: Contract) -> dict[str, str]:
    """Return the columns that have another name in the same place, with the same type: old name to new."""
    pairs = zip(old.columns, new.columns, strict=False)
    return {
        old_column.name: new_column.name
        for old_column, new_column in pairs
        if old_column.name not in new.names and new_column.name not in old.names and old_column.type == new_column.type
    }


def rename_columns(contract: Contract, names: dict[str, str]) -> Contract:
    """Return the contract with its columns under their new names, so that only what else changed is told."""
    if not names:
        return contract
    columns = tuple(replace(column, name=names.get(column.name, column.name)) for column in contract.columns)
    parts = tuple(
        re.sub(r"[^()]+(?=\)|$)", lambda part: names.get(part[0], part[0]), partition)
        for partition in contract.partition_by
    )
    key = tuple(names.get(name, name) for name in contract.key)
    rules = tuple(_rename_rule(rule, names) for rule in contract.rules)
    references = tuple(
        replace(reference, column=names.get(reference.column, reference.column)) for reference in contract.references
    )
    return replace(contract, columns=columns, rules=rules, key=key, partition_by=parts, references=references)


def _rename_rule(rule: Rule, names: dict[str, str]) -> Rule:
    expectation = VOCABULARY[rule.type]
    kwargs: dict[str, Any] = dict(rule.kwargs)
    for argument in expectation.columns:
        kwargs[argument] = names.get(kwargs[argument], kwargs[argument])
    for argument in expectation.column_lists:
        kwargs[argument] = [names.get(name, name) for name in kwargs[argument]]
    if condition := kwargs.get("row_condition"):
        text = json.dumps(condition)
        for old_name, new_name in names.items():
            text = text.replace(f'{{"name": {json.dumps(old_name)}}}', f'{{"name": {json.dumps(new_name)}}}')
        kwargs["row_condition"] = json.loads(text)
    history = {
        name: replace(bound, column=names.get(bound.column, bound.column)) for name, bound in rule.history.items()
    }
    return replace(rule, kwargs=kwargs, history=history)


def column_changes(old: Contract, new: Contract, names: dict[str, str]) -> Iterator[Change]:
    """Yield what changed in the columns; `names` are the renamed ones, under whose new names `old` has them."""
    breaking = breaking_label(new.stage)
    for old_name, new_name in names.items():
        yield Change(f"column {new_name}", f"was {old_name}", "renamed", breaking)
    before = {column.name: column for column in old.columns}
    for column in new.columns:
        if column.name in before:
            yield from _changes_of_column(before[column.name], column, new)
        else:
            label = PRODUCERS if new.stage is Stage.INPUT else LOOSENED
            yield Change(f"column {column.name}", f"{column.type}, {column.description}", "added", label)
    for name in old.names:
        if name not in new.names:
            yield Change(f"column {name}", "", "removed", breaking)
    if [name for name in old.names if name in new.names] != [name for name in new.names if name in before]:
        positional = new.stage is Stage.INPUT and new.format.is_positional
        label = PRODUCERS if positional else DOCUMENTATION
        yield Change("columns", f"now {', '.join(new.names)}", "reordered", label)


def _changes_of_column(old: ColumnSpec, new: ColumnSpec, contract: Contract) -> Iterator[Change]:
    subject = f"column {new.name}"
    if old.type != new.type:
        # A text that is a value of a type is one of the wider type; a columnar file has to have the declared type.
        reads_wider = contract.stage is Stage.OUTPUT or contract.format.is_text
        wider = reads_wider and is_widening(old.type, new.type)
        how, label = ("widened", LOOSENED) if wider else ("retyped", breaking_label(contract.stage))
        yield Change(subject, f"{old.type} → {new.type}", how, label)
    if describe_source(old) != describe_source(new):
        yield Change(subject, f"{describe_source(old)} → {describe_source(new)}", "changed", PRODUCERS)
    yield from _reading_changes(subject, old, new)
    if new.non_finite and not old.non_finite:
        yield Change(subject, "it may be NaN or infinite", "loosened", CONSUMERS)
    elif old.non_finite and not new.non_finite:
        yield Change(subject, "it may no longer be NaN or infinite", "tightened", PRODUCERS)
    if old.description != new.description:
        yield Change(subject, f"{old.description} → {new.description}", "reworded", DOCUMENTATION)
    if new.pii and not old.pii:
        yield Change(subject, "about a person: its values are now masked", "changed", DOCUMENTATION)
    elif old.pii and not new.pii:
        yield Change(subject, "no longer about a person: its values are now shown", LOOSENED, LOOSENED)


def _reading_changes(subject: str, old: ColumnSpec, new: ColumnSpec) -> Iterator[Change]:
    """Yield what changed in how an input's texts are read; more texts that may stand for a value loosen it."""
    before, after = (InputColumn.from_column(column).reading_options for column in (old, new))
    for key in sorted(before.keys() | after.keys()):
        old_value, new_value = before.get(key, ()), after.get(key, ())
        if old_value == new_value:
            continue
        grows = (
            isinstance(new_value, tuple) and {*old_value} <= {*new_value} and bool(old_value or key == "null_values")
        )
        words = " → ".join(_option_words(value) for value in (old_value, new_value))
        yield Change(subject, f"{key}: {words}", "loosened" if grows else "changed", LOOSENED if grows else PRODUCERS)


def _option_words(value: str | tuple[str, ...]) -> str:
    return (", ".join(map(repr, value)) if isinstance(value, tuple) else repr(value)) if value else "none"


def meta_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield what changed in the contract's own terms."""
    if old.format != new.format:
        yield Change("format", f"{old.format} → {new.format}", "changed", PRODUCERS)
    yield from _dialect_changes(old, new)
    if set(old.key) != set(new.key):
        words = " → ".join(", ".join(contract.key) or "none" for contract in (old, new))
        yield Change("key", words, "changed", CONSUMERS)
    if old.partition_by != new.partition_by:
        words = " → ".join(", ".join(contract.partition_by) or "none" for contract in (old, new))
        yield Change("partition_by", words, "changed", CONSUMERS)
    if old.freshness_hours and new.freshness_hours and old.freshness_hours != new.freshness_hours:
        is_later = new.freshness_hours > old.freshness_hours
        words = f"at most {count_noun(old.freshness_hours, 'hour')} old → {new.freshness_hours}"
        yield Change("freshness_hours", words, *((LOOSENED, CONSUMERS) if is_later else ("tightened", PRODUCERS)))
    if old.max_quarantined != new.max_quarantined:
        words = " → ".join(f"{100 * contract.max_quarantined:g} %" for contract in (old, new))
        is_looser = new.max_quarantined > old.max_quarantined
        yield Change("max_quarantined", words, *((LOOSENED, LOOSENED) if is_looser else ("tightened", PRODUCERS)))
    yield from load_changes(old, new)
    yield from _object_changes(old, new)
    for name in ("on_poison", "on_failed_need"):
        old_value, new_value = getattr(old, name), getattr(new, name)
        if old_value != new_value:
            yield Change(name, f"{old_value} → {new_value}", "changed", DOCUMENTATION)
    if set(old.references) != set(new.references):
        words = " → ".join(
            ", ".join(sorted(map(_reference_words, contract.references))) or "none" for contract in (old, new)
        )
        yield Change("references", words, "changed", DOCUMENTATION)
    if old.transform_module != new.transform_module:
        words = f"{old.transform_module} → {new.transform_module}"
        yield Change("transform", words, "changed", DOCUMENTATION)
    yield from _table_changes(old, new)
    for name in ("owner", "description"):
        old_value, new_value = getattr(old, name), getattr(new, name)
        if old_value != new_value:
            yield Change(name, f"{old_value} → {new_value}", "reworded", DOCUMENTATION)


def _dialect_changes(old: Contract, new: Contract) -> Iterator[Change]:
    ways = [*HeaderMatch]  # each takes what the one before it takes
    if old.header_match != new.header_match:
        takes_more = ways.index(new.header_match) > ways.index(old.header_match)
        yield _way_change("header_match", f"{old.header_match} → {new.header_match}", takes_more)
    if old.extra_columns != new.extra_columns:
        words = f"{old.extra_columns} → {new.extra_columns}"
        yield _way_change("extra_columns", words, new.extra_columns.are_ignored)
    for name in ("sheet", "first_row"):
        if getattr(old, name) != getattr(new, name):
            yield Change(name, f"{getattr(old, name)} → {getattr(new, name)}", "changed", PRODUCERS)
    for field in fields(old.dialect):
        before, after = (getattr(contract.dialect, field.name) for contract in (old, new))
        if before != after:
            words = " → ".join(json.dumps(value, ensure_ascii=False) for value in (before, after))
            # A record of one line is one over several; a text more that is null refuses nothing.
            takes_more = (field.name == "multi_line" and after) or (
                field.name == "null_values" and {*before} <= {*after}
            )
            yield _way_change(f"dialect {field.name}", words, takes_more)


def _way_change(subject: str, words: str, takes_more: bool) -> Change:
    """Return a change of how files are read, after which all files that were taken still are, or may be refused."""
    return Change(subject, words, *(("loosened", LOOSENED) if takes_more else ("changed", PRODUCERS)))


def _object_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield what changed in which objects are read."""
    if old.copies != new.copies:
        label = LOOSENED if new.copies.publishes_copies else PRODUCERS
        yield Change("copies", f"{old.copies} → {new.copies}", "changed", label)
    if old.records != new.records:
        yield Change("records", f"{old.records} → {new.records}", "changed", PRODUCERS)
    for rule, level in new.structure.levels.items():
        if (before := old.structure.levels[rule]) != level:
            is_looser = level.severity.rank < before.severity.rank
            effects = (LOOSENED, LOOSENED) if is_looser else ("tightened", PRODUCERS)
            yield Change(f"structure {rule}", f"{before} → {level}", *effects)
    if old.files != new.files:
        yield Change("files", f"{old.files or 'all'} → {new.files or 'all'}", "changed", PRODUCERS)
    yield from _arrival_changes(old, new)


def _arrival_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield what changed in which objects are due: a time alone changes no row's fate, a manifest may refuse a file."""
    for arrival in old.arrivals:
        if arrival not in new.arrivals:
            label = LOOSENED if arrival.manifest else DOCUMENTATION
            yield Change(f"arrivals {arrival.pattern}", arrival.terms, "removed", label)
    for arrival in new.arrivals:
        if arrival not in old.arrivals:
            label = PRODUCERS if arrival.manifest else DOCUMENTATION
            yield Change(f"arrivals {arrival.pattern}", arrival.terms, "added", label)


def _table_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield what changed in what rows are built from, and in the sums that hold them to it."""
    if old.sources != new.sources:
        words = " → ".join("; ".join(map(_source_words, contract.sources)) or "files" for contract in (old, new))
        yield Change("sources", words, "changed", DOCUMENTATION)
    if old.day != new.day:
        yield Change("day", f"{old.day or 'none'} → {new.day or 'none'}", "changed", DOCUMENTATION)
    before, after = (_sum_words(contract) for contract in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            how = "removed" if name not in after else "added" if name not in before else "changed"
            label = PRODUCERS if how == "added" else LOOSENED
            yield Change(f"reconciles {name}", after.get(name) or before[name], how, label)


def _source_words(source: TableSource) -> str:
    return f"{source.dataset} ({', '.join(source.columns)})"


def _sum_words(contract: Contract) -> dict[str, str]:
    return {
        column: f"with {reconciliation.dataset}.{source_column} by "
        f"{', '.join(f'{own_key} ({source_key})' for own_key, source_key in reconciliation.by.items())}"
        for reconciliation in contract.reconciles
        for column, source_column in reconciliation.sums.items()
    }


def _reference_words(reference: Reference) -> str:
    return f"{reference.column} to {reference.dataset}.{reference.key} as {reference.name}"
