"""Say what changed between two commits' contracts, for whom, and which version each suite needs for it.

BASE is by default where this branch left main; on main itself, the commit before (or the last commit, where contracts
are changed and not committed). HEAD is by default the working tree. What one suite now allows and the dataset's other
one still refuses is noted. What a run will refuse to do to the published table is told with the ways out. A suite
whose version was not raised enough is an error: major for what breaks producers or consumers, minor for what is
loosened, patch for documentation.
"""

import argparse

from etl.wording import counted
from sluice.contracts.commands import forms
from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS
from sluice.contracts.diff.diff import SuiteDiff, diff
from sluice.contracts.diff.git_history import at, base, now, resolve
from sluice.contracts.tables import Page, as_json, code, table

COLOURS = {CONSUMERS: "bold red", PRODUCERS: "red", LOOSENED: "yellow", DOCUMENTATION: "dim"}
MIGRATION = "needs a migration"
WORKING_TREE = "the working tree"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("base", nargs="?", metavar="BASE", help="the commit to compare with")
    parser.add_argument("head", nargs="?", metavar="HEAD", help="the commit to compare; by default the working tree")
    forms(parser)


def run(options: argparse.Namespace) -> int:
    """Print the changes; 1 where a version was not raised enough or a suite does not load."""
    old = resolve(options.base) if options.base else base()
    new = resolve(options.head) if options.head else None
    found = diff(at(old), at(new) if new else now())
    between = old[:10], new[:10] if new else WORKING_TREE
    if options.json:
        print(as_json(_plain(found, between)))
    elif options.markdown:
        print(_markdown(found, between))
    else:
        _print(found, between)
    return 0 if all(one.enough for one in found) else 1


def _plain(found: list[SuiteDiff], between: tuple[str, str]) -> dict[str, object]:
    enough = all(one.enough for one in found)
    return {"base": between[0], "head": between[1], "enough": enough, "suites": [one.as_json() for one in found]}


def _version(one: SuiteDiff) -> str:
    """Return what is to be said of a suite's version, empty where nothing is."""
    bump = one.bump
    if bump is None:
        return ""
    raised = f"version {bump.before}" + (f" → {bump.after}" if bump.after != bump.before else "")
    if bump.step is None:
        return f"{raised}, no change needs it" if bump.enough else f"{raised}: a version never goes back"
    if bump.enough:
        return f"{raised}, as a {bump.step} change needs"
    return f"{raised}: a {bump.step} change needs at least {bump.least}; raise meta.version"


def _markdown(found: list[SuiteDiff], between: tuple[str, str]) -> str:
    lines = ["### Contract changes", "", f"From {between[0]} to {between[1]}: {_closing(found)}."]
    for one in found:
        lines += ["", f"#### {code(one.path)}", ""]
        lines += [f"{'✅' if one.enough else '❌'} {_version(one)}.", ""] if one.bump else []
        lines += [f"- ❌ {code(str(fault))}" for fault in one.faults]
        rows = [(change.label, change.subject, change.words, change.how) for change in one.changes]
        lines += [table(("for whom", "what", "change", "how"), rows, own=("for whom", "how"))] if rows else []
        lines += ["", *(f"- {code(note)}" for note in one.notes)] if one.notes else []
        lines += ["", *(f"- {MIGRATION}: {code(str(each))}" for each in one.migrations)] if one.migrations else []
    return "\n".join(lines)


def _print(found: list[SuiteDiff], between: tuple[str, str]) -> None:
    page = Page()
    page.line((f"from {between[0]} to {between[1]}", "dim"))
    for one in found:
        page.line((one.path, "bold"))
        for change in one.changes:
            page.line("  ", (f"{change.label:<23}", COLOURS[change.label]), str(change))
        for note in one.notes:
            page.line("  ", ("note                   ", "cyan"), note)
        for each in one.migrations:
            page.line("  ", (f"{MIGRATION}      ", "bold red"), str(each).removeprefix("- "))
        for fault in one.faults:
            page.line("  ", ("refused                ", "bold red"), str(fault))
        if one.bump:
            page.line("  ", (_version(one), "green" if one.enough else "bold red"))
    page.line((_closing(found), "bold green" if all(one.enough for one in found) else "bold red"))


def _closing(found: list[SuiteDiff]) -> str:
    if not found:
        return "no contract changed"
    changes = sum(len(one.changes) for one in found)
    short = sum(not one.enough for one in found)
    told = f"{counted(changes, 'change')} in {counted(len(found), 'suite')}"
    return told + (f", of which {short} may not go in as {'it is' if short == 1 else 'they are'}" if short else "")
