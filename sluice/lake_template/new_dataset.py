"""A dataset of one's own from sample files: a draft of both suites, a transform, and an entry in each stack's file.

Nothing is written unless all of it can be: a dataset that is there already, or a stack's file without room for the entry, is
refused. The draft says what the files hold, not what is meant: a person reads it before it is deployed.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from components.settings.lake_folder import expectations_folder, lake_folder, transforms_folder
from etl.contract.stage import SUITE_STAGES
from etl.contract.table_names import companion_tables_of
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.console import print_lines
from sluice.contracts.dataset_names import require_dataset_name
from sluice.contracts.suite_files import short_path
from sluice.lake_template.code_owners import add_owner, code_owners_file, is_handle
from sluice.lake_template.file_changes import write_together
from sluice.lake_template.stack_entries import EntryNotPossible, dataset_entries, insert_entry
from sluice.lake_template.transform_stub import render_transform
from sluice.program.stack_files import stack_names


def run(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Its name, in lower case, such as stores.")],
    files: Annotated[
        list[Path],
        typer.Option(
            "--from", metavar="FILE", help="A file of a usual day, a folder of them or a glob; several make one sample."
        ),
    ],
    more_files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", hidden=True)] = None,
    owner_handle: Annotated[
        str | None,
        typer.Option(metavar="@ORG/TEAM", help="Who reviews changes of its contract: a line of CODEOWNERS."),
    ] = None,
) -> None:
    """Write the dataset's files and entries, and print what to do next."""
    texts, sample_words = plan_files(dataset, [*files, *(more_files or ())], owner_handle)
    write_together(texts)
    print_lines(*_report_lines(dataset, files[0], texts, sample_words))


def plan_files(dataset: str, files: Sequence[Path], owner_handle: str | None = None) -> tuple[dict[Path, str], str]:
    """Return each file that a new dataset writes or changes with its text, and in words what the sample had.

    Raises:
        WrongUse: the name or the handle is none, the dataset is there, a file has no sample or takes no entry.
    """
    _refuse_name(dataset)
    if owner_handle is not None and not is_handle(owner_handle):
        raise WrongUse(f"{owner_handle!r} is no handle of GitHub; write --owner-handle @org/team, or @person")
    entered = {path: _enter(path, dataset) for path in _stack_paths()}
    # Other commands need not wait for it.
    from sluice.contracts.profile.draft_text import draft_texts  # noqa: PLC0415
    from sluice.contracts.profile.sample_files import read_samples  # noqa: PLC0415

    suites, columns = draft_texts(dataset, read_samples(files))
    folder = expectations_folder() / dataset
    texts = {folder / f"{stage}.json": suites[stage] for stage in SUITE_STAGES}
    texts[_transform_path(dataset)] = render_transform(dataset)
    texts |= entered
    if owner_handle:
        owners = code_owners_file(lake_folder())
        texts[owners] = add_owner(_read_text(owners) if owners.exists() else "", dataset, owner_handle)
    return texts, f"{count_noun(columns[0].rows, 'row')} with {count_noun(len(columns), 'column')}"


def _refuse_name(dataset: str) -> None:
    require_dataset_name(dataset)
    for path in (expectations_folder() / dataset, _transform_path(dataset)):
        if path.exists():
            raise WrongUse(f"{short_path(path)} is there already, and no tool rewrites a dataset; take another name")
    for other in sorted(folder.name for folder in expectations_folder().glob("*/")):
        if dataset in companion_tables_of(other) or other in companion_tables_of(dataset):
            raise WrongUse(
                f"{dataset} and {other} cannot be beside each other: one has a table that is called like the other"
            )


def _transform_path(dataset: str) -> Path:
    return transforms_folder() / f"{dataset}.py"


def _stack_paths() -> list[Path]:
    paths = [lake_folder() / f"Pulumi.{stack}.yaml" for stack in stack_names()]
    if not paths:
        raise WrongUse(
            f"{lake_folder()} has no stack's file, Pulumi.<stack>.yaml, that the dataset could be entered in"
        )
    return paths


def _enter(path: Path, dataset: str) -> str:
    """Return a stack's file with the dataset's entry."""
    try:
        text = _read_text(path)
        if dataset in dataset_entries(text):
            raise WrongUse(f"{path.name} has an entry {dataset} already; take another name")
        return insert_entry(text, dataset)
    except EntryNotPossible as fault:
        raise WrongUse(
            f"{path.name} takes no entry: {fault}. Write its datasets one a line, each as `    name: {{}}`; nothing was changed"
        ) from fault


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise WrongUse(f"{path.name} cannot be read as UTF-8: {fault}") from fault


def _report_lines(dataset: str, file: Path, texts: dict[Path, str], sample_words: str) -> Iterator[str]:
    stacks = [path.name for path in texts if path.name.startswith("Pulumi.")]
    yield f"{dataset}: a draft from {sample_words}"
    for path in texts:
        yield f"  {'entered in' if path.name in stacks or path.name == 'CODEOWNERS' else 'wrote'} {short_path(path)}"
    folder = short_path(expectations_folder() / dataset)
    for stage in SUITE_STAGES:
        for doubt in json.loads(texts[expectations_folder() / dataset / f"{stage}.json"])["meta"].get("doubts", []):
            yield f"in doubt: {doubt}"
    yield "next:"
    yield f'  1. read both suites; mend what `sluice lint {folder}` lists, and take out "draft": true last'
    yield f"  2. compute columns in {short_path(_transform_path(dataset))}, if there are any to add"
    yield f"  3. `sluice prove {dataset}`, and `sluice try {dataset} {file}`: every rule bites, and the file passes"
    yield f"  4. `sluice plan {stacks[0].split('.')[1]}`, then commit (docs/adding-a-dataset.md)"
