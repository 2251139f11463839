"""Bounds from earlier runs that count what is no day, or that good days break: by the suites and the stacks' files."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from components.settings.dataset_options import DatasetOptions
from components.settings.history_starts import (
    REMEDY,
    bounds_per_run,
    datasets_started_by_files,
    run_bounds_problem,
)
from components.settings.project_name import option_key
from etl.contract.history import MOST_DAYS, HistoryFigure, HistoryMetric, HistoryUnit
from etl.contract.json_values import is_object
from etl.contract.stage import Stage
from sluice.contracts.history.bound_uses import BoundUse, bound_uses
from sluice.contracts.history.bound_words import describe_history, judged_metric
from sluice.contracts.lint.findings import Finding
from sluice.contracts.suite_files import SuiteFile, suite_file
from sluice.program.stack_files import UnreadableStack, load_stack_file, project_defaults, stack_names

DAYS_OF_WEEK = 7
GROWS_WITH_ROWS = (HistoryMetric.ROW_COUNT, HistoryMetric.SUM, HistoryMetric.MAXIMUM)
"""Metrics of which a part of a day has less than the day; of a minimum it has more."""


def find_bounds_per_run(file: SuiteFile) -> Iterator[Finding]:
    """Yield the bounds that count runs where files start these; a preview refuses the same."""
    bounds = bounds_per_run(file.text) if file.contract else ()
    if bounds and (stacks := stacks_started_by_files(file)):
        problem = f"{run_bounds_problem(bounds)} ({', '.join(f'Pulumi.{stack}.yaml' for stack in stacks)})"
        yield Finding("history", problem, REMEDY, column=bounds[0])


def find_unreached(file: SuiteFile) -> Iterator[Finding]:
    """Yield the uses of bounds that need more runs of a weekday than a run looks back at."""
    for use in bound_uses(file.contract) if file.contract else ():
        days = use.bound.at_least * DAYS_OF_WEEK
        if use.bound.same_weekday and days > MOST_DAYS:
            message = (
                f"it is never judged: {use.argument} {use.name} needs {use.bound.at_least} runs of a weekday, which are "
                f"{days} days, and a run looks {MOST_DAYS} days back"
            )
            yield Finding("never-fails", message, f"lower at_least to {MOST_DAYS // DAYS_OF_WEEK}", use.rule.rule)


def find_false_alarms(file: SuiteFile) -> Iterator[Finding]:
    """Yield the uses of bounds that days break on which nothing is wrong."""
    uses = [*bound_uses(file.contract)] if file.contract else []
    stacks = stacks_started_by_files(file) if any(use.bound.per is HistoryUnit.DAY for use in uses) else []
    for use in uses:
        if problem := _usual_break(use):
            yield Finding("false-alarm", *problem, use.rule.rule)
        elif stacks and _breaks_on_parts(use):
            yield Finding(
                "false-alarm",
                f"{use.argument} {use.name} is of a whole day, and files start the runs ({', '.join(stacks)}): the first part "
                "of a day breaks it",
                "bound it from the other side only, or start the dataset by schedule",
                use.rule.rule,
            )


def _usual_break(use: BoundUse) -> tuple[str, str] | None:
    """Return why about every other day breaks a use, and what to do; None where it does not."""
    bound, lower = use.bound, use.keeps_from_falling
    words = f"{use.argument} {use.name} is {describe_history(bound, judged_metric(use.rule))}"
    factor, deviations = ("below 1, such as 0.5", "below 0") if lower else ("above 1, such as 2", "above 0")
    beyond = bound.times >= 1 and bound.deviations >= 0 if lower else bound.times <= 1 and bound.deviations <= 0
    if not beyond:
        return None
    match bound.of:
        case HistoryFigure.MEDIAN:
            return f"{words}: about every other day breaks it", f"give it times {factor}"
        case HistoryFigure.MEAN:
            return f"{words}: about every other day breaks it", f"give it times {factor}, or deviations {deviations}"
        case HistoryFigure.MAXIMUM if lower:
            return f"{words}: every day breaks it that is no record", f"give it times {factor}, or another figure"
        case HistoryFigure.MINIMUM if not lower:
            return f"{words}: every day breaks it that is no record", f"give it times {factor}, or another figure"
        case _:
            return None


def _breaks_on_parts(use: BoundUse) -> bool:
    """Say whether a part of a usual day breaks the bound of whole days."""
    return use.bound.per is HistoryUnit.DAY and use.keeps_from_falling is (use.bound.metric in GROWS_WITH_ROWS)


def stacks_started_by_files(file: SuiteFile) -> list[str]:
    """Return the stacks of a suite's lake in which files start the runs of its dataset.

    A stack file that cannot be read is none of them: a preview refuses it.
    """
    suite = file.path.resolve()
    lake, dataset = suite.parents[2], suite.parent.name
    return [stack for stack in stack_names(lake) if dataset in _started_datasets(stack, lake)]


def _started_datasets(stack: str, lake: Path) -> frozenset[str]:
    try:
        config: dict[str, Any] = {**project_defaults(), **load_stack_file(stack, lake)}
    except UnreadableStack:
        return frozenset()
    entries = config.get(option_key("datasets"))
    datasets: Mapping[str, Any] = entries if is_object(entries) else {}
    sources = {name: _source_names(lake / "expectations" / name / f"{Stage.INPUT}.json") for name in datasets}
    default = config.get(option_key("start"), DatasetOptions.model_fields["start"].default)
    starts = {
        name: not sources[name] and (entry.get("start", default) if is_object(entry) else default) == "arrival"
        for name, entry in datasets.items()
    }
    return datasets_started_by_files(starts, sources)


def _source_names(path: Path) -> tuple[str, ...]:
    contract = suite_file(path).contract if path.is_file() else None
    return tuple(source.dataset for source in contract.sources) if contract else ()
