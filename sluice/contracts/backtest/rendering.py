"""A backtest as its reader sees it: both contracts side by side, then what is refused and by which rules."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from etl.results.verdict import LONGEST_RULE, MOST_RULES
from etl.wording import counted, listed, shortened
from sluice.contracts.backtest.outcome import DAY, FILE, Name, Outcome, Unit
from sluice.contracts.backtest.report import Counts, Report
from sluice.contracts.backtest.row_outcomes import ASIDE, REFUSED
from sluice.contracts.tables import Page, code, table

MOST = 20  # refused files, and days, that are listed; --json has all
NONE = "–"
SUMS = ("", "published", "changed", "")
COUNTS = ("rule", "severity", "published", "changed", "samples")
Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class Heading:
    """What was compared: the suite's file, the commit of the published one, and the column that says a row's day."""

    suite: str
    base: str
    day: str | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    def of(self, report: Report) -> str:
        """Return it in words, with what was given."""
        before = (
            f"{report.published.terms.contract.version} at {self.base}"
            if report.published
            else f"not published at {self.base}"
        )
        units = [counted(len(units), kind) for kind, units in report.changed.units.items() if kind in (FILE, DAY)]
        given = " in ".join([counted(report.rows, "row"), *([" and ".join(units)] if units else [])])
        days = f" ({self.day})" if self.day else ""
        return f"{before} → {report.changed.terms.contract.version} in the working tree, on {given}{days}"


def markdown(report: Report, heading: Heading) -> str:
    """Return a report as Markdown tables."""
    lines = ["### Contract backtest", "", f"#### {code(heading.suite)}", ""]
    lines += [
        f"{code(heading.of(report))}: {closing(report)}.",
        "",
        table(SUMS, _sums(report), own=SUMS),
    ]
    if report.counts:
        rows = [(one.rule, one.severity, *_numbers(one), _samples(one, code)) for one in report.counts]
        lines += ["", table(COUNTS, rows, own=COUNTS[1:])]
    for title, units in _lists(report):
        lines += ["", f"{title}:", "", *(f"- {code(line)}" for line in units)]
    notes = [*_errors(report), *([_unevaluated(report)] if report.changed.terms.unevaluated else [])]
    return "\n".join([*lines, *(line for note in notes for line in ("", f"{code(note)}."))])


def show(report: Report, heading: Heading) -> None:
    """Print a report for a terminal."""
    page = Page()
    page.line((heading.suite, "bold"), (f"  {heading.of(report)}", "dim"))
    page.line((f"{'':<24}{'published':>11}{'changed':>11}", "dim"))
    for what, before, after, told in _sums(report):
        page.line(f"  {what:<22}{before:>11}{after:>11}  ", (told, "bold red" if told.endswith("newly") else "yellow"))
    for one in report.counts:
        numbers = " → ".join(_numbers(one))
        page.line("  ", (one.rule, "bold"), f": {numbers} ", (f"{one.severity} ", "cyan"), (_samples(one), "dim"))
    for title, units in _lists(report):
        page.line((title, "bold"))
        for line in units:
            page.line(f"  {line}")
    for line in _errors(report):
        page.line((line, "bold red"))
    if report.changed.terms.unevaluated:
        page.line((_unevaluated(report), "dim"))
    page.line((closing(report), "bold red" if report.refuses_more else "bold green"))


def closing(report: Report) -> str:
    """Return in words what the changed contract refuses more."""
    more = [counted(report.newly, "row")] if report.newly else []
    more += [counted(len(found), kind) for kind in report.changed.units if (found := report.newly_refused(kind))]
    than = "than the published contract" if report.published else "than none, since nothing is published"
    return f"refuses {', '.join(more)} more {than}" if more else f"refuses nothing more {than}"


def _sums(report: Report) -> list[Row]:
    before, after = report.published, report.changed
    rows = [("rows refused", *_pair(report, lambda one: one.rows(REFUSED)), _moved(report.newly, report.no_longer))]
    rows.append(("rows set aside", *_pair(report, lambda one: one.rows(ASIDE)), ""))
    for kind in after.units:
        newly = report.newly_refused(kind)
        gone = [name for name in (before.refused(kind) if before else {}) if name not in after.refused(kind)]
        rows.append(
            (
                f"{kind}s refused",
                *_pair(report, lambda one, kind=kind: len(one.refused(kind))),
                _moved(len(newly), len(gone)),
            )
        )
    return rows


def _pair(report: Report, count: Callable[[Outcome], int]) -> tuple[str, str]:
    return str(count(report.published)) if report.published else NONE, str(count(report.changed))


def _moved(newly: int, gone: int) -> str:
    told = [f"{gone} no longer"] if gone else []
    return ", ".join([*told, *([f"{newly} newly"] if newly else [])])


def _numbers(one: Counts) -> tuple[str, str]:
    published, changed = (NONE if number is None else str(number) for number in (one.published, one.changed))
    return published, changed


def _samples(one: Counts, shown: Callable[[str], str] = str) -> str:
    return ", ".join("null" if sample is None else shown(sample) for sample in one.samples)


def _lists(report: Report) -> Iterator[tuple[str, list[str]]]:
    """Yield what the changed contract refuses whole: a title, and a line for each."""
    for kind in report.changed.units:
        refused = report.changed.refused(kind)
        lines = [f"{_name(kind, name)}: {_rules(unit)}" for name, unit in list(refused.items())[:MOST]]
        more = [f"… and {len(refused) - MOST} more, see --json"] if len(refused) > MOST else []
        if lines and kind in (FILE, DAY):
            yield f"{kind}s that the changed contract refuses", [*lines, *more]


def _name(kind: str, name: Name) -> str:
    return f"no {kind}" if name is None else name


def _rules(unit: Unit) -> str:
    return ", ".join(unit.in_words(rule) for rule in unit.critical)


def _errors(report: Report) -> Iterator[str]:
    """Yield, for each contract with rules that the engine could not judge, which these are and what it said."""
    for side, outcome in (("published", report.published), ("changed", report.changed)):
        rules = (
            [shortened(f"{rule} ({words})", LONGEST_RULE) for rule, words in outcome.in_error.items()]
            if outcome
            else []
        )
        if rules:
            yield f"in error by the {side} contract, which fails the run and blames no row: {listed(rules, MOST_RULES, '; ')}"


def _unevaluated(report: Report) -> str:
    rules = ", ".join(report.changed.terms.unevaluated)
    return f"not evaluated, since they compare with other datasets: {rules}"
