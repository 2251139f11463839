"""What is said of changed suites, on a terminal and in a comment."""

from etl.wording import count_noun, join_names
from sluice.contracts.diff.diff import SuiteDiff
from sluice.contracts.diff.rule_days import RuleDays

MIGRATION = "needs a migration"
MAX_DAYS_NAMED = 5


def version_sentence(suite_diff: SuiteDiff) -> str:
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


def closing_line(suite_diffs: list[SuiteDiff]) -> str:
    """Return how much changed, and how much of it may not go in."""
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


def days_words(days: RuleDays) -> str:
    """Return what results say of a rule."""
    words = f"{days.rule}: broken in {days.broken} of {count_noun(days.runs, 'run')}"
    if days.would_break is None:
        return words
    now = join_names(days.would_break, MAX_DAYS_NAMED) or "none"
    return f"{words}; would break now: {now}"
