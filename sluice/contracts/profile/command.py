"""Draft both suites of a dataset from a sample: types, a key, and rules with the evidence for them.

FILE is CSV, JSON (also as .gz or .bz2), Parquet, ORC, Avro or Excel; a folder, a glob or several files make one sample.
The draft says how the file is written, what its columns are called and how their texts are read, and then what the sample
holds, not what is meant: each suite is marked meta.draft, and lint refuses it until a person has read it. What a sample leaves
open stands in meta.doubts. Columns that may be about a person are marked pii, and no value of them is quoted. Needs neither
Spark nor Great Expectations.

With --history it proposes bounds from the results of a deployed dataset instead, as JSON to paste into its suites, with how
often each would have rung over the runs there are. It takes 10 runs that count as history.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from components.settings.lake_folder import expectations_folder
from etl.contract.loading import parse_suite
from etl.contract.stage import SUITE_STAGES, Stage, SuiteStage
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.options import StackOption, complete_dataset
from sluice.contracts.dataset_names import require_dataset_name
from sluice.contracts.output_form import JsonOption, MarkdownOption, OutputForm, choose_form
from sluice.contracts.profile.suite_layout import render_suite
from sluice.contracts.suite_files import short_path
from sluice.contracts.tables import TerminalPage, as_json, code_span, markdown_table
from sluice.progress import Progress
from sluice.text_tables import print_cells

if TYPE_CHECKING:
    from sluice.contracts.profile.column import ColumnProfile

TABLE_HEAD = ("column", "type", "nulls", "different", "drafted")


def run(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="A sample: files of a usual day, a folder of them or a glob."),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="The dataset's name; by default from the file's.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write; by default expectations/<dataset>.")
    ] = None,
    history: Annotated[
        str | None,
        typer.Option(
            "--history", metavar="DATASET", help="Propose bounds from its results.", autocompletion=complete_dataset
        ),
    ] = None,
    stack: StackOption = None,
    markdown: MarkdownOption = False,
    json: JsonOption = False,
) -> None:
    """Write the draft and print what it was drafted from."""
    form = choose_form(markdown=markdown, json=json)
    if history is not None:
        if files or dataset or out:
            raise WrongUse("--history reads the results of a deployed dataset, and takes no files, --dataset or --out")
        _propose_history(context, history, stack, form)
        return
    if not files:
        raise WrongUse("name a file, a folder or a glob as the sample, or a deployed dataset by --history")
    name = _dataset_name(files[0], dataset)
    folder = out or expectations_folder() / name
    paths = {stage: folder / f"{stage}.json" for stage in SUITE_STAGES}
    for suite_path in paths.values():
        if suite_path.exists():
            raise WrongUse(
                f"{short_path(suite_path)} is there already, and no tool rewrites a contract; name another folder by --out"
            )
    with Progress() as progress:
        progress.show(name, f"reads {short_path(files[0])}{' and others' if len(files) > 1 else ''}")
        # Other commands need not wait for it.
        from sluice.contracts.profile.column import profile_columns  # noqa: PLC0415
        from sluice.contracts.profile.draft import draft_suites  # noqa: PLC0415
        from sluice.contracts.profile.sample_files import read_samples  # noqa: PLC0415

        sample = read_samples(files)
        progress.show(name, "looks at each column")
        columns = profile_columns(sample)
        progress.show(name, "drafts both suites")
        suites = draft_suites(name, sample, columns)
    _write_suites(sample.file, {paths[stage]: render_suite(suite) for stage, suite in suites.items()})
    _print_draft(form, name, folder, columns, suites)


def _propose_history(context: typer.Context, dataset: str, stack: str | None, form: OutputForm) -> None:
    # A sample needs no account.
    from sluice.contracts.history.dataset_history import read_results  # noqa: PLC0415
    from sluice.contracts.profile.history_command import draft_history, print_history_draft  # noqa: PLC0415
    from sluice.operations.command_options import deployed_dataset  # noqa: PLC0415

    results = read_results(deployed_dataset(context, dataset, stack), datetime.now(UTC).date())
    print_history_draft(draft_history(dataset, results.lines), form)


def _dataset_name(file: Path, dataset: str | None) -> str:
    name = dataset or re.sub(r"[^a-z0-9]+", "_", file.name.lower().partition(".")[0]).strip("_")
    require_dataset_name(name, "give one by --dataset")
    return name


def _write_suites(sample: str, texts: dict[Path, str]) -> None:
    for text in texts.values():
        _, faults = parse_suite(text)
        if faults:
            raise WrongUse(f"{sample} cannot be a dataset as it is: {faults[0]}")
    for file, text in texts.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as opened:
                opened.write(text)
        except OSError as error:
            raise WrongUse(
                f"{short_path(file)} cannot be written: {error.strerror}; name another folder by --out"
            ) from error


def _print_draft(
    form: OutputForm,
    dataset: str,
    folder: Path,
    columns: "list[ColumnProfile]",
    suites: Mapping[SuiteStage, Any],
) -> None:
    drafted = {stage: short_path(folder / f"{stage}.json") for stage in SUITE_STAGES}
    key = suites[Stage.OUTPUT]["meta"]["key"]
    doubts = [doubt for suite in suites.values() for doubt in suite["meta"].get("doubts", [])]
    rows = [
        (column.name, column.declared, f"{column.nulls:,}", f"{column.values:,}", _drafted_rules(column, key, suites))
        for column in columns
    ]
    rules = sum(len(suite["expectations"]) for suite in suites.values())
    row_count = columns[0].rows
    closing = f"{count_noun(rules, 'rule')} from {count_noun(row_count, 'row')}; {_key_words(key)}"
    following = f"read each rule, then mend what sluice lint {short_path(folder)} says"
    if form is OutputForm.JSON:
        listed = [dict(zip(TABLE_HEAD, row, strict=True)) for row in rows]
        print(
            as_json(
                {"dataset": dataset, "files": drafted, "key": key, "rules": rules, "columns": listed, "doubts": doubts}
            )
        )
    elif form is OutputForm.MARKDOWN:
        listed = markdown_table(TABLE_HEAD, rows, plain_columns=("nulls", "different"))
        head = [f"### Draft of {dataset}", "", f"{code_span(closing)}; {code_span(following)}."]
        print("\n".join([*head, *(["", *(f"- {code_span(doubt)}" for doubt in doubts)] if doubts else []), "", listed]))
    else:
        _print_table(list(drafted.values()), rows, doubts, (closing, following))


def _drafted_rules(column: "ColumnProfile", key: list[str], suites: Mapping[SuiteStage, Any]) -> str:
    ids = {
        expectation["meta"]["rule"].rpartition(".")[2]
        for suite in suites.values()
        for expectation in suite["expectations"]
        if expectation["kwargs"].get("column") == column.name
    }
    marks = [*(["key"] if column.name in key else []), *(["pii"] if column.personal else [])]
    return ", ".join([*marks, *sorted(ids - {"kept"})])


def _key_words(key: list[str]) -> str:
    return f"the key is {', '.join(key)}" if key else "rows have no key"


def _print_table(files: list[str], rows: list[tuple[str, ...]], doubts: list[str], ending: tuple[str, str]) -> None:
    closing, following = ending
    page = TerminalPage()
    print_cells(TABLE_HEAD, rows)
    for doubt in doubts:
        page.print_line(("in doubt: ", "yellow"), doubt)
    for file in files:
        page.print_line(("wrote ", "green"), (file, "bold"))
    page.print_line((closing, "bold green"))
    page.print_line(("→ ", "green"), following)
