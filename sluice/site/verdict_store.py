"""The verdicts and the Data Docs of a place: the newest of a dataset, or those of named runs."""

import json
from collections.abc import Iterable

from etl.errors import VerdictUnreadable
from sluice.console import print_error
from sluice.site.assets_place import AssetsPlace
from sluice.site.verdicts import RunSummary

MOST_VERDICTS = 50  # of a dataset, the newest: so far back a bad day is searched where no results say when it was


def newest_verdicts(place: AssetsPlace, dataset: str) -> list[RunSummary]:
    """Return a dataset's last runs, the newest first; a file that is no verdict is named on stderr.

    Raises:
        WrongUse: the place does not answer.
    """
    listed = [entry for entry in place.list_objects(f"{place.verdicts}{dataset}/") if entry["Key"].endswith(".json")]
    newest = sorted(listed, key=lambda entry: entry["LastModified"], reverse=True)[:MOST_VERDICTS]
    runs = _read_runs(place, dataset, [entry["Key"] for entry in newest])
    return sorted(runs, key=lambda run: run.started, reverse=True)


def verdicts_of(place: AssetsPlace, dataset: str, run_ids: Iterable[str]) -> list[RunSummary]:
    """Return the verdicts of named runs, in their order, of those that are there.

    Raises:
        WrongUse: the place does not answer.
    """
    return _read_runs(place, dataset, [f"{place.verdicts}{dataset}/{run_id}.json" for run_id in run_ids])


def load_data_docs(place: AssetsPlace, run: RunSummary, stage: str) -> bytes | None:
    """Return a stage's Data Docs of a run, None where there are none.

    Raises:
        WrongUse: the place does not answer.
    """
    [page] = place.read_objects([f"docs/{run.dataset}/{run.run_id}/{stage}.html"])
    return page


def _read_runs(place: AssetsPlace, dataset: str, keys: list[str]) -> list[RunSummary]:
    bodies = zip(keys, place.read_objects(keys), strict=True)
    runs = [_parse_run(body, f"{place.uri}{key}") for key, body in bodies if body is not None]
    return [*{run.run_id: run for run in runs if run and run.dataset == dataset}.values()]


def _parse_run(body: bytes, where: str) -> RunSummary | None:
    try:
        return RunSummary.from_verdict(json.loads(body))
    except (ValueError, RecursionError, VerdictUnreadable) as error:
        print_error(f"left out {where}: {error}")
        return None
