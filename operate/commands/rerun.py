"""Read raw objects again under today's contract and transform, as a correction: their rows take the place of those before.

An object that is skipped is read too. What breaks the contract leaves everything as it is. Exit code: 0 published, 1 refused
by the data (nothing changed).
"""

import argparse
import json

from etl import skips
from etl.console import day
from etl.wording import counted
from operate import objects, runs, skipping
from operate.deployed import Deployed
from operate.telling import agreed, report


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("objects", nargs="+", metavar="OBJECT", help="a key, with or without the dataset's prefix")
    parser.add_argument(
        "--run-date", metavar="yyyy-MM-dd", type=day, help="the day the job believes it is (default: today)"
    )
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: Deployed, options: argparse.Namespace) -> int:
    """Say what will happen, have it agreed, run; return the exit code."""
    runs.none_under_way(dataset)
    chosen = objects.named(dataset.listed(), dataset.raw.prefix, options.objects)
    keys = [one.key for one in chosen]
    held = dataset.ledger.held.of(keys)
    skipped = skipping.among(skips.read(dataset.s3, dataset.location), chosen)
    told = [
        f"{key} ({'its rows are replaced' if key in held else 'not published yet'}{', skipped' if key in skipped else ''})"
        for key in keys
    ]
    agreed(options, f"{dataset.job} reads {counted(len(keys), 'object')} again: {', '.join(told)}")
    given = runs.UNOBSERVED | {"--rerun": json.dumps(keys)}
    if options.run_date:
        given["--run-date"] = options.run_date
    return report(options, dataset, runs.run(dataset, given))
