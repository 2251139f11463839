"""Rows forgotten by the stack's own job: its keys, its runs of one dataset, and what they report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from components.names import FORGET
from etl.contract.layout import FORGET_KEYS
from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.storage.optional_objects import error_code
from etl.storage.raw_objects import S3Prefix
from sluice.cli.errors import WrongUse
from sluice.operations import job_runs
from sluice.operations.deployed_dataset import DeployedDataset, all_deployed
from sluice.operations.forget_keys import ForgetKeys
from sluice.operations.job_runs import UNFINISHED

OF_THE_DATASET = (
    *("--table", "--location", "--raw", "--raw-expire-days", "--input-contract", "--output-contract"),
    *("--verdicts", "--lineage"),
)
"""Arguments of the dataset's own job that a run of the stack's job is given."""


@dataclass(frozen=True)
class ForgetRun:
    """A run that forgets rows of a dataset: its id, Glue's state and message, and where its keys were."""

    id: str
    state: str
    message: str
    keys: str

    @property
    def is_unfinished(self) -> bool:
        """Whether it goes on."""
        return self.state in UNFINISHED


def require_job(dataset: DeployedDataset) -> None:
    """Go on only where the stack has the job that forgets rows.

    Raises:
        WrongUse: an earlier version deployed it.
    """
    if not dataset.forget:
        raise WrongUse(
            f"the stack of {dataset.job} has no job that forgets rows; nothing was done. Deploy it with this version "
            "(docs/deploying.md)"
        )


def load_contract(dataset: DeployedDataset) -> Contract:
    """Return the output contract that the dataset's runs take.

    Raises:
        ContractInvalid: the contract is of another version.
    """
    uri = dataset.arguments["--output-contract"]
    return parse_contract(json.dumps(dataset.read_json(uri)), uri)


def refuse_if_under_way(dataset: DeployedDataset) -> None:
    """Go on only where neither the dataset's jobs nor the one that forgets rows are at work.

    Raises:
        WrongUse: one is.
    """
    job_runs.refuse_if_under_way(dataset)
    busy = [run for run in job_runs.newest_runs(dataset, dataset.forget) if run["JobRunState"] in UNFINISHED]
    if busy:
        other = busy[0].get("Arguments", {}).get("--forget", "another dataset")
        raise WrongUse(
            f"{busy[0]['Id']} of {dataset.forget} is under way, which forgets rows of {other}: wait for its end; nothing was "
            "done"
        )


def forget_runs(dataset: DeployedDataset) -> list[ForgetRun]:
    """Return the newest runs that forgot rows of the dataset, newest first."""
    runs = [
        (run, run.get("Arguments", {}))
        for run in job_runs.newest_runs(dataset, dataset.forget)
        if run.get("Arguments", {}).get("--forget") == dataset.name
    ]
    return [
        ForgetRun(run["Id"], run["JobRunState"], run.get("ErrorMessage", ""), arguments.get("--keys", ""))
        for run, arguments in runs
    ]


def datasets_built_from(dataset: DeployedDataset) -> list[DeployedDataset]:
    """Return the datasets of the same lake that are built from this one, and those that are built from these."""
    others = [
        other
        for other in all_deployed(dataset.account)
        if other.assets == dataset.assets and other.name != dataset.name and other.sources
    ]
    names, built = {dataset.name}, list[DeployedDataset]()
    while more := [other for other in others if other not in built and names & set(other.sources)]:
        built += more
        names |= {other.name for other in more}
    return built


def upload_keys(dataset: DeployedDataset, keys: ForgetKeys) -> str:
    """Put keys where the job reads and removes them, encrypted as the bucket is; return their URI.

    What an interrupted command left is removed: no run that forgets rows of the dataset is under way.
    """
    s3, bucket, prefix = dataset.s3, dataset.assets, f"{FORGET_KEYS}{dataset.name}-"
    for listed in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ()):
        s3.delete_object(Bucket=bucket, Key=listed.get("Key", ""))
    key = f"{prefix}{uuid4()}.jsonl"
    s3.put_object(Bucket=bucket, Key=key, Body=keys.as_json_lines(), ContentType="application/x-ndjson")
    return f"s3://{bucket}/{key}"


def remove_keys(dataset: DeployedDataset, uri: str) -> None:
    """Remove keys that no run was started with; the earlier version goes with the bucket's lifecycle, within days."""
    place = S3Prefix.from_uri(uri)
    dataset.s3.delete_object(Bucket=place.bucket, Key=place.prefix)


def run_arguments(dataset: DeployedDataset, keys: str, derived: list[DeployedDataset], now: bool) -> dict[str, str]:
    """Return what a run is told beside what the job's definition says."""
    arguments = {name: dataset.arguments[name] for name in OF_THE_DATASET if name in dataset.arguments}
    optional = {"--maintainer": dataset.maintenance, "--derived": ",".join(other.name for other in derived)}
    return {
        **arguments,
        "--forget": dataset.name,
        "--publisher": dataset.job,
        **{name: text for name, text in optional.items() if text},
        "--keys": keys,
        "--now": str(now).lower(),
    }


def start_run(dataset: DeployedDataset, arguments: Mapping[str, str]) -> str:
    """Start the stack's job with workers as many and as large as the dataset's own; return the run's id.

    Raises:
        WrongUse: the job runs already; the keys are removed.
    """
    job = dataset.glue.get_job(JobName=dataset.job)["Job"]
    workers: Any = {name: job[name] for name in ("WorkerType", "NumberOfWorkers") if name in job}
    try:
        return dataset.glue.start_job_run(JobName=dataset.forget, Arguments=dict(arguments), **workers)["JobRunId"]
    except ClientError as fault:
        remove_keys(dataset, arguments["--keys"])
        if error_code(fault) != "ConcurrentRunsExceededException":
            raise
        raise WrongUse(
            f"{dataset.forget} runs already, for another dataset: wait for its end; nothing was done"
        ) from fault


def read_report(dataset: DeployedDataset, keys: str) -> dict[str, Any] | None:
    """Return what the run with these keys reported, None where it left no report."""
    name = keys.rpartition("/")[2].removesuffix(".jsonl")
    try:
        return dataset.read_json(f"s3://{dataset.assets}/{FORGET}/{name}.report.json")
    except ClientError as fault:
        if error_code(fault) not in ("NoSuchKey", "404"):
            raise
        return None
