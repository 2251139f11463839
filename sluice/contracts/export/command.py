"""Write contracts as other tools read them: one Open Data Contract Standard 3.1 document a dataset.

A document describes the published table: columns, key, partitions, freshness, and every rule of the output contract, as a
metric of the standard where it has one that says the same, else as SQL that counts what breaks it. A rule that neither says is
kept as the Great Expectations expectation itself, and listed: other tools pass over it. Custom properties hold the rest, so
that sluice import gives the same contracts. With --input a document describes the raw files, for whoever sends them. Without
--out one document is printed, and the list is on stderr. Needs neither Spark nor Great Expectations.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from components.settings.lake_folder import expectations_folder
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES
from sluice.cli.errors import WrongUse
from sluice.cli.options import DatasetsArgument
from sluice.console import print_error
from sluice.contracts.export.odcs import render_document, render_input_document
from sluice.contracts.export.odcs_quality import runs_elsewhere
from sluice.contracts.lint.cross_references import unknown_dataset_message
from sluice.contracts.rule_words import in_words
from sluice.contracts.suite_files import short_path, suite_file


def run(
    datasets: DatasetsArgument = None,
    odcs: Annotated[bool, typer.Option("--odcs", help="Open Data Contract Standard documents (YAML).")] = False,
    raw: Annotated[
        bool,
        typer.Option(
            "--input", help="Documents of the raw files, for whoever sends them: DIR/<dataset>.input.odcs.yaml."
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write DIR/<dataset>.odcs.yaml, over what is there.")
    ] = None,
) -> None:
    """Print one document, or write them all."""
    if not odcs:
        raise WrongUse("name the form to export to: --odcs")
    pairs = [_load_pair(folder) for folder in _dataset_folders(datasets or [])]
    if raw:
        _require_files(pairs)
        files = [input_contract for input_contract, _ in pairs if not input_contract.sources]
        documents = {f"{contract.dataset}.{contract.stage}": render_input_document(contract) for contract in files}
        ours = {f"{contract.dataset}.{contract.stage}": list(_judged_here_only(contract)) for contract in files}
    else:
        documents = {
            published.dataset: render_document(input_contract, published) for input_contract, published in pairs
        }
        ours = {published.dataset: list(_judged_here_only(published)) for _, published in pairs}
    if out:
        _write_documents(out, documents, ours)
    elif len(documents) == 1:
        print(*documents.values(), end="")
        for line in (line for lines in ours.values() for line in lines):
            print_error(line)
    else:
        raise WrongUse(
            f"{len(documents)} documents need a folder: add --out DIR, or name one of {', '.join(documents)}"
        )


def _require_files(pairs: list[tuple[Contract, Contract]]) -> None:
    if all(input_contract.sources for input_contract, _ in pairs):
        names = ", ".join(input_contract.dataset for input_contract, _ in pairs)
        raise WrongUse(f"{names}: rows are built from tables, and no files arrive; drop --input")


def _judged_here_only(published: Contract) -> Iterator[str]:
    """Yield a line for each rule that other tools pass over."""
    types = {column.name: column.type for column in published.columns}
    for rule in published.rules:
        if not runs_elsewhere(rule, types):
            yield f"  only Sluice judges {rule.rule}: {in_words(rule)}"


def _write_documents(folder: Path, documents: dict[str, str], ours: dict[str, list[str]]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for dataset, text in documents.items():
            file = folder / f"{dataset}.odcs.yaml"
            file.write_text(text, encoding="utf-8")
            print(short_path(file), *ours[dataset], sep="\n")
    except OSError as error:
        raise WrongUse(f"{folder} cannot be written to: {error.strerror}; name another folder") from error


def _dataset_folders(names: list[str]) -> list[Path]:
    if not names:
        return sorted(folder for folder in expectations_folder().iterdir() if folder.is_dir())
    return [expectations_folder() / name if (expectations_folder() / name).is_dir() else Path(name) for name in names]


def _load_pair(folder: Path) -> tuple[Contract, Contract]:
    paths = [folder / f"{stage}.json" for stage in SUITE_STAGES]
    if not all(path.is_file() for path in paths):
        raise WrongUse(unknown_dataset_message(folder.name))
    contracts = [suite_file(path).contract for path in paths]
    if not (contracts[0] and contracts[1]):
        raise WrongUse(f"strict loading refuses the contracts of {folder.name}: see sluice lint {folder}")
    return contracts[0], contracts[1]
