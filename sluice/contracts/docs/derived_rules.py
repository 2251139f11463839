"""The rules that no suite states: those every run holds its files against, and those that follow from the types."""

import ast
from functools import cache
from typing import Any

from etl.contract.model import Contract
from etl.contract.types import plain_form
from etl.sources.preflight import MAGIC
from sluice.contracts.suite_files import ROOT

TEXT = ("key", "empty", "compression", "encoding", "gzip", "rows", "row", "text", "transform")
COLUMNAR = ("key", "empty", "compression", "format", "schema", "rows", "text", "transform")
WORDS = {
    "key": "its key is a path that can be read",
    "empty": "it has at least one byte",
    "gzip": "where its name ends in .gz, its gzip stream is whole",
    "compression": "it is plain text, gzip named .gz or bzip2 named .bz2; Parquet and ORC have codecs that the job has",
    "encoding": "it is no UTF-16 or UTF-32",
    "format": "it is a file of the declared format",
    "schema": "it has the declared columns with the declared types",
    "header": "its header is the declared names in the declared order, once",
    "rows": "it has at least one row",
    "row": "every row is a well-formed one of the declared columns",
    "transform": "the dataset's transform takes each of its rows",
    "text": "its values are UTF-8 without control characters",
}


def of_file(given: Contract) -> dict[str, tuple[str, str]]:
    """Return what each file, or table that it is built from, must be, by the rule's last part: in words, and what to do."""
    why = _constant("results/structure_rules.py", "WHY")
    return {what: (WORDS[what], why[what]) for what in _of(given)}


def _of(given: Contract) -> tuple[str, ...]:
    if given.sources:
        return ("text", "transform")
    header = ("header",) if given.format == "csv" else ()
    return (*header, *(COLUMNAR if given.format in MAGIC else TEXT))


def of_sums(published: Contract) -> dict[str, tuple[str, str]]:
    """Return the sums that are held against a source's, by column: in words, and what to do."""
    why = _constant("sources/reconciliation.py", "WHY")
    return {
        name: (f"{name}, by {' and '.join(one.by)}, adds up to what {one.dataset} {_has(theirs)}", why)
        for one in published.reconciles
        for name, theirs in one.sums.items()
    }


def _has(theirs: str) -> str:
    return "has rows" if theirs == "*" else f"has as {theirs}"


def of_types(given: Contract, published: Contract) -> dict[str, tuple[str, str]]:
    """Return what the text of a raw column must be that is published with a type, by column: in words, and why."""
    types = {column.name: column.type for column in published.columns}
    texts = [name for name, kind in ((one.name, one.type) for one in given.columns) if kind == "string"]
    typed = [name for name in texts if name in types and plain_form(types[name])]
    why = _constant("results/structure_rules.py", "WHY")["cast"]
    dates = [] if given.sources else [column.name for column in given.columns if column.type == "date"]
    return {
        **{name: (f"{name} is written plainly as {types[name]} and fits it whole", why) for name in typed},
        **{name: (f"{name} is of the years 1 to 9999", why) for name in dates},
    }


def of_share(contract: Contract) -> tuple[str, str] | None:
    """Return how much of a day a contract's warnings may set aside, in words, and why; None without any."""
    if not any(rule.severity == "warning" for rule in contract.rules):
        return None
    why = _constant("gate/quarantine_routing.py", "WHY")
    return f"at most {100 * contract.max_quarantined:g} % of the rows are set aside", why


@cache
def _constant(module: str, name: str) -> Any:
    """Return a constant of a module of the job without importing it, and so without Spark."""
    tree = ast.parse((ROOT / "etl" / module).read_text())
    [found] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
    ]
    return ast.literal_eval(found)
