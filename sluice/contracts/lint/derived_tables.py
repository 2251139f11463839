"""What only the contracts of other datasets can show of one that is built from their tables."""

from collections.abc import Iterator
from pathlib import Path

from etl.contract.model import Contract, TableSource
from etl.contract.types import Family
from etl.contract.validation.pair import find_disagreements
from sluice.contracts.lint.findings import Finding
from sluice.contracts.suite_files import suite_file


def source_findings(input_contract: Contract, published: Contract, folder: Path) -> Iterator[Finding]:
    """Yield where a pair of contracts disagrees with itself, or with those of its sources, beside its `folder`."""
    for fault in find_disagreements(input_contract, published):
        yield Finding("pair", fault.problem, fault.remedy, fault.rule)
    dated = next((table_source for table_source in input_contract.sources if table_source.day), None)
    for source in input_contract.sources:
        yield from _check_source(source, folder.resolve().parent / source.dataset / "output.json")
        if dated and source.on and source.on not in dated.columns:
            message = f"source {source.dataset!r} is found by {source.on!r}, which {dated.dataset!r} is not read for"
            yield Finding("pair", message, f"name a column that both have, or add it to those of {dated.dataset}")


def _check_source(source: TableSource, path: Path) -> Iterator[Finding]:
    source_contract = suite_file(path).contract if path.is_file() else None
    if source_contract is None:
        where = f"{path.parent.name}/{path.name}"
        message = f"source {source.dataset!r} has no contract that loads: {where}"
        yield Finding("pair", message, "name a dataset with contracts, or mend those")
        return
    types = {column.name: column.type for column in source_contract.columns}
    for name in source.columns:
        if name not in types:
            message = f"source {source.dataset!r} publishes no column {name!r}"
            yield Finding("pair", message, f"it has {', '.join(types)}", column=name)
    if source.day in types and types[source.day].family is not Family.DATE:
        message = f"source {source.dataset!r} has its day in {source.day!r}, which is {types[source.day]}"
        yield Finding("pair", message, "name a column of type date")
