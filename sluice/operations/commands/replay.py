"""Take the rows that a run set aside through the gate again: mended ones, or all of them under a mended contract.

What passes is published, the rest is set aside again under the replay's own run. A run can be replayed once: afterwards
its rows are the replay's. Exit code: 0 published, 1 every row is still bad or a critical rule broke (nothing changed).
"""

import argparse
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from etl.storage.raw_objects import Place
from etl.wording import counted
from sluice.console import day
from sluice.operations import job_runs, mended_rows, quarantined_rows
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.output import agreed, report


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", metavar="RUN", help="a run with rows aside, as `quarantine` lists them")
    parser.add_argument(
        "--rows", type=Path, metavar="FILE", help="mended rows, from a file that `quarantine --rows` wrote"
    )
    parser.add_argument(
        "--run-date", metavar="yyyy-MM-dd", type=day, help="the day the job believes it is (default: today)"
    )
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: Deployed, options: argparse.Namespace) -> int:
    """Say what will happen, have it agreed, replay; return the exit code."""
    known = {row["row"]: row["source"] for row in quarantined_rows.rows(dataset, options.run)}
    mended = mended_rows.read(options.rows, known, _columns(dataset)) if options.rows else {}
    changed = f", {len(mended)} of them mended" if options.rows else " under today's contracts"
    agreed(options, f"{counted(len(known), 'row')} that {options.run} set aside through {dataset.job} again{changed}")
    given = job_runs.UNOBSERVED | {"--replay": options.run}
    if options.run_date:
        given["--run-date"] = options.run_date
    if mended:
        given["--mended"] = _upload(dataset, mended)
    return report(options, dataset, job_runs.run(dataset, given))


def _columns(dataset: Deployed) -> list[str]:
    """Return the columns that the input's contract declares."""
    suite = dataset.json(dataset.arguments["--input-contract"])
    return [column["name"] for column in suite["meta"]["columns"]]


def _upload(dataset: Deployed, mended: dict[str, Any]) -> str:
    place = Place.of(dataset.arguments["--TempDir"])
    key = f"{place.prefix}replay/{uuid4()}.jsonl"
    lines = [json.dumps({"row": row, "mended": json.dumps(source)}) for row, source in mended.items()]
    dataset.s3.put_object(Bucket=place.bucket, Key=key, Body="\n".join(lines).encode())
    return place.uri(key)
