"""Take back a skip: the next run reads the object again, where the table does not hold it."""

import argparse
import json
from dataclasses import asdict

from etl import skips
from operate import objects, skipping
from operate.deployed import Deployed
from operate.errors import WrongUse
from operate.telling import agreed, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("objects", nargs="+", metavar="OBJECT", help="a key, with or without the dataset's prefix")
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: Deployed, options: argparse.Namespace) -> int:
    """Say what will be read again, have it agreed, write it; return 0."""
    known = skips.read(dataset.s3, dataset.location)
    chosen = objects.named(dataset.listed(), dataset.raw.prefix, options.objects)
    there = skipping.among(known, chosen)
    if strange := [one.key for one in chosen if one.key not in there]:
        others = ", ".join(sorted({one.key for one in known.skipped})) or "nothing"
        raise WrongUse(
            f"{', '.join(strange)} is not skipped in the version that is there; recorded are skips of: {others}"
        )
    named = "; ".join(f"{one.key} (skipped by {one.who} at {one.at}: {one.why})" for one in there.values())
    agreed(options, f"the next run of {dataset.job} may read again: {named}")
    skipping.write(dataset, skipping.without(known.skipped, [(one.key, one.version) for one in chosen]), known)
    say(options, f"no longer skipped: {objects.told([one.key for one in chosen])}")
    if options.json:
        print(json.dumps({"dataset": dataset.name, "unskipped": [asdict(one) for one in there.values()]}))
    return 0
