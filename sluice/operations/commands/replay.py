"""Take the rows that a run set aside through the gate again: mended ones, or all of them under a mended contract.

What passes is published, the rest is set aside again under the replay's own run. A run can be replayed once: afterwards
its rows are the replay's. Exit code: 0 published, 1 every row is still bad or a critical rule broke (nothing changed).
"""

import argparse
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from etl.storage.raw_objects import S3Prefix
from etl.wording import count_noun
from sluice.console import parse_day
from sluice.operations import job_runs, mended_rows, quarantined_rows
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.output import print_ended_run, require_consent


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", metavar="RUN", help="a run with rows aside, as `quarantine` lists them")
    parser.add_argument(
        "--rows", type=Path, metavar="FILE", help="mended rows, from a file that `quarantine --rows` wrote"
    )
    parser.add_argument(
        "--run-date", metavar="yyyy-MM-dd", type=parse_day, help="the day the job believes it is (default: today)"
    )
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: DeployedDataset, options: argparse.Namespace) -> int:
    """Say what will happen, have it agreed, replay; return the exit code."""
    sources_by_row = {row["row"]: row["source"] for row in quarantined_rows.quarantined_rows(dataset, options.run)}
    mended = mended_rows.read_mended_rows(options.rows, sources_by_row, _input_columns(dataset)) if options.rows else {}
    changed = f", {len(mended)} of them mended" if options.rows else " under today's contracts"
    require_consent(
        options,
        f"{count_noun(len(sources_by_row), 'row')} that {options.run} set aside through {dataset.job} again{changed}",
    )
    job_arguments = job_runs.UNOBSERVED | {"--replay": options.run}
    if options.run_date:
        job_arguments["--run-date"] = options.run_date
    if mended:
        job_arguments["--mended"] = _upload_mended_rows(dataset, mended)
    return print_ended_run(options, dataset, job_runs.run_job(dataset, job_arguments))


def _input_columns(dataset: DeployedDataset) -> list[str]:
    """Return the columns that the input's contract declares."""
    suite = dataset.read_json(dataset.arguments["--input-contract"])
    return [column["name"] for column in suite["meta"]["columns"]]


def _upload_mended_rows(dataset: DeployedDataset, mended: dict[str, Any]) -> str:
    place = S3Prefix.from_uri(dataset.arguments["--TempDir"])
    key = f"{place.prefix}replay/{uuid4()}.jsonl"
    lines = [json.dumps({"row": row, "mended": json.dumps(source)}) for row, source in mended.items()]
    dataset.s3.put_object(Bucket=place.bucket, Key=key, Body="\n".join(lines).encode())
    return place.uri(key)
