"""What changed in a contract beside its rules: columns, key, partitions, format, freshness, texts."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from etl.contract.model import ColumnSpec, Contract, Reference, Rule, TableSource
from etl.contract.vocabulary import VOCABULARY
from etl.iceberg.schema_evolution import widens
from etl.wording import counted
from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS, Change

BREAKING = {"input": PRODUCERS, "output": CONSUMERS}
BY_POSITION = ("csv",)


def renames(old: Contract, new: Contract) -> dict[str, str]:
    """Return the columns that have another name in the same place, with the same type: old name to new."""
    pairs = zip(old.columns, new.columns, strict=False)
    return {
        was.name: now.name
        for was, now in pairs
        if was.name not in new.names and now.name not in old.names and was.type == now.type
    }


def renamed(contract: Contract, names: dict[str, str]) -> Contract:
    """Return the contract with its columns under their new names, so that only what else changed is told."""
    if not names:
        return contract
    columns = tuple(replace(column, name=names.get(column.name, column.name)) for column in contract.columns)
    parts = tuple(
        re.sub(r"[^()]+(?=\)|$)", lambda part: names.get(part[0], part[0]), one) for one in contract.partition_by
    )
    key = tuple(names.get(name, name) for name in contract.key)
    rules = tuple(_renamed(rule, names) for rule in contract.rules)
    references = tuple(replace(one, column=names.get(one.column, one.column)) for one in contract.references)
    return replace(contract, columns=columns, rules=rules, key=key, partition_by=parts, references=references)


def _renamed(rule: Rule, names: dict[str, str]) -> Rule:
    known = VOCABULARY[rule.type]
    kwargs: dict[str, Any] = dict(rule.kwargs)
    for argument in known.columns:
        kwargs[argument] = names.get(kwargs[argument], kwargs[argument])
    for argument in known.column_lists:
        kwargs[argument] = [names.get(name, name) for name in kwargs[argument]]
    if condition := kwargs.get("row_condition"):
        text = json.dumps(condition)
        for was, now in names.items():
            text = text.replace(f'{{"name": {json.dumps(was)}}}', f'{{"name": {json.dumps(now)}}}')
        kwargs["row_condition"] = json.loads(text)
    return replace(rule, kwargs=kwargs)


def column_changes(old: Contract, new: Contract, names: dict[str, str]) -> Iterator[Change]:
    """Yield what changed in the columns; `names` are the renamed ones, under whose new names `old` has them."""
    breaking = BREAKING[new.stage]
    for was, now in names.items():
        yield Change(f"column {now}", f"was {was}", "renamed", breaking)
    before = {column.name: column for column in old.columns}
    for column in new.columns:
        if column.name in before:
            yield from _of_column(before[column.name], column, breaking)
        else:
            label = PRODUCERS if new.stage == "input" else LOOSENED
            yield Change(f"column {column.name}", f"{column.type}, {column.description}", "added", label)
    for name in old.names:
        if name not in new.names:
            yield Change(f"column {name}", "", "removed", breaking)
    if [name for name in old.names if name in new.names] != [name for name in new.names if name in before]:
        positional = new.stage == "input" and new.format in BY_POSITION
        label = PRODUCERS if positional else DOCUMENTATION
        yield Change("columns", f"now {', '.join(new.names)}", "reordered", label)


def _of_column(old: ColumnSpec, new: ColumnSpec, breaking: str) -> Iterator[Change]:
    subject = f"column {new.name}"
    if old.type != new.type:
        wider = breaking == CONSUMERS and widens(old.type, new.type)
        how, label = ("widened", LOOSENED) if wider else ("retyped", breaking)
        yield Change(subject, f"{old.type} → {new.type}", how, label)
    if old.description != new.description:
        yield Change(subject, f"{old.description} → {new.description}", "reworded", DOCUMENTATION)
    if new.pii and not old.pii:
        yield Change(subject, "about a person: its values are now masked", "changed", DOCUMENTATION)
    elif old.pii and not new.pii:
        yield Change(subject, "no longer about a person: its values are now shown", LOOSENED, LOOSENED)


def meta_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield what changed in the contract's own terms."""
    if old.format != new.format:
        yield Change("format", f"{old.format} → {new.format}", "changed", PRODUCERS)
    if set(old.key) != set(new.key):
        yield Change("key", f"{', '.join(old.key)} → {', '.join(new.key)}", "changed", CONSUMERS)
    if old.partition_by != new.partition_by:
        words = " → ".join(", ".join(one.partition_by) or "none" for one in (old, new))
        yield Change("partition_by", words, "changed", CONSUMERS)
    if old.freshness_hours and new.freshness_hours and old.freshness_hours != new.freshness_hours:
        later = new.freshness_hours > old.freshness_hours
        words = f"at most {counted(old.freshness_hours, 'hour')} old → {new.freshness_hours}"
        yield Change("freshness_hours", words, *((LOOSENED, CONSUMERS) if later else ("tightened", PRODUCERS)))
    if old.max_quarantined != new.max_quarantined:
        words = " → ".join(f"{100 * one.max_quarantined:g} %" for one in (old, new))
        more = new.max_quarantined > old.max_quarantined
        yield Change("max_quarantined", words, *((LOOSENED, LOOSENED) if more else ("tightened", PRODUCERS)))
    if old.on_conflict != new.on_conflict:
        label = LOOSENED if new.on_conflict == "replace" else PRODUCERS
        yield Change("on_conflict", f"{old.on_conflict} → {new.on_conflict}", "changed", label)
    for name in ("on_poison", "on_failed_need"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Change(name, f"{was} → {now}", "changed", DOCUMENTATION)
    if set(old.references) != set(new.references):
        words = " → ".join(", ".join(sorted(map(_pointing, one.references))) or "none" for one in (old, new))
        yield Change("references", words, "changed", DOCUMENTATION)
    yield from _of_tables(old, new)
    for name in ("owner", "description"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Change(name, f"{was} → {now}", "reworded", DOCUMENTATION)


def _of_tables(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield what changed in what rows are built from, and in the sums that hold them to it."""
    if old.sources != new.sources:
        words = " → ".join("; ".join(map(_source, one.sources)) or "files" for one in (old, new))
        yield Change("sources", words, "changed", DOCUMENTATION)
    if old.day != new.day:
        yield Change("day", f"{old.day or 'none'} → {new.day or 'none'}", "changed", DOCUMENTATION)
    before, after = (_sums(one) for one in (old, new))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            how = "removed" if name not in after else "added" if name not in before else "changed"
            label = PRODUCERS if how == "added" else LOOSENED
            yield Change(f"reconciles {name}", after.get(name) or before[name], how, label)


def _source(source: TableSource) -> str:
    return f"{source.dataset} ({', '.join(source.columns)})"


def _sums(contract: Contract) -> dict[str, str]:
    return {
        own: f"with {one.dataset}.{theirs} by {', '.join(f'{here} ({there})' for here, there in one.by.items())}"
        for one in contract.reconciles
        for own, theirs in one.sums.items()
    }


def _pointing(reference: Reference) -> str:
    return f"{reference.column} to {reference.dataset}.{reference.key} as {reference.name}"
