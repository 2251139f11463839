"""A backtest as its reader sees it: both contracts side by side, then what is refused and by which rules."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from etl.results.rule_result import MAX_RULE_LENGTH, MAX_RULES_NAMED
from etl.wording import count_noun, join_names, shorten_text
from sluice.contracts.backtest.outcome import DAY, FILE, Outcome, Unit, UnitName
from sluice.contracts.backtest.report import BacktestReport, RuleCounts
from sluice.contracts.backtest.row_outcomes import ASIDE, REFUSED
from sluice.contracts.history.walk import HistoryRings
from sluice.contracts.tables import TerminalPage, code_span, markdown_table

MOST_LISTED = 20  # refused files, and days, that are listed; --json has all
NONE = "–"
NO_DAY = "no day of the data is known; name the column that says it by --day"
HISTORY_TITLE = "rules with bounds from earlier runs, each day held to those before it"
SUMMARY_HEAD = ("", "published", "changed", "")
COUNTS_HEAD = ("rule", "severity", "published", "changed", "samples")
Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class BacktestHeading:
    """What was compared: the suite's file, the commit of the published one, and the column that says a row's day."""

    suite: str
    base: str
    day: str | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    def describe_backtest(self, report: BacktestReport) -> str:
        """Return it in words, with what was given."""
        before = (
            f"{report.published.contract_rules.contract.version} at {self.base}"
            if report.published
            else f"not published at {self.base}"
        )
        units = [count_noun(len(units), kind) for kind, units in report.changed.units.items() if kind in (FILE, DAY)]
        data_words = " in ".join([count_noun(report.rows, "row"), *([" and ".join(units)] if units else [])])
        days = f" ({self.day})" if self.day else ""
        return f"{before} → {report.changed.contract_rules.contract.version} in the working tree, on {data_words}{days}"


def render_markdown(report: BacktestReport, heading: BacktestHeading) -> str:
    """Return a report as Markdown tables."""
    lines = ["### Contract backtest", "", f"#### {code_span(heading.suite)}", ""]
    lines += [
        f"{code_span(heading.describe_backtest(report))}: {closing_words(report)}.",
        "",
        markdown_table(SUMMARY_HEAD, _summary_rows(report), plain_columns=SUMMARY_HEAD),
    ]
    if report.counts:
        rows = [
            (rule_counts.rule, rule_counts.severity, *_count_words(rule_counts), _sample_words(rule_counts, code_span))
            for rule_counts in report.counts
        ]
        lines += ["", markdown_table(COUNTS_HEAD, rows, plain_columns=COUNTS_HEAD[1:])]
    for title, units in _refused_lists(report):
        lines += ["", f"{title}:", "", *(f"- {code_span(line)}" for line in units)]
    if report.history:
        lines += ["", f"{HISTORY_TITLE}:", "", *(f"- {code_span(line)}" for line in history_lines(report.history))]
    notes = [*_error_lines(report), *([_unevaluated_line(report)] if report.changed.contract_rules.unevaluated else [])]
    return "\n".join([*lines, *(line for note in notes for line in ("", f"{code_span(note)}."))])


def print_report(report: BacktestReport, heading: BacktestHeading) -> None:
    """Print a report for a terminal."""
    page = TerminalPage()
    page.print_line((heading.suite, "bold"), (f"  {heading.describe_backtest(report)}", "dim"))
    page.print_line((f"{'':<24}{'published':>11}{'changed':>11}", "dim"))
    for label, before, after, change in _summary_rows(report):
        page.print_line(
            f"  {label:<22}{before:>11}{after:>11}  ", (change, "bold red" if change.endswith("newly") else "yellow")
        )
    for rule_counts in report.counts:
        numbers = " → ".join(_count_words(rule_counts))
        page.print_line(
            "  ",
            (rule_counts.rule, "bold"),
            f": {numbers} ",
            (f"{rule_counts.severity} ", "cyan"),
            (_sample_words(rule_counts), "dim"),
        )
    for title, units in _refused_lists(report):
        page.print_line((title, "bold"))
        for line in units:
            page.print_line(f"  {line}")
    print_history_lines(page, report.history)
    for line in _error_lines(report):
        page.print_line((line, "bold red"))
    if report.changed.contract_rules.unevaluated:
        page.print_line((_unevaluated_line(report), "dim"))
    page.print_line((closing_words(report), "bold red" if report.refuses_more else "bold green"))


def print_history_lines(page: TerminalPage, history: Sequence[HistoryRings], without_days: str = NO_DAY) -> None:
    """Print on which days rules with bounds from earlier runs would have rung, where there are any."""
    if history:
        page.print_line((HISTORY_TITLE, "bold"))
    for line in history_lines(history, without_days):
        page.print_line(f"  {line}")


def history_lines(history: Sequence[HistoryRings], without_days: str = NO_DAY) -> Iterator[str]:
    """Yield a line for each rule with a bound from earlier runs: how often it would have rung, and on which days.

    `without_days` is said of a rule for which there is no day.
    """
    for rings in history:
        subject = f"{rings.rule} ({rings.severity})"
        if rings.runs is None:
            yield f"{subject}: results do not have what it compares; give it files or a table"
        elif not rings.runs:
            yield f"{subject}: {without_days}"
        else:
            too_few = rings.runs - rings.judged
            before = f"; {too_few:,} had too few before them" if too_few else ""
            days = f": {join_names(rings.rang, MOST_LISTED)}" if rings.rang else ""
            yield f"{subject}: would have rung on {len(rings.rang)} of {count_noun(rings.judged, 'day')}{before}{days}"


def closing_words(report: BacktestReport) -> str:
    """Return in words what the changed contract refuses more."""
    additions = [count_noun(report.newly_refused_rows, "row")] if report.newly_refused_rows else []
    additions += [
        count_noun(len(refused_units), kind)
        for kind in report.changed.units
        if (refused_units := report.newly_refused(kind))
    ]
    than = "than the published contract" if report.published else "than none, since nothing is published"
    return f"refuses {', '.join(additions)} more {than}" if additions else f"refuses nothing more {than}"


def _summary_rows(report: BacktestReport) -> list[Row]:
    before, after = report.published, report.changed
    rows = [
        (
            "rows refused",
            *_both_counts(report, lambda outcome: outcome.count_rows(REFUSED)),
            _refusal_changes(report.newly_refused_rows, report.no_longer_refused_rows),
        )
    ]
    rows.append(("rows set aside", *_both_counts(report, lambda outcome: outcome.count_rows(ASIDE)), ""))
    for kind in after.units:
        newly = report.newly_refused(kind)
        no_longer = [
            name for name in (before.refused_units(kind) if before else {}) if name not in after.refused_units(kind)
        ]
        rows.append(
            (
                f"{kind}s refused",
                *_both_counts(report, lambda outcome, kind=kind: len(outcome.refused_units(kind))),
                _refusal_changes(len(newly), len(no_longer)),
            )
        )
    return rows


def _both_counts(report: BacktestReport, count: Callable[[Outcome], int]) -> tuple[str, str]:
    return str(count(report.published)) if report.published else NONE, str(count(report.changed))


def _refusal_changes(newly: int, no_longer: int) -> str:
    changes = [f"{no_longer} no longer"] if no_longer else []
    return ", ".join([*changes, *([f"{newly} newly"] if newly else [])])


def _count_words(rule_counts: RuleCounts) -> tuple[str, str]:
    published, changed = (
        NONE if number is None else str(number) for number in (rule_counts.published, rule_counts.changed)
    )
    return published, changed


def _sample_words(rule_counts: RuleCounts, render: Callable[[str], str] = str) -> str:
    return ", ".join("null" if sample is None else render(sample) for sample in rule_counts.samples)


def _refused_lists(report: BacktestReport) -> Iterator[tuple[str, list[str]]]:
    """Yield what the changed contract refuses whole: a title, and a line for each."""
    for kind in report.changed.units:
        refused = report.changed.refused_units(kind)
        lines = [f"{_unit_name(kind, name)}: {_unit_rules(unit)}" for name, unit in list(refused.items())[:MOST_LISTED]]
        remainder = [f"… and {len(refused) - MOST_LISTED} more, see --json"] if len(refused) > MOST_LISTED else []
        if lines and kind in (FILE, DAY):
            yield f"{kind}s that the changed contract refuses", [*lines, *remainder]


def _unit_name(kind: str, name: UnitName) -> str:
    return f"no {kind}" if name is None else name


def _unit_rules(unit: Unit) -> str:
    return ", ".join(unit.in_words(rule) for rule in unit.critical)


def _error_lines(report: BacktestReport) -> Iterator[str]:
    """Yield, for each contract with rules that the engine could not judge, which these are and what it said."""
    for side, outcome in (("published", report.published), ("changed", report.changed)):
        rules = (
            [shorten_text(f"{rule} ({words})", MAX_RULE_LENGTH) for rule, words in outcome.in_error.items()]
            if outcome
            else []
        )
        if rules:
            yield (
                f"in error by the {side} contract, which fails the run and blames no row: "
                f"{join_names(rules, MAX_RULES_NAMED, '; ')}"
            )


def _unevaluated_line(report: BacktestReport) -> str:
    rules = ", ".join(report.changed.contract_rules.unevaluated)
    return f"not evaluated, since they compare with other datasets: {rules}"
