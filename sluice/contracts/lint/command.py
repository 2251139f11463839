"""Say what is wrong with the contracts, each finding with file, line, rule and remedy.

Everything that strict loading refuses, and beyond it: rules and bounds that can never fail or never hold, rules that
another one already implies, columns without any rule, keys that may be null, output columns that no transform makes,
names of other datasets that nothing answers to. Where there is a Java, it compiles each pattern, and looks for it in values
that are made to be hard: 20,000 characters for its stack, 30 for its time. A transform
that names what it may not get is tried by Spark on no rows. All else needs neither Spark nor Great Expectations.
"""

import argparse

from etl.wording import counted
from sluice.contracts.commands import forms
from sluice.contracts.lint.findings import KINDS, Finding
from sluice.contracts.lint.lint import Report, lint
from sluice.contracts.tables import Page, as_json, code, table


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="suite files or folders; all contracts by default")
    forms(parser)


def run(options: argparse.Namespace) -> int:
    """Print the findings; 1 where there are any."""
    report = lint(options.paths)
    if options.json:
        print(as_json(_plain(report)))
    elif options.markdown:
        print(_markdown(report))
    else:
        _print(report)
    return 1 if report.findings else 0


def _plain(report: Report) -> dict[str, object]:
    findings = [finding.as_json() for finding in report.findings]
    notes = {"notes": report.notes} if report.notes else {}
    return {"suites": report.suites, "rules": report.rules, "findings": findings, **notes}


def _closing(report: Report) -> str:
    findings = counted(len(report.findings), "finding") if report.findings else "no findings"
    return f"{findings} in {counted(report.suites, 'suite')} with {counted(report.rules, 'rule')}"


def _markdown(report: Report) -> str:
    rows = [(f"{one.file}:{one.line}", one.rule or "", one.kind, one.found, one.remedy) for one in report.findings]
    listed = ["", table(("where", "rule", "kind", "found", "remedy"), rows, own=("kind",))] if rows else []
    notes = [f"\n{code(note)}" for note in report.notes]
    return "\n".join(["### Contract lint", "", f"{_closing(report)}.", *listed, *notes])


def _print(report: Report) -> None:
    page = Page()
    for file in dict.fromkeys(one.file for one in report.findings):
        page.line((file, "bold"))
        for finding in (one for one in report.findings if one.file == file):
            _print_one(page, finding)
    for note in report.notes:
        page.line(("note: ", "cyan"), note)
    kinds = dict.fromkeys(one.kind for one in report.findings)
    for kind in kinds:
        page.line((f"{kind}: ", "cyan"), (KINDS[kind], "dim"))
    page.line((_closing(report), "bold red" if report.findings else "bold green"))


def _print_one(page: Page, finding: Finding) -> None:
    about = f"{finding.rule}: " if finding.rule else ""
    page.line((f"{finding.line:>5}  ", "dim"), (f"{finding.kind:<12}", "cyan"), (about, "bold"), finding.found)
    page.line(" " * 19, ("→ ", "green"), finding.remedy)
