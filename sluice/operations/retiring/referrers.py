"""Why a dataset may not go: the stack still has it, or others need it."""

from collections.abc import Iterator
from typing import Any

import yaml

from components.settings.lake_folder import lake_folder
from etl.contract.stage import SUITE_STAGES
from sluice.operations import job_runs
from sluice.operations.deployed_dataset import DeployedDataset, all_deployed
from sluice.operations.retiring.lake_places import LakePlaces


def find_referrers(places: LakePlaces) -> list[str]:
    """Return why a dataset may not be archived or removed, a sentence each; none where nothing needs it."""
    deployed = all_deployed(places.account)
    own_job = places.jobs[0]
    return [
        *(_refusal_of_job(dataset) for dataset in deployed if dataset.job == own_job),
        *_refusals_of_options(places),
        *(
            f"{dataset.name} names it in the {stage} contract that is deployed: take that out, and deploy it"
            for dataset in deployed
            if dataset.job != own_job and dataset.table.split(".")[1] == places.database
            for stage in SUITE_STAGES
            if places.dataset in {*_named_datasets(dataset.read_json(dataset.arguments[f"--{stage}-contract"])["meta"])}
        ),
    ]


def _refusal_of_job(dataset: DeployedDataset) -> str:
    runs = job_runs.under_way(dataset)
    under_way = f", and {', '.join(runs)} is under way" if runs else ""
    return f"the stack still has its job {dataset.job}{under_way}: take it out of the stack's datasets, and deploy that"


def _refusals_of_options(places: LakePlaces) -> Iterator[str]:
    """Yield that the stack's file here names it, which would make it anew with the next deployment."""
    file = lake_folder() / f"Pulumi.{places.stack}.yaml"
    if not file.is_file():
        return
    options = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) or {}  # noqa: S506  texts alone
    for key, value in (options.get("config") or {}).items():
        if key.endswith(":datasets") and isinstance(value, dict):
            if places.dataset in value:
                yield f"{file.name} names it among {key}: take it out, or the next deployment makes it anew"
            for name, entry in value.items():
                if isinstance(entry, dict) and places.dataset in entry.get("needs", ()):
                    yield f"{file.name} says that {name} needs it: take it out of `needs`"


def _named_datasets(value: Any) -> Iterator[str]:
    """Yield the datasets that a contract names: sources, references, sums."""
    if isinstance(value, dict):
        if isinstance(value.get("dataset"), str):
            yield value["dataset"]
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from _named_datasets(part)
