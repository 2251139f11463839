"""Take back a skip: the next run reads the object again, where the table does not hold it."""

import argparse
import json
from dataclasses import asdict

from etl.ledger import skip_list
from sluice.operations import raw_objects, skip_changes
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.errors import WrongUse
from sluice.operations.output import agreed, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("objects", nargs="+", metavar="OBJECT", help="a key, with or without the dataset's prefix")
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: Deployed, options: argparse.Namespace) -> int:
    """Say what will be read again, have it agreed, write it; return 0."""
    known = skip_list.read(dataset.s3, dataset.location)
    chosen = raw_objects.named(dataset.listed(), dataset.raw.prefix, options.objects)
    there = skip_changes.among(known, chosen)
    if strange := [one.key for one in chosen if one.key not in there]:
        others = ", ".join(sorted({one.key for one in known.skipped})) or "nothing"
        raise WrongUse(
            f"{', '.join(strange)} is not skipped in the version that is there; recorded are skips of: {others}"
        )
    named = "; ".join(f"{one.key} (skipped by {one.who} at {one.at}: {one.why})" for one in there.values())
    agreed(options, f"the next run of {dataset.job} may read again: {named}")
    skip_changes.write(dataset, skip_changes.without(known.skipped, [(one.key, one.version) for one in chosen]), known)
    say(options, f"no longer skipped: {raw_objects.told([one.key for one in chosen])}")
    if options.json:
        print(json.dumps({"dataset": dataset.name, "unskipped": [asdict(one) for one in there.values()]}))
    return 0
