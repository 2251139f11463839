"""Names that a suite writes of other datasets, held against what these publish.

Strict loading looks at one file, so it cannot tell a dataset that is not there yet from one that nobody will ever write.
Where the other suites are at hand, each such name has to be one of theirs: a wrong one would turn its rules off for ever.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from etl.contract.faults import Fault, did_you_mean, short_repr
from etl.contract.json_values import is_object
from etl.contract.other_datasets import Reference, TableSource
from etl.contract.types import Family, family_of, is_floating
from etl.contract.validation.checked_suite import CheckedSuite


@dataclass(frozen=True)
class Publication:
    """What others may name of a dataset: its published columns' types by name, its key, and the date by which rows leave.

    The columns are empty and the key is None where its output suite cannot be read, which is a fault of that suite and of
    no other. `keep_by` is "" where its rows stay for ever.
    """

    columns: Mapping[str, str]
    key: tuple[str, ...] | None = None
    keep_by: str = ""


Publications = Mapping[str, Publication]


def read_publications(contracts: Path) -> dict[str, Publication]:
    """Return what each dataset with an output suite under a folder of contracts publishes, by name."""
    paths = sorted(contracts.glob("*/output.json"))
    return {path.parent.name: _read_publication(path, path.stat().st_mtime_ns) for path in paths}


@lru_cache(maxsize=4096)
def _read_publication(path: Path, _changed: int) -> Publication:
    """Read one suite, once for each time that it was changed: every dataset of a project is held against every other."""
    try:
        suite = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return Publication({})
    if not is_object(suite):
        return Publication({})
    sound = CheckedSuite.from_json(suite).sound
    key, keep_days = sound.meta.get("key"), sound.meta.get("keep_days")
    keep_by = str(keep_days.get("column", "")) if is_object(keep_days) else ""
    return Publication(sound.columns, None if key is None else tuple(key), keep_by)


def unresolved_dataset_names(suite: Any, published: Publications) -> Iterator[Fault]:
    """Yield the names in a suite (parsed JSON) that no other dataset answers to, each fault with a remedy.

    What is no name at all is left to strict loading.
    """
    if not is_object(suite):
        return
    sound = CheckedSuite.from_json(suite).sound
    for reference in sound.entries("references"):
        yield from _reference_faults(reference, sound.columns, published)
    for source in sound.entries("sources"):
        yield from _source_faults(source, published)
    for reconciliation in sound.entries("reconciles"):
        yield from _reconciliation_faults(reconciliation, published)


def _dataset_faults(where: str, name: str | None, published: Publications) -> Iterator[Fault]:
    if name is not None and name not in published:
        remedy = f"{did_you_mean(name, published)}there are {', '.join(published) or 'none'}; or write that suite first"
        yield Fault(f"{where} names dataset {name!r}, and there is no expectations/{name}/output.json", remedy)


def _missing_column_fault(where: str, dataset: str, name: str, columns: Mapping[str, str]) -> Fault:
    remedy = f"{did_you_mean(name, columns)}{dataset} has {', '.join(columns)}"
    return Fault(f"{where} names {dataset}.{name}, which {dataset} does not publish", remedy)


def _reference_faults(
    reference: dict[str, Any], columns: Mapping[str, str], published: Publications
) -> Iterator[Fault]:
    where, dataset, key = (
        f"reference {short_repr(reference.get('name'))}",
        reference.get("dataset"),
        reference.get("key"),
    )
    yield from _dataset_faults(where, dataset, published)
    publication = published.get(dataset or "")
    if publication is None or not publication.columns or key is None:
        return
    if key not in publication.columns:
        yield _missing_column_fault(where, str(dataset), key, publication.columns)
    elif publication.key == ():
        yield Fault(
            f"{where} names {dataset}.{key}, and rows of {dataset} have no key, so it may find one row or many",
            f"refer to a dataset whose key is one column, or give {dataset} a key",
        )
    elif publication.key and publication.key != (key,):
        whole_key = ", ".join(publication.key)
        remedy = (
            f'write "key": "{whole_key}"' if len(publication.key) == 1 else "refer to a dataset whose key is one column"
        )
        yield Fault(f"{where} names {dataset}.{key}, which is not the whole key of {dataset} ({whole_key})", remedy)
    else:
        yield from _type_faults(
            where, f"{dataset}.{key}", publication.columns[key], columns.get(str(reference.get("column")), "")
        )


def _type_faults(where: str, key: str, key_type: str, column_type: str) -> Iterator[Fault]:
    key_family, column_family = family_of(key_type), family_of(column_type)
    if key_family and column_family and key_family is not column_family:
        yield Fault(
            f"{where} holds {column_type} against {key}, which is {key_type}", "refer to a key of the same type"
        )
    elif is_floating(column_type):
        yield Fault(
            f"{where} holds {column_type}, of which equal numbers may differ in their last digit",
            "refer by a whole number, a decimal or a text",
        )


def unresolved_reference(reference: Reference, publication: Publication) -> Iterator[Fault]:
    """Yield what is wrong with a reference, held against what is published in the table that it names."""
    return _reference_faults(asdict(reference), {}, {reference.dataset: publication})


def unresolved_source(source: TableSource, publication: Publication) -> Iterator[Fault]:
    """Yield the columns that a source names and its published table has not, and a day that is no date there."""
    return _source_faults({**asdict(source), "columns": [*source.columns]}, {source.dataset: publication})


def _source_faults(source: dict[str, Any], published: Publications) -> Iterator[Fault]:
    dataset, columns = source.get("dataset"), source.get("columns")
    where = f"source {short_repr(dataset)}"
    yield from _dataset_faults(where, dataset, published)
    publication = published.get(dataset or "")
    if publication is None or not publication.columns or columns is None:
        return
    for name in columns:
        if name not in publication.columns:
            yield _missing_column_fault(where, str(dataset), name, publication.columns)
    day = source.get("day")
    if day and family_of(publication.columns.get(day, "")) not in (None, Family.DATE):
        yield Fault(f"{where} has day {day!r}, which is {publication.columns[day]} there", "name one of its dates")
    keep_by = publication.keep_by
    if keep_by and keep_by != day:
        yield Fault(
            f"{where} loses rows by the age of {keep_by!r} (its keep_days), so what is left of it are parts of days",
            f"let {dataset} keep its rows by {day!r}" if day else f"let {dataset} keep its rows for ever",
        )


def _reconciliation_faults(reconciliation: dict[str, Any], published: Publications) -> Iterator[Fault]:
    dataset = reconciliation.get("dataset")
    where = f"reconciliation with {short_repr(dataset)}"
    yield from _dataset_faults(where, dataset, published)
    publication = published.get(dataset or "")
    if publication is None or not publication.columns:
        return
    for argument, counts in (("by", False), ("sums", True)):
        for name in reconciliation.get(argument, {}).values():
            if name not in publication.columns and not (counts and name == "*"):
                yield _missing_column_fault(where, str(dataset), name, publication.columns)
