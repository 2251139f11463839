"""What changed in contracts as a comment on a pull request: what breaks somebody comes first."""

from collections.abc import Iterator

from etl.wording import count_noun, join_names
from sluice.contracts.diff.changes import CONSUMERS, PRODUCERS, Change, Label
from sluice.contracts.diff.diff import SuiteDiff
from sluice.contracts.diff.rule_days import DAYS
from sluice.contracts.diff.sentences import MAX_DAYS_NAMED, MIGRATION, closing_line, version_sentence
from sluice.contracts.tables import code_span, markdown_table

BREAKING = (CONSUMERS, PRODUCERS)
RANKS = {label: rank for rank, label in enumerate(Label)}
NOT_TOLD = "–"
DAYS_HEAD = ("rule", "runs", "broke it then", "rows", "would break it now")


def render_markdown(suite_diffs: list[SuiteDiff], between: tuple[str, str]) -> str:
    """Return the comment; whatever a contract says is a code span."""
    lines = ["### Contract changes", "", f"From {between[0]} to {between[1]}: {closing_line(suite_diffs)}."]
    if breaking := [change for suite_diff in suite_diffs for change in suite_diff.changes if change.label in BREAKING]:
        lines += ["", f"**{count_noun(len(breaking), 'change')} can break what others build on.**"]
    for suite_diff in sorted(suite_diffs, key=_weight):
        lines += ["", f"#### {code_span(suite_diff.path)}", "", *_suite_lines(suite_diff)]
    return "\n".join(lines)


def _weight(suite_diff: SuiteDiff) -> int:
    """Return what orders suites: those that do not load, then by the change that weighs most."""
    return -1 if suite_diff.faults else min((RANKS[change.label] for change in suite_diff.changes), default=len(RANKS))


def _suite_lines(suite_diff: SuiteDiff) -> Iterator[str]:
    if suite_diff.bump:
        yield from (f"{'✅' if suite_diff.enough else '❌'} {version_sentence(suite_diff)}.", "")
    yield from (f"- ❌ {code_span(str(fault))}" for fault in suite_diff.faults)
    if suite_diff.migrations:
        yield from (f"- {MIGRATION}: {code_span(str(refusal))}" for refusal in suite_diff.migrations)
        yield ""
    if suite_diff.changes:
        yield _changes_table(sorted(suite_diff.changes, key=lambda change: RANKS[change.label]))
    if suite_diff.notes:
        yield from ("", *(f"- {code_span(note)}" for note in suite_diff.notes))
    if suite_diff.days:
        yield from ("", f"What the results of the last {DAYS} days say of these rules:", "", _days_table(suite_diff))


def _changes_table(changes: list[Change]) -> str:
    rows = [(change.label, change.subject, change.words, change.how) for change in changes]
    return markdown_table(("for whom", "what", "change", "how"), rows, plain_columns=("for whom", "how"))


def _days_table(suite_diff: SuiteDiff) -> str:
    rows = [
        (days.rule, str(days.runs), str(days.broken), str(days.rows_broken), _breaking_days(days.would_break))
        for days in suite_diff.days
    ]
    return markdown_table(DAYS_HEAD, rows, plain_columns=DAYS_HEAD[1:])


def _breaking_days(days: tuple[str, ...] | None) -> str:
    if days is None:
        return NOT_TOLD
    return f"{len(days)}: {join_names([code_span(day) for day in days], MAX_DAYS_NAMED)}" if days else "0"
