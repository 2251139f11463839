"""Which runs a dataset's page tells one by one: the latest, and the last bad ones, or else a sample of a bad one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from components.settings.lake_folder import ROOT
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES
from etl.results.run_line import RunLine
from sluice.site.assets_place import AssetsPlace, open_place
from sluice.site.personal_values import PersonalValues
from sluice.site.verdict_store import load_data_docs, newest_verdicts, verdicts_of
from sluice.site.verdicts import RUN_ID, RunSummary

SAMPLE = ROOT / "sluice" / "sandbox" / "demo" / "bad_day"  # written by `python -m sluice.sandbox.demo.record_bad_day`
MOST_FAILED, MOST_ASIDE = 5, 3  # runs that failed, and runs that set rows aside
LATEST = "latest"  # the name of the verdict that is written last
ContractPair = tuple[Contract, Contract]


@dataclass(frozen=True)
class DatasetRuns:
    """The latest run and the last bad ones, the newest first; `is_sample` says that the bad one is the sample."""

    latest: RunSummary | None
    bad: list[RunSummary]
    is_sample: bool = False


def choose_runs(pair: ContractPair, lines: list[RunLine], places: list[AssetsPlace], out: Path) -> DatasetRuns:
    """Choose what is told of a dataset, and copy Data Docs of the latest run and the last refused one into `out`.

    Args:
        pair: the dataset's contracts.
        lines: its runs as the results have them, by their start; where there are none, the newest verdicts are searched.
        places: where verdicts and Data Docs lie.

    Raises:
        WrongUse: a place does not answer.
    """
    dataset, personal = pair[0].dataset, PersonalValues.from_contracts(pair)
    latest, bad = _runs_of_lines(dataset, lines, places) if lines else _newest_runs(dataset, places)
    if latest is None and not bad:
        sample = [open_place(str(SAMPLE))]
        _, bad = _newest_runs(dataset, sample)
        return DatasetRuns(None, _publish_runs(bad, personal, sample, out), is_sample=bool(bad))
    latest = latest and _publish_run(latest, personal, places, out)
    return DatasetRuns(latest, _publish_runs(bad, personal, places, out))


def _newest_runs(dataset: str, places: list[AssetsPlace]) -> tuple[RunSummary | None, list[RunSummary]]:
    runs = _newest_first(run for place in places for run in newest_verdicts(place, dataset))
    latest = next((run for run in runs if not run.changed_nothing), None)
    return latest, [run for run in runs if run.state.is_failure][:MOST_FAILED]


def _runs_of_lines(
    dataset: str, lines: list[RunLine], places: list[AssetsPlace]
) -> tuple[RunSummary | None, list[RunSummary]]:
    failed = islice((line for line in reversed(lines) if line.state.is_failure), MOST_FAILED)
    aside = (line for line in reversed(lines) if line.rows_quarantined and not line.state.is_failure)
    bad_lines = [line for line in (*failed, *islice(aside, MOST_ASIDE)) if RUN_ID.fullmatch(line.run_id)]
    run_ids = [line.run_id for line in bad_lines]
    verdicts = {run.run_id: run for place in places for run in verdicts_of(place, dataset, run_ids)}
    newest = _newest_first(run for place in places for run in verdicts_of(place, dataset, [LATEST]))
    latest = next((run for run in newest if not run.changed_nothing), None)
    return latest, _newest_first(verdicts.get(line.run_id) or RunSummary.from_line(line) for line in bad_lines)


def _newest_first(runs: Iterable[RunSummary]) -> list[RunSummary]:
    return sorted({run.run_id: run for run in runs}.values(), key=lambda run: run.started, reverse=True)


def _publish_runs(
    runs: list[RunSummary], personal: PersonalValues, places: list[AssetsPlace], out: Path
) -> list[RunSummary]:
    refused = next((run.run_id for run in runs if run.is_refused), None)
    return [_publish_run(run, personal, places, out, with_docs=run.run_id == refused) for run in runs]


def _publish_run(
    run: RunSummary, personal: PersonalValues, places: list[AssetsPlace], out: Path, with_docs: bool = True
) -> RunSummary:
    masked = run.mask_personal(personal)
    if masked != run or not with_docs:  # Data Docs show what the verdict showed
        return masked
    return replace(run, pages=tuple(stage for stage in SUITE_STAGES if _copy_docs(run, stage, places, out)))


def _copy_docs(run: RunSummary, stage: str, places: list[AssetsPlace], out: Path) -> bool:
    page = next(filter(None, (load_data_docs(place, run, stage) for place in places)), None)
    if page is None:
        return False
    path = out / run.dataset / "runs" / run.run_id / f"{stage}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(page)
    return True
