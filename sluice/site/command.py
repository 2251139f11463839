"""Write contracts and results as a static site: how each dataset stands, its days, trends, rules, bad runs, costs.

Open index.html from a disk, or put the folder on any server: no page loads more than the site's own style, and each says
all it has without a script. Results, verdicts and Data Docs come from the assets bucket or from a folder that is a copy
of it; 400 days are told. Without any, a sample shows what a bad day looks like. Needs neither Spark nor Great Expectations.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from etl.contract.stage import SUITE_STAGES, Stage
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.console import print_error
from sluice.contracts.output_form import JsonOption, MarkdownOption, OutputForm, choose_form
from sluice.contracts.suite_files import SuiteFile, find_suites, short_path, suite_file
from sluice.contracts.tables import TerminalPage, as_json, markdown_table
from sluice.site.assets_place import open_place
from sluice.site.runs import ContractPair

if TYPE_CHECKING:  # what builds is loaded late
    from sluice.site.build import Site
    from sluice.site.overview import Standing

OUT = Path(".site")
TABLE_HEAD = ("dataset", "owner", "input", "output", "rules", "latest run")


def run(
    out: Annotated[Path, typer.Option(metavar="DIR", help="The site's folder.")] = OUT,
    results: Annotated[
        list[str] | None,
        typer.Option(
            "--results",
            "--verdicts",
            metavar="PLACE",
            help="Copies of the assets bucket, or s3://<assets bucket> with the AWS credentials of your surroundings.",
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
        print_error("\n".join((*refused, "nothing was written; sluice lint tells every fault")), lines=True)
        return ExitCode.AT_FAULT
    from sluice.site.build import build_site  # noqa: PLC0415  a tenth of a second that only this command needs

    pairs = _pair_contracts(files)
    site = build_site(pairs, out, [open_place(place) for place in results or ()])
    _print_summary(form, out, pairs, site)
    return ExitCode.DONE


def _missing_or_faulty(files: list[SuiteFile]) -> list[str]:
    faulty = [f"{short_path(file.path)} does not load: {file.faults[0]}" for file in files if file.contract is None]
    paths = {file.path for file in files}
    expected_paths = {file.path.parent / f"{stage}.json" for file in files for stage in SUITE_STAGES}
    return [*faulty, *(f"{short_path(path)} is missing" for path in sorted(expected_paths - paths))]


def _pair_contracts(files: list[SuiteFile]) -> dict[str, ContractPair]:
    contracts = {(file.contract.dataset, file.contract.stage): file.contract for file in files if file.contract}
    return {name: (contracts[name, Stage.INPUT], contracts[name, Stage.OUTPUT]) for name, _ in contracts}


def _print_summary(form: OutputForm, out: Path, pairs: dict[str, ContractPair], site: "Site") -> None:
    index = (out / "index.html").as_posix()
    rows = [_summary_row(name, pair, site.standings[name]) for name, pair in pairs.items()]
    if form is OutputForm.JSON:
        datasets = [dict(zip(TABLE_HEAD, row, strict=True)) for row in rows]
        print(
            as_json({"index": index, "datasets": datasets, "retired": [*site.retired], "unreadable": site.unreadable})
        )
        return
    if form is OutputForm.MARKDOWN:
        print("\n".join(("### Contracts", "", markdown_table(TABLE_HEAD, rows))))
    else:
        _print_rows(rows, site)
        TerminalPage().print_line((f"written: {index}", "bold green"))
    for fault in site.unreadable:
        print_error(f"left out {fault}")


def _print_rows(rows: list[tuple[str, ...]], site: "Site") -> None:
    page = TerminalPage()
    for name, owner, input_version, output_version, rules, latest in rows:
        versions = (f"  input {input_version}, output {output_version}, {count_noun(int(rules), 'rule')}, ", "dim")
        page.print_line((name, "bold"), f" of {owner}", versions, latest)
    for name, standing in site.retired.items():
        page.print_line((name, "bold"), "  retired: results and no contract, ", standing.outcome)


def _summary_row(name: str, pair: ContractPair, standing: "Standing") -> tuple[str, ...]:
    input_contract, published = pair
    latest = f"{standing.outcome}, {standing.when}" if standing.when else standing.outcome
    rules = str(len(input_contract.rules) + len(published.rules))
    return name, published.owner, input_contract.version, published.version, rules, latest
