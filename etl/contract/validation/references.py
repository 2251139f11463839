"""What `meta.references` must be: keys of other datasets that rows of this one point to."""

import re
from collections import Counter
from typing import Any

from etl.contract.faults import did_you_mean, shown
from etl.contract.validation.values import Found

KEYS = ("name", "column", "dataset", "key")
DATASET = re.compile(r"[a-z][a-z0-9_]*")
NAME = re.compile(r"[a-z][a-z0-9_]*")


def of_references(references: Any, columns: dict[str, str], dataset: str) -> Found:
    """Yield what is wrong with the references of `dataset`'s output, whose declared types are `columns`."""
    if not isinstance(references, list):
        yield f"meta.references is {shown(references)}", f"write a list of objects with {', '.join(KEYS)}"
        return
    for reference in references:
        yield from _of_one(reference, columns, dataset)
    names = [one["name"] for one in references if isinstance(one, dict) and isinstance(one.get("name"), str)]
    for name, times in Counter(names).items():
        if times > 1:
            yield f"meta.references names {name!r} {times} times", "give each its own name"


def _of_one(reference: Any, columns: dict[str, str], dataset: str) -> Found:
    if not isinstance(reference, dict) or sorted(reference) != sorted(KEYS):
        yield f"meta.references holds {shown(reference)}", f"write an object with {', '.join(KEYS)}"
        return
    name, column = reference["name"], reference["column"]
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield f"a reference's name is {shown(name)}", "write lower-case letters, digits and _, such as known_customer"
    elif name.lower() in {declared.lower() for declared in columns}:
        yield f"reference {name!r} has the name of a declared column", "give it a name of its own"
    if not isinstance(column, str) or column not in columns:
        yield (
            f"a reference's column is {shown(column)}, which is not declared",
            f"{did_you_mean(column, columns)}meta.columns has {', '.join(columns)}",
        )
    if not isinstance(reference["dataset"], str) or not DATASET.fullmatch(reference["dataset"]):
        yield f"a reference's dataset is {shown(reference['dataset'])}", "name another dataset, such as customers"
    elif reference["dataset"] == dataset:
        yield f"a reference's dataset is {dataset} itself", "name another dataset"
    if not isinstance(reference["key"], str) or not reference["key"].strip():
        yield f"a reference's key is {shown(reference['key'])}", "name the key column of the other dataset"


def referenced(suite: dict[str, Any], columns: dict[str, str]) -> dict[str, str]:
    """Return the types of the references' helper columns by name, as far as they can be read."""
    meta = suite.get("meta")
    listed = meta.get("references") if isinstance(meta, dict) else None
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return {
        one["name"]: columns[one["column"]]
        for one in found
        if isinstance(one.get("name"), str) and isinstance(one.get("column"), str) and one["column"] in columns
    }
