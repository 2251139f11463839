"""Say what changed between two commits' contracts, for whom, and which version each suite needs for it.

BASE is by default where this branch left main; on main itself, the commit before (or the last commit, where contracts
are changed and not committed). HEAD is by default the working tree. What one suite now allows and the dataset's other
one still refuses is noted. What a run will refuse to do to the published table is told with the ways out. A suite
whose version was not raised enough is an error: major for what breaks producers or consumers, minor for what is
loosened, patch for documentation.

With --results it says of each changed rule in how many runs of the last 14 days it broke; of a rule about the whole, such
as a row count, also in which it would break now. What a rule about rows would refuse, `sluice backtest` says of the data.
"""

from pathlib import Path
from typing import Annotated

import typer

from etl.contract.results_layout import ResultKind, results_folder
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.console import print_error
from sluice.contracts.diff.diff import SuiteDiff, dataset_of, diff_suites, with_days
from sluice.contracts.diff.git_history import SuiteTexts, base_commit, resolve_commit, suites_at, working_suites
from sluice.contracts.diff.markdown_page import render_markdown
from sluice.contracts.diff.rule_days import DAYS, ResultsRead, read_rule_lines
from sluice.contracts.diff.sentences import MIGRATION, closing_line, days_words, version_sentence
from sluice.contracts.output_form import JsonOption, MarkdownOption, OutputForm, choose_form
from sluice.contracts.tables import TerminalPage, as_json

WORKING_TREE = "the working tree"


def run(
    base: Annotated[str | None, typer.Argument(metavar="BASE", help="The commit to compare with.")] = None,
    head: Annotated[
        str | None, typer.Argument(metavar="HEAD", help="The commit to compare; by default the working tree.")
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A folder that is a copy of the assets bucket, as far as its results/rules/."),
    ] = None,
    markdown: MarkdownOption = False,
    json: JsonOption = False,
) -> ExitCode:
    """Print the changes; at fault where a version was not raised enough or a suite does not load."""
    form = choose_form(markdown=markdown, json=json)
    old = resolve_commit(base) if base else base_commit()
    new = resolve_commit(head) if head else None
    before, after = suites_at(old), suites_at(new) if new else working_suites()
    suite_diffs = diff_suites(before, after)
    if results:
        suite_diffs = _add_days(suite_diffs, before, after, results)
    between = old[:10], new[:10] if new else WORKING_TREE
    if form is OutputForm.JSON:
        print(as_json(_diffs_json(suite_diffs, between)))
    elif form is OutputForm.MARKDOWN:
        print(render_markdown(suite_diffs, between))
    else:
        _print_diffs(suite_diffs, between)
    return ExitCode.DONE if all(suite_diff.enough for suite_diff in suite_diffs) else ExitCode.AT_FAULT


def _add_days(suite_diffs: list[SuiteDiff], before: SuiteTexts, after: SuiteTexts, place: Path) -> list[SuiteDiff]:
    """Return what changed with what results say of it.

    Raises:
        WrongUse: the folder holds no results.
    """
    if not (place / results_folder(ResultKind.RULES)).is_dir():
        raise WrongUse(f"{place} holds no {results_folder(ResultKind.RULES)}; copy it from the assets bucket")
    read: dict[str, ResultsRead] = {}
    for name in dict.fromkeys(dataset_of(suite_diff.path) for suite_diff in suite_diffs):
        read[name] = read_rule_lines(place, name)
        for fault in read[name].unreadable:
            print_error(f"left out {fault}")
    return [with_days(suite_diff, before, after, read[dataset_of(suite_diff.path)].lines) for suite_diff in suite_diffs]


def _diffs_json(suite_diffs: list[SuiteDiff], between: tuple[str, str]) -> dict[str, object]:
    enough = all(suite_diff.enough for suite_diff in suite_diffs)
    return {
        "base": between[0],
        "head": between[1],
        "enough": enough,
        "suites": [suite_diff.as_json() for suite_diff in suite_diffs],
    }


def _print_diffs(suite_diffs: list[SuiteDiff], between: tuple[str, str]) -> None:
    page = TerminalPage()
    page.print_line((f"from {between[0]} to {between[1]}", "dim"))
    for suite_diff in suite_diffs:
        page.print_line((suite_diff.path, "bold"))
        for change in suite_diff.changes:
            page.print_line("  ", (f"{change.label:<23}", change.label.colour), str(change))
        for note in suite_diff.notes:
            page.print_line("  ", ("note                   ", "cyan"), note)
        for refusal in suite_diff.migrations:
            page.print_line("  ", (f"{MIGRATION}      ", "bold red"), str(refusal).removeprefix("- "))
        for fault in suite_diff.faults:
            page.print_line("  ", ("refused                ", "bold red"), str(fault))
        for days in suite_diff.days:
            page.print_line("  ", (f"last {DAYS} days           ", "cyan"), days_words(days))
        if suite_diff.bump:
            page.print_line("  ", (version_sentence(suite_diff), "green" if suite_diff.enough else "bold red"))
    page.print_line(
        (
            closing_line(suite_diffs),
            "bold green" if all(suite_diff.enough for suite_diff in suite_diffs) else "bold red",
        )
    )
