"""Leave raw objects alone: runs pass over them, until `unskip` or a new version of them.

For one that keeps failing and so blocks those beside it. Who, when and why is kept beside the dataset's ledgers and shown by
`status`. A run that has read its list already takes the object in; look at `status` once it has ended.
"""

import argparse
import json
from dataclasses import asdict

from etl.ledger import skip_list
from etl.ledger.skip_list import Skip
from etl.storage.raw_objects import RawObject
from etl.wording import counted
from sluice.operations import raw_objects, skip_changes
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.errors import WrongUse
from sluice.operations.output import agreed, say
from sluice.operations.skip_changes import Reason


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("objects", nargs="+", metavar="OBJECT", help="a key, with or without the dataset's prefix")
    parser.add_argument("--why", required=True, type=_reason, metavar="TEXT", help="for whoever finds it skipped")
    parser.add_argument("--version", metavar="VERSION", help="of one object: refused where it has another by now")
    skip_changes.who(parser)
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: Deployed, options: argparse.Namespace) -> int:
    """Say what will be skipped, have it agreed, write it; return 0."""
    if dataset.sources:
        raise WrongUse(
            f"{dataset.name} is built from tables and has no objects: skip those of {', '.join(dataset.sources)}, or roll "
            "these back"
        )
    known = skip_list.read(dataset.s3, dataset.location)
    chosen = raw_objects.named(dataset.listed(), dataset.raw.prefix, options.objects)
    _demand_version(chosen, options.version)
    held = dataset.ledger.held.of(one.key for one in chosen)
    there = skip_changes.among(known, chosen)
    for one in chosen:
        _refuse(one, held.get(one.key), there.get(one.key))
    versions = [(one.key, one.version) for one in chosen]
    named = ", ".join(
        f"{one.key} (version {one.version}, {counted(one.size, 'byte')}, put {one.modified})" for one in chosen
    )
    agreed(options, f"runs of {dataset.job} will leave alone, until a new version of it or `unskip`: {named}")
    added = Reason.of(dataset, options, options.why).skips(versions)
    skip_changes.write(dataset, [*skip_changes.without(known.skipped, versions), *added], known)
    say(options, f"skipped {raw_objects.told([one.key for one in chosen])}")
    if options.json:
        print(json.dumps({"dataset": dataset.name, "skipped": [asdict(one) for one in added]}))
    return 0


def _demand_version(chosen: list[RawObject], version: str | None) -> None:
    """Hold the version that a verdict named against the one that is there: a corrected object is not to be left alone."""
    if version is None:
        return
    if len(chosen) != 1:
        raise WrongUse("--version is of one object: name one, or leave it out")
    if chosen[0].version != version:
        raise WrongUse(
            f"{chosen[0].key} has the version {chosen[0].version} by now, not {version}: the next run reads that; leave "
            "--version out to skip it all the same"
        )


def _refuse(one: RawObject, held: tuple[str, str] | None, skip: Skip | None) -> None:
    if held and held[0] == one.version:
        raise WrongUse(
            f"{one.key} is published in this version, a skip would change nothing: to read it again take `rerun`, to "
            "un-publish it `rollback`, to replace it put a mended one under the same key"
        )
    if skip:
        raise WrongUse(f"{one.key} is skipped already, by {skip.who} at {skip.at}: {skip.why}")


def _reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("say why, in a sentence")
    return text.strip()
