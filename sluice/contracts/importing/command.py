"""Draft both suites of a dataset from a contract of another tool, and list what cannot be carried, with its line.

FILE is a document of the Open Data Contract Standard v3.1.0 or v3.2.0 (YAML or JSON; a dataset for each of its tables), or a
suite of Great Expectations 1.x or 0.x (JSON). Each draft is marked meta.draft, and meta.doubts has what was lost or guessed:
lint asks for both until a person has read them. What sluice export wrote comes back as it was, and is no draft. A file that
cannot be read whole changes nothing. Ends with 1 where something was lost. Needs neither Spark nor Great Expectations.
"""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from components.settings.lake_folder import expectations_folder
from etl.contract.json_values import is_object
from etl.contract.stage import SUITE_STAGES
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.contracts.importing.dataset_draft import DatasetDraft, build_suites
from sluice.contracts.importing.expectation_suite import is_expectation_suite, read_suite
from sluice.contracts.importing.located_file import LocatedFile, read_file
from sluice.contracts.profile.suite_layout import render_suite
from sluice.contracts.suite_files import short_path
from sluice.contracts.tables import TerminalPage


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An ODCS document, or a suite of Great Expectations.")],
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="The dataset's name; by default from the file's table or suite.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write DIR/<dataset>/; by default the lake's expectations/.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over contracts that are there.")] = False,
) -> ExitCode:
    """Write the drafts and print what they lack."""
    drafts = _read_drafts(read_file(file), dataset)
    texts: dict[Path, str] = {}
    for draft in drafts:
        suites = build_suites(draft)
        folder = (out or expectations_folder()) / draft.dataset
        texts |= {folder / f"{stage}.json": render_suite(suites[stage]) for stage in SUITE_STAGES}
    _require_free(texts, overwrite=overwrite)
    _write_all(texts)
    _print_drafts(drafts, texts)
    is_whole = not any(finding.is_lost for draft in drafts for finding in draft.findings)
    return ExitCode.DONE if is_whole else ExitCode.AT_FAULT


def _read_drafts(file: LocatedFile, dataset: str | None) -> list[DatasetDraft]:
    content = file.content
    if is_expectation_suite(content):
        return [read_suite(file, dataset)]
    if is_object(content) and ("apiVersion" in content or "kind" in content):
        # The standard's models take a tenth of a second, which suites need not wait for.
        from sluice.contracts.importing.odcs_document import read_document  # noqa: PLC0415

        return read_document(file, dataset)
    if is_object(content) and "dataContractSpecification" in content:
        raise WrongUse(f"{file.name} is of the Data Contract Specification, which ended; bring it to ODCS v3.1.0 first")
    raise WrongUse(
        f"{file.name} is no contract that is read: it has no apiVersion, as an ODCS document, and no expectations, "
        "as a suite of Great Expectations; name one of them"
    )


def _require_free(texts: dict[Path, str], *, overwrite: bool) -> None:
    taken = [short_path(path) for path in texts if path.exists()]
    if taken and not overwrite:
        raise WrongUse(f"{', '.join(taken)} is there already; name another folder by --out, or add --overwrite")


def _write_all(texts: dict[Path, str]) -> None:
    """Write each text, or nothing: what cannot be written is found before the first file is replaced."""
    written: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", dir=path.parent)
            written[path] = Path(name)
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
            Path(name).chmod(0o644)
        for path, beside in written.items():
            beside.replace(path)
    except OSError as error:
        for beside in written.values():
            beside.unlink(missing_ok=True)
        raise WrongUse(
            f"{short_path(Path(error.filename or '.'))} cannot be written: {error.strerror}; name another folder by --out"
        ) from error


def _print_drafts(drafts: list[DatasetDraft], texts: dict[Path, str]) -> None:
    page = TerminalPage()
    for draft in drafts:
        for finding in draft.findings:
            words = ("lost: ", "red") if finding.is_lost else ("in doubt: ", "yellow")
            page.print_line(words, f"{draft.file}:{finding.line}: {finding.problem}; {finding.remedy}")
    for path in texts:
        page.print_line(("wrote ", "green"), (short_path(path), "bold"))
    lost = sum(finding.is_lost for draft in drafts for finding in draft.findings)
    folders = " ".join(dict.fromkeys(short_path(path.parent) for path in texts))
    page.print_line(
        (
            f"{count_noun(len(drafts), 'dataset')}; {count_noun(lost, 'thing')} lost",
            "bold green" if not lost else "bold red",
        )
    )
    page.print_line(("→ ", "green"), f"read each rule, then mend what sluice lint {folders} says")
