"""What `meta.references` must be: keys of other datasets that rows of this one point to."""

import re
from collections import Counter
from typing import Any

from etl.contract.faults import did_you_mean, short_repr
from etl.contract.validation.values import FaultPairs

KEYS = ("name", "column", "dataset", "key")
DATASET = re.compile(r"[a-z][a-z0-9_]*")
NAME = re.compile(r"[a-z][a-z0-9_]*")


def references_faults(references: Any, columns: dict[str, str], dataset: str) -> FaultPairs:
    """Yield what is wrong with the references of `dataset`'s output, whose declared types are `columns`."""
    if not isinstance(references, list):
        yield f"meta.references is {short_repr(references)}", f"write a list of objects with {', '.join(KEYS)}"
        return
    for reference in references:
        yield from _reference_faults(reference, columns, dataset)
    names = [entry["name"] for entry in references if isinstance(entry, dict) and isinstance(entry.get("name"), str)]
    for name, times in Counter(names).items():
        if times > 1:
            yield f"meta.references names {name!r} {times} times", "give each its own name"


def _reference_faults(reference: Any, columns: dict[str, str], dataset: str) -> FaultPairs:
    if not isinstance(reference, dict) or sorted(reference) != sorted(KEYS):
        yield f"meta.references holds {short_repr(reference)}", f"write an object with {', '.join(KEYS)}"
        return
    name, column = reference["name"], reference["column"]
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield (
            f"a reference's name is {short_repr(name)}",
            "write lower-case letters, digits and _, such as known_customer",
        )
    elif name.lower() in {declared.lower() for declared in columns}:
        yield f"reference {name!r} has the name of a declared column", "give it a name of its own"
    if not isinstance(column, str) or column not in columns:
        yield (
            f"a reference's column is {short_repr(column)}, which is not declared",
            f"{did_you_mean(column, columns)}meta.columns has {', '.join(columns)}",
        )
    if not isinstance(reference["dataset"], str) or not DATASET.fullmatch(reference["dataset"]):
        yield f"a reference's dataset is {short_repr(reference['dataset'])}", "name another dataset, such as shoppers"
    elif reference["dataset"] == dataset:
        yield f"a reference's dataset is {dataset} itself", "name another dataset"
    if not isinstance(reference["key"], str) or not reference["key"].strip():
        yield f"a reference's key is {short_repr(reference['key'])}", "name the key column of the other dataset"


def helper_types(suite: dict[str, Any], columns: dict[str, str]) -> dict[str, str]:
    """Return the types of the references' helper columns by name, as far as they can be read."""
    meta = suite.get("meta")
    entries = meta.get("references") if isinstance(meta, dict) else None
    references = (
        [reference for reference in entries if isinstance(reference, dict)] if isinstance(entries, list) else []
    )
    return {
        reference["name"]: columns[reference["column"]]
        for reference in references
        if isinstance(reference.get("name"), str)
        and isinstance(reference.get("column"), str)
        and reference["column"] in columns
    }
