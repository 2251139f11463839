"""Take back a skip: the next run reads the object again, where the table does not hold it."""

import argparse
import json
from dataclasses import asdict

from etl.ledger import skip_list
from sluice.operations import raw_objects, skip_changes
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.errors import WrongUse
from sluice.operations.output import require_consent, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("objects", nargs="+", metavar="OBJECT", help="a key, with or without the dataset's prefix")
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: DeployedDataset, options: argparse.Namespace) -> int:
    """Say what will be read again, have it agreed, write it; return 0."""
    skips = skip_list.read_skip_list(dataset.s3, dataset.location)
    chosen = raw_objects.find_objects(dataset.list_raw_objects(), dataset.raw.prefix, options.objects)
    skips_by_key = skip_changes.skips_by_key(skips, chosen)
    if not_skipped := [raw_object.key for raw_object in chosen if raw_object.key not in skips_by_key]:
        skipped_keys = ", ".join(sorted({skip.key for skip in skips.skipped})) or "nothing"
        raise WrongUse(
            f"{', '.join(not_skipped)} is not skipped in the version that is there; recorded are skips of: {skipped_keys}"
        )
    description = "; ".join(
        f"{skip.key} (skipped by {skip.who} at {skip.at}: {skip.why})" for skip in skips_by_key.values()
    )
    require_consent(options, f"the next run of {dataset.job} may read again: {description}")
    skip_changes.write_skip_list(
        dataset,
        skip_changes.without_versions(skips.skipped, [(raw_object.key, raw_object.version) for raw_object in chosen]),
        skips,
    )
    say(options, f"no longer skipped: {raw_objects.describe_keys([raw_object.key for raw_object in chosen])}")
    if options.json:
        print(json.dumps({"dataset": dataset.name, "unskipped": [asdict(skip) for skip in skips_by_key.values()]}))
    return 0
