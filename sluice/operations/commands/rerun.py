"""Read raw objects again under today's contract and transform, as a correction: their rows take the place of those before.

An object that is skipped is read too. What breaks the contract leaves everything as it is. Exit code: 0 published, 1 refused
by the data (nothing changed).
"""

import argparse
import json

from etl.ledger import skip_list
from etl.wording import count_noun
from sluice.console import parse_day
from sluice.operations import job_runs, raw_objects, skip_changes
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.output import print_ended_run, require_consent


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("objects", nargs="+", metavar="OBJECT", help="a key, with or without the dataset's prefix")
    parser.add_argument(
        "--run-date", metavar="yyyy-MM-dd", type=parse_day, help="the day the job believes it is (default: today)"
    )
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: DeployedDataset, options: argparse.Namespace) -> int:
    """Say what will happen, have it agreed, run; return the exit code."""
    job_runs.refuse_if_under_way(dataset)
    chosen = raw_objects.find_objects(dataset.list_raw_objects(), dataset.raw.prefix, options.objects)
    keys = [raw_object.key for raw_object in chosen]
    ingested = dataset.ledger.held.select_held(keys)
    skipped = skip_changes.skips_by_key(skip_list.read_skip_list(dataset.s3, dataset.location), chosen)
    descriptions = [
        f"{key} ({'its rows are replaced' if key in ingested else 'not published yet'}{', skipped' if key in skipped else ''})"
        for key in keys
    ]
    require_consent(options, f"{dataset.job} reads {count_noun(len(keys), 'object')} again: {', '.join(descriptions)}")
    job_arguments = job_runs.UNOBSERVED | {"--rerun": json.dumps(keys)}
    if options.run_date:
        job_arguments["--run-date"] = options.run_date
    return print_ended_run(options, dataset, job_runs.run_job(dataset, job_arguments))
