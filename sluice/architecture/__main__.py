"""`make architecture`: the picture and the figures of docs/architecture.md, anew from the code.

Without `--write` it says whether the picture is that of the code, and exits with 1 where it is not. The figures of a run
take a minute and are written with it; RULE names the rule that is followed through the job.
"""

import argparse
import sys

from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES
from sluice.architecture import code_figures
from sluice.architecture.code_figures import ROOT, read_modules
from sluice.architecture.picture import build_import_graph, draw_packages, package_arrows, packages_of
from sluice.cli.errors import WrongUse, run_to_exit_code
from sluice.cli.module_parser import CommandParser
from sluice.contracts.suite_files import suite_file
from sluice.program.docs_part import replace_part

PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ("<!-- picture -->", "<!-- end of picture -->")
FIGURES = ("<!-- figures -->", "<!-- end of figures -->")


def draw_picture() -> list[str]:
    """Return the lines between the page's picture marks."""
    graph = build_import_graph()
    return ["```mermaid", *draw_packages(package_arrows(graph, packages_of(graph))), "```"]


def figure_lines(rule: str) -> list[str]:
    """Return the table of figures, those of a run included.

    Raises:
        WrongUse: no dataset that comes as files has the rule.
    """
    from sluice.architecture.run_trace import trace_run  # noqa: PLC0415  Spark, which the picture does not need

    modules = read_modules()
    small, every = code_figures.small_modules(modules)
    trace = trace_run(_contracts_with(rule), rule)
    job = [module for module in modules if module.path.is_relative_to(ROOT / "etl")]
    rows = {
        "functions whose name is one word": f"{100 * code_figures.one_word_share(modules):.0f} %",
        "variables and parameters with a name that says nothing": f"{code_figures.vague_variables(modules)}",
        "modules below 60 lines": f"{small} of {every}",
        "public functions and classes without a docstring": f"{len(code_figures.undocumented(modules))}",
        f"`{rule}`: functions of the job that are handed it": f"{len(trace.hops)} in {len(trace.hop_modules)} files",
        "a day of CSV: modules of the job in which something is called": f"{len(trace.modules)} of {len(job)}",
        "words of the trade": ", ".join(f"{word} {n}" for word, n in code_figures.trade_word_counts(modules).items()),
    }
    return ["", "| | figure |", "|---|---|", *(f"| {what} | {figure} |" for what, figure in rows.items()), ""]


def main(argv: list[str]) -> int:
    """Write the page's parts, or compare the picture; return the exit code."""
    parser = CommandParser(
        prog="sluice.architecture", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the picture into docs/architecture.md")
    parser.add_argument("--figures", metavar="RULE", help="write the figures, too: RULE is followed through a run")
    options = parser.parse_args(argv)
    text = PAGE.read_text(encoding="utf-8")
    page = replace_part(text, *PICTURE, draw_picture())
    if options.figures:
        page = replace_part(page, *FIGURES, figure_lines(options.figures))
    if options.write or options.figures:
        PAGE.write_text(page, encoding="utf-8")
    elif page != text:
        print("docs/architecture.md shows another picture than the code: run make architecture")
        return 1
    return 0


def _contracts_with(rule: str) -> tuple[Contract, Contract]:
    for folder in sorted((ROOT / "expectations").iterdir()):
        files = [suite_file(folder / f"{stage}.json") for stage in SUITE_STAGES] if folder.is_dir() else []
        contracts = [contract_of(file.suite) for file in files if file.contract]
        rules = [each.rule for contract in contracts for each in contract.rules]
        if rule in rules and len(contracts) == 2 and not contracts[0].sources:
            return contracts[0], contracts[1]
    raise WrongUse(f"no dataset that comes as files has a rule {rule!r}; name one of expectations/")


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sluice.architecture", lambda: main(sys.argv[1:])))
