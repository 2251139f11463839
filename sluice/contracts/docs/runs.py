"""Which runs a dataset's page tells: the latest, and the latest that was refused, or else a sample of one."""

from dataclasses import dataclass, replace
from pathlib import Path

from etl.contract.model import Contract
from sluice.contracts.docs.verdict_store import Folder, Shelf
from sluice.contracts.docs.verdicts import Told
from sluice.contracts.suite_files import STAGES

SAMPLE = Path(__file__).parent / "sample"  # written by `python -m review.site.bad_day`
Pair = tuple[Contract, Contract]


@dataclass(frozen=True)
class Runs:
    """The latest run and the latest refused one; `is_sample` says that no shelf had a refused one, and it is the sample."""

    latest: Told | None
    refused: Told | None
    is_sample: bool


def runs(pair: Pair, shelves: list[Shelf], out: Path) -> Runs:
    """Choose what is told of a dataset, given its contracts, and copy the Data Docs of that into the site at `out`."""
    latest, refused = _newest(pair, shelves)
    is_sample = refused is None
    source: list[Shelf] = [Folder(SAMPLE)] if is_sample else shelves
    if is_sample:
        _, refused = _newest(pair, source)
    return Runs(_told(latest, pair, shelves, out), _told(refused, pair, source, out), is_sample)


def _newest(pair: Pair, shelves: list[Shelf]) -> tuple[Told | None, Told | None]:
    seen: list[Told] = []
    for shelf in shelves:
        for run in shelf.runs(pair[0].dataset):
            seen.append(run)
            if run.refused and not run.changed_nothing:
                break
    return _last([run for run in seen if not run.changed_nothing]), _last([run for run in seen if run.refused])


def _last(seen: list[Told]) -> Told | None:
    return max(seen, key=lambda run: run.started, default=None)


def _told(run: Told | None, pair: Pair, shelves: list[Shelf], out: Path) -> Told | None:
    if run is None:
        return None
    masked = run.masked(pair)
    if masked != run:  # its Data Docs show what the verdict showed
        return masked
    return replace(run, pages=tuple(stage for stage in STAGES if _copied(run, stage, shelves, out)))


def _copied(run: Told, stage: str, shelves: list[Shelf], out: Path) -> bool:
    found = next(filter(None, (shelf.page(run, stage) for shelf in shelves)), None)
    if found is None:
        return False
    path = out / run.dataset / "runs" / run.run_id / f"{stage}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(found)
    return True
