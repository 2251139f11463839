"""The results of a place: the lines of each dataset's runs and rules, and the files that could not be read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from etl.contract.field_kinds import DATASET_NAME
from etl.contract.results_layout import RULES, RUNS, days_folder, results_folder
from etl.results.results_reader import read_rules, read_runs
from etl.results.rule_line import RuleLine
from etl.results.run_line import RunLine
from sluice.site.assets_place import AssetsPlace

MOST = 2**63 - 1  # rows: what the tables over the results can hold
FOLDERS = f"{results_folder(RUNS)}dataset="


@dataclass(frozen=True)
class DatasetResults:
    """What is told of a dataset over a stretch of days.

    Attributes:
        runs: its runs by their start.
        rules: a line for each rule of a run, by the run's start.
        unreadable: the files that were passed over, with why.
    """

    runs: list[RunLine] = field(default_factory=list[RunLine])
    rules: list[RuleLine] = field(default_factory=list[RuleLine])
    unreadable: list[str] = field(default_factory=list[str])


def list_result_datasets(places: Iterable[AssetsPlace]) -> tuple[list[str], list[str]]:
    """Return the datasets that have results, and the folders that no dataset could have.

    Raises:
        WrongUse: a place does not answer.
    """
    names = {(name, place.uri) for place in places for name in place.list_folders(FOLDERS)}
    datasets = {name for name, _ in names if re.fullmatch(DATASET_NAME, name, re.ASCII)}
    odd = [f"{uri}{FOLDERS}{name}: no dataset can be called so" for name, uri in names if name not in datasets]
    return sorted(datasets), sorted(odd)


def read_dataset_results(places: Iterable[AssetsPlace], dataset: str, since: date, until: date) -> DatasetResults:
    """Read a dataset's runs that began on two days (UTC) and between them, with their rules.

    Raises:
        WrongUse: a place does not answer.
    """
    parts = [_read_place(place, dataset, since, until) for place in places]
    runs = {line.run_id: line for part in parts for line in part.runs}
    rules = {(line.run_id, line.rule): line for part in parts for line in part.rules}
    return DatasetResults(
        sorted(runs.values(), key=lambda line: (line.started, line.run_id)),
        sorted(rules.values(), key=lambda line: (line.started, line.run_id)),
        [fault for part in parts for fault in part.unreadable],
    )


def _read_place(place: AssetsPlace, dataset: str, since: date, until: date) -> DatasetResults:
    request = (place.s3, place.bucket, dataset, since, until)
    runs = place.call(lambda: read_runs(*request), days_folder(RUNS, dataset))
    rules = place.call(lambda: read_rules(*request), days_folder(RULES, dataset))
    scheme = f"s3://{place.bucket}/"
    unreadable = [f"{place.uri}{fault.removeprefix(scheme)}" for fault in (*runs.unreadable, *rules.unreadable)]
    odd = {line.run_id for line in runs.lines if max(line.rows_read, line.rows_published, line.rows_quarantined) > MOST}
    odd |= {line.run_id for line in rules.lines if line.rows_broken > MOST}
    return DatasetResults(
        [line for line in runs.lines if line.dataset == dataset and line.run_id not in odd],
        [line for line in rules.lines if line.dataset == dataset and line.run_id not in odd],
        [
            *unreadable,
            *(f"{place.uri}{days_folder(RUNS, dataset)}: rows of {run} beyond 64 bits" for run in sorted(odd)),
        ],
    )
