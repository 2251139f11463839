"""The rules that no suite states: those every run holds its files against, and those that follow from the types."""

import ast
from functools import cache
from typing import Any

from components.settings.lake_folder import ROOT
from etl.contract.model import Contract
from etl.contract.types import plain_form
from etl.sources.preflight import MAGIC

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


def file_rules(input_contract: Contract) -> dict[str, tuple[str, str]]:
    """Return what each file, or table that it is built from, must be, by the rule's last part: in words, and what to do."""
    why = _read_constant("results/structure_rules.py", "WHY")
    return {name: (WORDS[name], why[name]) for name in _file_rule_names(input_contract)}


def _file_rule_names(input_contract: Contract) -> tuple[str, ...]:
    if input_contract.sources:
        return ("text", "transform")
    header = ("header",) if input_contract.format == "csv" else ()
    return (*header, *(COLUMNAR if input_contract.format in MAGIC else TEXT))


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
        if kind == "string"
    ]
    typed = [name for name in texts if name in types and plain_form(types[name])]
    why = _read_constant("results/structure_rules.py", "WHY")["cast"]
    dates = (
        [] if input_contract.sources else [column.name for column in input_contract.columns if column.type == "date"]
    )
    return {
        **{name: (f"{name} is written plainly as {types[name]} and fits it whole", why) for name in typed},
        **{name: (f"{name} is of the years 1 to 9999", why) for name in dates},
    }


def share_rule(contract: Contract) -> tuple[str, str] | None:
    """Return how much of a day a contract's warnings may set aside, in words, and why; None without any."""
    if not any(rule.severity == "warning" for rule in contract.rules):
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
