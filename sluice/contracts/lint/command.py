"""Say what is wrong with the contracts, each finding with file, line, rule and remedy.

Everything that strict loading refuses, and beyond it: rules and bounds that can never fail or never hold, rules that
another one already implies, columns without any rule, keys that may be null, output columns that no transform makes,
names of other datasets that nothing answers to. With --stack or --raw also what is due (meta.arrivals) and would have
been missing on the last 30 days. Where there is a Java, it compiles each pattern, and looks for it in values
that are made to be hard: 20,000 characters for its stack, 30 for its time. A transform
that names what it may not get is tried by Spark on no rows. What a transform adds is read from its module, which is
imported beside a stand-in for pyspark. All else needs neither Spark nor Great Expectations.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.contracts.lint.ci_reports import render_github, render_junit
from sluice.contracts.lint.findings import KINDS, Finding
from sluice.contracts.lint.lint import LintReport, lint_suites
from sluice.contracts.lint.raw_listing import RawListing, folder_listing, stack_listing
from sluice.contracts.output_form import JsonOption, MarkdownOption
from sluice.contracts.tables import TerminalPage, as_json, code_span, markdown_table
from sluice.program.empty_lake import NO_DATASET, is_empty_lake


class LintFormat(StrEnum):
    """How findings are written: for a terminal, a program, a pull request, a CI server, GitHub's annotations."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    GITHUB = "github"


def run(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH", help="Suite files or folders; all contracts by default.")
    ] = None,
    format_: Annotated[
        LintFormat | None, typer.Option("--format", help="How findings are written; text by default.")
    ] = None,
    stack: Annotated[
        str | None, typer.Option("--stack", metavar="STACK", help="A stack or sandbox whose raw says what was there.")
    ] = None,
    raw: Annotated[
        str | None, typer.Option("--raw", metavar="FOLDER", help="The same from a folder: FOLDER/<dataset>/...")
    ] = None,
    markdown: MarkdownOption = False,
    json: JsonOption = False,
) -> ExitCode:
    """Print the findings; at fault where there are any."""
    chosen = _choose_format(format_, markdown=markdown, json=json)
    report = lint_suites(paths or [], _choose_listing(stack, raw))
    if chosen is LintFormat.TEXT:
        _print_report(report)
    else:
        print(RENDERERS[chosen](report))
    return ExitCode.AT_FAULT if report.findings else ExitCode.DONE


def _choose_listing(stack: str | None, raw: str | None) -> RawListing | None:
    if stack and raw:
        raise WrongUse("--stack and --raw each say what was put into raw: give one of them")
    if raw:
        return folder_listing(raw)
    return stack_listing(stack) if stack else None


def _choose_format(format_: LintFormat | None, *, markdown: bool, json: bool) -> LintFormat:
    typed = [
        *([format_] if format_ else []),
        *([LintFormat.MARKDOWN] if markdown else []),
        *([LintFormat.JSON] if json else []),
    ]
    if len(typed) > 1:
        raise WrongUse("--format, --markdown and --json each name a form of one answer: give one of them")
    return typed[0] if typed else LintFormat.TEXT


def _render_json(report: LintReport) -> str:
    findings = [finding.as_json() for finding in report.findings]
    notes = {"notes": report.notes} if report.notes else {}
    warnings = {"warnings": [warning.as_json() for warning in report.warnings]} if report.warnings else {}
    return as_json({"suites": report.suites, "rules": report.rules, "findings": findings, **warnings, **notes})


def _closing_line(report: LintReport) -> str:
    findings = count_noun(len(report.findings), "finding") if report.findings else "no findings"
    warnings = f" and {count_noun(len(report.warnings), 'warning')}" if report.warnings else ""
    return f"{findings}{warnings} in {count_noun(report.suites, 'suite')} with {count_noun(report.rules, 'rule')}"


def _render_markdown(report: LintReport) -> str:
    rows = [
        (f"{finding.file}:{finding.line}", finding.rule or "", finding.kind, finding.found, finding.remedy)
        for finding in (*report.findings, *report.warnings)
    ]
    listed = (
        ["", markdown_table(("where", "rule", "kind", "found", "remedy"), rows, plain_columns=("kind",))]
        if rows
        else []
    )
    notes = [f"\n{code_span(note)}" for note in report.notes]
    return "\n".join(["### Contract lint", "", f"{_closing_line(report)}.", *listed, *notes])


def _print_report(report: LintReport) -> None:
    page = TerminalPage()
    entries = [*report.findings, *report.warnings]
    for file in dict.fromkeys(entry.file for entry in entries):
        page.print_line((file, "bold"))
        for finding in (entry for entry in entries if entry.file == file):
            _print_finding(page, finding)
    for note in report.notes:
        page.print_line(("note: ", "cyan"), note)
    kinds = dict.fromkeys(entry.kind for entry in entries)
    for kind in kinds:
        page.print_line((f"{kind}: ", "cyan"), (KINDS[kind], "dim"))
    page.print_line((_closing_line(report), "bold red" if report.findings else "bold green"))
    if is_empty_lake():
        page.print_line(("→ ", "green"), NO_DATASET)


def _print_finding(page: TerminalPage, finding: Finding) -> None:
    about = f"{finding.rule}: " if finding.rule else ""
    page.print_line((f"{finding.line:>5}  ", "dim"), (f"{finding.kind:<12}", "cyan"), (about, "bold"), finding.found)
    page.print_line(" " * 19, ("→ ", "green"), finding.remedy)


RENDERERS: dict[LintFormat, Callable[[LintReport], str]] = {
    LintFormat.JSON: _render_json,
    LintFormat.MARKDOWN: _render_markdown,
    LintFormat.JUNIT: render_junit,
    LintFormat.GITHUB: render_github,
}
"""How each format but the terminal's is written."""
