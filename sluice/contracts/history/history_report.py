"""The history of a dataset for a terminal, in at most 80 columns: a line for each run, then each bound with its value."""

from collections.abc import Iterator, Sequence

from etl.contract.severity import Severity
from etl.history.bound_words import format_number
from etl.wording import count_noun
from sluice.console import DEFAULT_COLUMNS, Part, output_columns
from sluice.contracts.history.dataset_history import BoundNow, DatasetHistory, RunFigures
from sluice.contracts.tables import TerminalPage
from sluice.word_wrap import wrap_line

COUNTS, UNKNOWN = "counts", "–"
DAY_WIDTH, STATE_WIDTH, GAP = len("2026-01-31 Sat"), len("isolated part"), 2
INDENT = "    "
NO_BOUNDS = "no bound: meta.history of neither suite declares one (docs/history.md)"


def print_history(history: DatasetHistory) -> None:
    """Print the runs, then the bounds."""
    page = TerminalPage()
    page.print_line((history.dataset, "bold"), (f"  {history.job}", "dim"))
    for fault in history.unreadable:
        page.print_line(("passed over: ", "yellow"), fault)
    if not history.runs:
        page.print_line("no run in these days")
    for metrics in column_blocks(history.metric_names, history.runs):
        for line in _block_lines(metrics, history.runs):
            page.print_line(*line)
    page.print_line((f"bounds on {history.run_date}", "bold"))
    for line in _bound_lines(history.bounds):
        page.print_line(*line)


def column_blocks(metrics: Sequence[str], runs: Sequence[RunFigures]) -> list[list[str]]:
    """Return metrics in as many blocks as lines of a terminal need; none where no run is shown."""
    blocks: list[list[str]] = []
    room = 0
    for metric in metrics if runs else ():
        width = GAP + _column_width(metric, runs)
        if not blocks or width > room:
            blocks.append([])
            room = _page_width() - DAY_WIDTH - GAP - STATE_WIDTH
        blocks[-1].append(metric)
        room -= width
    return blocks


def _page_width() -> int:
    return min(output_columns(), DEFAULT_COLUMNS)


def _column_width(metric: str, runs: Sequence[RunFigures]) -> int:
    return max(len(metric), *(len(_cell(run, metric)) for run in runs))


def _cell(run: RunFigures, metric: str) -> str:
    value = run.metrics.get(metric)
    return UNKNOWN if value is None else format_number(value)


def _block_lines(metrics: Sequence[str], runs: Sequence[RunFigures]) -> Iterator[Sequence[Part]]:
    widths = {metric: _column_width(metric, runs) for metric in metrics}
    gap = " " * GAP
    head = "".join(f"{gap}{metric:>{widths[metric]}}" for metric in metrics)
    yield [(f"{'run date':<{DAY_WIDTH}}{gap}{'':<{STATE_WIDTH}}{head}", "dim")]
    for run in runs:
        state = run.why_not or COUNTS
        values = "".join(f"{gap}{_cell(run, metric):>{widths[metric]}}" for metric in metrics)
        style = "yellow" if run.why_not else "green"
        yield [f"{run.line.run_date:%Y-%m-%d %a}{gap}", (f"{state:<{STATE_WIDTH}}", style), values]


def _bound_lines(bounds: Sequence[BoundNow]) -> Iterator[Sequence[Part]]:
    if not bounds:
        yield [NO_BOUNDS]
    for now in bounds:
        value = UNKNOWN if now.used.value is None else format_number(now.used.value)
        yield [(now.used.name, "bold"), "  ", (value, "yellow" if now.used.value is None else "green")]
        for text in (f"{now.used.metric} of the {now.used.stage}: {now.words}", _source_words(now)):
            yield from ([line] for line in wrap_line(f"{INDENT}{text}", _page_width()))
        for use in now.uses:
            severity = use.rule.severity
            yield [f"{INDENT}{use.argument} of {use.rule.rule} (", (severity, Severity(severity).colour), ")"]


def _source_words(now: BoundNow) -> str:
    """Return the runs that a bound is made of, or why it has no value."""
    used = now.used
    if used.value is None:
        return f"no value: {used.why}, so its rules are not evaluated"
    unit = count_noun(used.values, str(now.bound.per))
    day = f"; less the {format_number(used.of_day)} of earlier runs of the day" if used.of_day is not None else ""
    return f"from {unit}, {used.first_date} to {used.last_date}; it needs {used.at_least}{day}"
