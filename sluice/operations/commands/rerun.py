"""Read raw objects again under today's contract and transform, as a correction: their rows take the place of those before.

An object that is skipped is read too. What breaks the contract leaves everything as it is. Exit code: 0 published, 1 refused
by the data (nothing changed).
"""

import argparse
import json

from etl.ledger import skip_list
from etl.wording import counted
from sluice.console import day
from sluice.operations import job_runs, raw_objects, skip_changes
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.output import agreed, report


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("objects", nargs="+", metavar="OBJECT", help="a key, with or without the dataset's prefix")
    parser.add_argument(
        "--run-date", metavar="yyyy-MM-dd", type=day, help="the day the job believes it is (default: today)"
    )
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: Deployed, options: argparse.Namespace) -> int:
    """Say what will happen, have it agreed, run; return the exit code."""
    job_runs.none_under_way(dataset)
    chosen = raw_objects.named(dataset.listed(), dataset.raw.prefix, options.objects)
    keys = [one.key for one in chosen]
    held = dataset.ledger.held.of(keys)
    skipped = skip_changes.among(skip_list.read(dataset.s3, dataset.location), chosen)
    told = [
        f"{key} ({'its rows are replaced' if key in held else 'not published yet'}{', skipped' if key in skipped else ''})"
        for key in keys
    ]
    agreed(options, f"{dataset.job} reads {counted(len(keys), 'object')} again: {', '.join(told)}")
    given = job_runs.UNOBSERVED | {"--rerun": json.dumps(keys)}
    if options.run_date:
        given["--run-date"] = options.run_date
    return report(options, dataset, job_runs.run(dataset, given))
