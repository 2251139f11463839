"""Which runs a dataset's page tells: the latest, and the latest that was refused, or else a sample of one."""

from dataclasses import dataclass, replace
from pathlib import Path

from components.settings.lake_folder import ROOT
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES
from sluice.site.verdict_store import FolderStore, VerdictStore
from sluice.site.verdicts import RunSummary

SAMPLE = ROOT / "sluice" / "sandbox" / "demo" / "bad_day"  # written by `python -m sluice.sandbox.demo.record_bad_day`
ContractPair = tuple[Contract, Contract]


@dataclass(frozen=True)
class DatasetRuns:
    """The latest run and the latest refused one; `is_sample` says that no shelf had a refused one, and it is the sample."""

    latest: RunSummary | None
    refused: RunSummary | None
    is_sample: bool


def choose_runs(pair: ContractPair, stores: list[VerdictStore], out: Path) -> DatasetRuns:
    """Choose what is told of a dataset, given its contracts, and copy the Data Docs of that into the site at `out`."""
    latest, refused = _newest_runs(pair, stores)
    is_sample = refused is None
    source: list[VerdictStore] = [FolderStore(SAMPLE)] if is_sample else stores
    if is_sample:
        _, refused = _newest_runs(pair, source)
    return DatasetRuns(_publish_run(latest, pair, stores, out), _publish_run(refused, pair, source, out), is_sample)


def _newest_runs(pair: ContractPair, stores: list[VerdictStore]) -> tuple[RunSummary | None, RunSummary | None]:
    candidates: list[RunSummary] = []
    for store in stores:
        for run in store.list_runs(pair[0].dataset):
            candidates.append(run)
            if run.is_refused and not run.changed_nothing:
                break
    return _last_run([run for run in candidates if not run.changed_nothing]), _last_run(
        [run for run in candidates if run.is_refused]
    )


def _last_run(candidates: list[RunSummary]) -> RunSummary | None:
    return max(candidates, key=lambda run: run.started, default=None)


def _publish_run(
    run: RunSummary | None, pair: ContractPair, stores: list[VerdictStore], out: Path
) -> RunSummary | None:
    if run is None:
        return None
    masked = run.mask_personal(pair)
    if masked != run:  # its Data Docs show what the verdict showed
        return masked
    return replace(run, pages=tuple(stage for stage in SUITE_STAGES if _copy_docs(run, stage, stores, out)))


def _copy_docs(run: RunSummary, stage: str, stores: list[VerdictStore], out: Path) -> bool:
    page = next(filter(None, (store.load_page(run, stage) for store in stores)), None)
    if page is None:
        return False
    path = out / run.dataset / "runs" / run.run_id / f"{stage}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(page)
    return True
