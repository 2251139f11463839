"""Write the contracts as a static site: columns, rules in words with severity and why, versions, runs.

The pages load nothing and need no script: open index.html from a disk, or put the folder on any server. Verdicts come
from folders or from the bucket that the job writes to, Data Docs from docs/ beside them; where no run was refused, a
sample shows what a bad day looks like. Needs neither Spark nor Great Expectations.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from etl.contract.stage import SUITE_STAGES, Stage
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.contracts.output_form import JsonOption, MarkdownOption, OutputForm, choose_form
from sluice.contracts.suite_files import SuiteFile, find_suites, short_path, suite_file
from sluice.contracts.tables import TerminalPage, as_json, markdown_table
from sluice.site.runs import ContractPair, DatasetRuns
from sluice.site.verdict_store import open_store

OUT = Path(".site")
TABLE_HEAD = ("dataset", "owner", "input", "output", "rules", "latest run")


def run(
    out: Annotated[Path, typer.Option(metavar="DIR", help="The site's folder.")] = OUT,
    verdicts: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLACE",
            help="Folders with verdicts, or s3://<assets bucket>/verdicts/ with the AWS credentials of your surroundings.",
        ),
    ] = None,
    markdown: MarkdownOption = False,
    json: JsonOption = False,
) -> ExitCode:
    """Write the site; at fault where a contract is missing or does not load, and nothing is written."""
    form = choose_form(markdown=markdown, json=json)
    if out.exists() and not out.is_dir():
        raise WrongUse(f"{out} is no folder; name another with --out")
    files = [suite_file(path) for path in find_suites([])]
    if refused := list(_missing_or_faulty(files)):
        print("\n".join((*refused, "nothing was written; sluice lint tells every fault")), file=sys.stderr)
        return ExitCode.AT_FAULT
    from sluice.site.build import build_site  # noqa: PLC0415  a tenth of a second that only this command needs

    pairs = _pair_contracts(files)
    runs_by_dataset = build_site(pairs, out, [open_store(place) for place in verdicts or ()])
    _print_summary(form, out, pairs, runs_by_dataset)
    return ExitCode.DONE


def _missing_or_faulty(files: list[SuiteFile]) -> list[str]:
    faulty = [f"{short_path(file.path)} does not load: {file.faults[0]}" for file in files if file.contract is None]
    paths = {file.path for file in files}
    expected_paths = {file.path.parent / f"{stage}.json" for file in files for stage in SUITE_STAGES}
    return [*faulty, *(f"{short_path(path)} is missing" for path in sorted(expected_paths - paths))]


def _pair_contracts(files: list[SuiteFile]) -> dict[str, ContractPair]:
    contracts = {(file.contract.dataset, file.contract.stage): file.contract for file in files if file.contract}
    return {name: (contracts[name, Stage.INPUT], contracts[name, Stage.OUTPUT]) for name, _ in contracts}


def _print_summary(
    form: OutputForm, out: Path, pairs: dict[str, ContractPair], runs_by_dataset: dict[str, DatasetRuns]
) -> None:
    index = (out / "index.html").as_posix()
    rows = [_summary_row(name, pair, runs_by_dataset[name]) for name, pair in pairs.items()]
    if form is OutputForm.JSON:
        print(as_json({"index": index, "datasets": [dict(zip(TABLE_HEAD, row, strict=True)) for row in rows]}))
    elif form is OutputForm.MARKDOWN:
        print("\n".join(("### Contracts", "", markdown_table(TABLE_HEAD, rows))))
    else:
        page = TerminalPage()
        for name, owner, input_version, output_version, rules, latest in rows:
            versions = (f"  input {input_version}, output {output_version}, {count_noun(int(rules), 'rule')}, ", "dim")
            page.print_line((name, "bold"), f" of {owner}", versions, latest)
        page.print_line((f"written: {index}", "bold green"))


def _summary_row(name: str, pair: ContractPair, dataset_runs: DatasetRuns) -> tuple[str, ...]:
    input_contract, published = pair
    latest = (
        f"{dataset_runs.latest.outcome[0]}, {dataset_runs.latest.when}" if dataset_runs.latest else "no verdict given"
    )
    rules = str(len(input_contract.rules) + len(published.rules))
    return name, published.owner, input_contract.version, published.version, rules, latest
