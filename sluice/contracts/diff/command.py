"""Say what changed between two commits' contracts, for whom, and which version each suite needs for it.

BASE is by default where this branch left main; on main itself, the commit before (or the last commit, where contracts
are changed and not committed). HEAD is by default the working tree. What one suite now allows and the dataset's other
one still refuses is noted. What a run will refuse to do to the published table is told with the ways out. A suite
whose version was not raised enough is an error: major for what breaks producers or consumers, minor for what is
loosened, patch for documentation.
"""

from typing import Annotated

import typer

from etl.wording import count_noun
from sluice.cli.exit_codes import ExitCode
from sluice.contracts.diff.diff import SuiteDiff, diff_suites
from sluice.contracts.diff.git_history import base_commit, resolve_commit, suites_at, working_suites
from sluice.contracts.output_form import JsonOption, MarkdownOption, OutputForm, choose_form
from sluice.contracts.tables import TerminalPage, as_json, code_span, markdown_table

MIGRATION = "needs a migration"
WORKING_TREE = "the working tree"


def run(
    base: Annotated[str | None, typer.Argument(metavar="BASE", help="The commit to compare with.")] = None,
    head: Annotated[
        str | None, typer.Argument(metavar="HEAD", help="The commit to compare; by default the working tree.")
    ] = None,
    markdown: MarkdownOption = False,
    json: JsonOption = False,
) -> ExitCode:
    """Print the changes; at fault where a version was not raised enough or a suite does not load."""
    form = choose_form(markdown=markdown, json=json)
    old = resolve_commit(base) if base else base_commit()
    new = resolve_commit(head) if head else None
    suite_diffs = diff_suites(suites_at(old), suites_at(new) if new else working_suites())
    between = old[:10], new[:10] if new else WORKING_TREE
    if form is OutputForm.JSON:
        print(as_json(_diffs_json(suite_diffs, between)))
    elif form is OutputForm.MARKDOWN:
        print(_render_markdown(suite_diffs, between))
    else:
        _print_diffs(suite_diffs, between)
    return ExitCode.DONE if all(suite_diff.enough for suite_diff in suite_diffs) else ExitCode.AT_FAULT


def _diffs_json(suite_diffs: list[SuiteDiff], between: tuple[str, str]) -> dict[str, object]:
    enough = all(suite_diff.enough for suite_diff in suite_diffs)
    return {
        "base": between[0],
        "head": between[1],
        "enough": enough,
        "suites": [suite_diff.as_json() for suite_diff in suite_diffs],
    }


def _version_sentence(suite_diff: SuiteDiff) -> str:
    """Return what is to be said of a suite's version, empty where nothing is."""
    bump = suite_diff.bump
    if bump is None:
        return ""
    raised = f"version {bump.before}" + (f" → {bump.after}" if bump.after != bump.before else "")
    if bump.step is None:
        return f"{raised}, no change needs it" if bump.enough else f"{raised}: a version never goes back"
    if bump.enough:
        return f"{raised}, as a {bump.step} change needs"
    return f"{raised}: a {bump.step} change needs at least {bump.least}; raise meta.version"


def _render_markdown(suite_diffs: list[SuiteDiff], between: tuple[str, str]) -> str:
    lines = ["### Contract changes", "", f"From {between[0]} to {between[1]}: {_closing_line(suite_diffs)}."]
    for suite_diff in suite_diffs:
        lines += ["", f"#### {code_span(suite_diff.path)}", ""]
        lines += (
            [f"{'✅' if suite_diff.enough else '❌'} {_version_sentence(suite_diff)}.", ""] if suite_diff.bump else []
        )
        lines += [f"- ❌ {code_span(str(fault))}" for fault in suite_diff.faults]
        rows = [(change.label, change.subject, change.words, change.how) for change in suite_diff.changes]
        lines += (
            [markdown_table(("for whom", "what", "change", "how"), rows, plain_columns=("for whom", "how"))]
            if rows
            else []
        )
        lines += ["", *(f"- {code_span(note)}" for note in suite_diff.notes)] if suite_diff.notes else []
        lines += (
            ["", *(f"- {MIGRATION}: {code_span(str(refusal))}" for refusal in suite_diff.migrations)]
            if suite_diff.migrations
            else []
        )
    return "\n".join(lines)


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
        if suite_diff.bump:
            page.print_line("  ", (_version_sentence(suite_diff), "green" if suite_diff.enough else "bold red"))
    page.print_line(
        (
            _closing_line(suite_diffs),
            "bold green" if all(suite_diff.enough for suite_diff in suite_diffs) else "bold red",
        )
    )


def _closing_line(suite_diffs: list[SuiteDiff]) -> str:
    if not suite_diffs:
        return "no contract changed"
    changes = sum(len(suite_diff.changes) for suite_diff in suite_diffs)
    insufficient = sum(not suite_diff.enough for suite_diff in suite_diffs)
    summary = f"{count_noun(changes, 'change')} in {count_noun(len(suite_diffs), 'suite')}"
    return summary + (
        f", of which {insufficient} may not go in as {'it is' if insufficient == 1 else 'they are'}"
        if insufficient
        else ""
    )
