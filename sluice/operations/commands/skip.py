"""Leave raw objects alone: runs pass over them, until `unskip` or a new version of them.

For one that keeps failing and so blocks those beside it. Who, when and why is kept beside the dataset's ledgers and shown by
`status`. A run that has read its list already takes the object in; look at `status` once it has ended.
"""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from etl.contract.manifest_globs import is_manifest, with_manifest
from etl.ledger import skip_list
from etl.ledger.ingested_objects import HeldVersion
from etl.ledger.skip_list import Skip
from etl.storage.raw_objects import RawObject
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.operations import raw_objects, skip_changes
from sluice.operations.command_options import (
    DatasetArgument,
    JsonOption,
    ObjectsArgument,
    StackOption,
    WhoOption,
    YesOption,
    deployed_dataset,
    parse_reason,
)
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.output import Dialog, require_consent, say
from sluice.operations.skip_changes import SkipReason


def run(
    context: typer.Context,
    name: DatasetArgument,
    objects: ObjectsArgument,
    why: Annotated[
        str,
        typer.Option("--why", metavar="TEXT", parser=parse_reason, help="For whoever finds it skipped."),
    ],
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="VERSION", help="Of one object: refused where it has another by now."),
    ] = None,
    who: WhoOption = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what will be skipped, have it agreed, write it."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json, yes)
    if dataset.sources:
        raise WrongUse(
            f"{dataset.name} is built from tables and has no objects: skip those of {', '.join(dataset.sources)}, or roll "
            "these back"
        )
    skips = skip_list.read_skip_list(dataset.s3, dataset.location)
    chosen = raw_objects.find_objects(dataset.list_skippable(), dataset.raw.prefix, objects)
    _check_version(chosen, version)
    ingested = dataset.ledger.held.select_held(raw_object.key for raw_object in chosen)
    skips_by_key = skip_changes.skips_by_key(skips, chosen)
    for raw_object in chosen:
        _refuse_useless_skip(raw_object, ingested.get(raw_object.key), skips_by_key.get(raw_object.key))
    versions = [(raw_object.key, raw_object.version) for raw_object in chosen]
    description = ", ".join(
        f"{raw_object.key} (version {raw_object.version}, {count_noun(raw_object.size, 'byte')}, put {raw_object.modified})"
        for raw_object in chosen
    )
    left_alone = f"runs of {dataset.job} will leave alone, until a new version of it or `unskip`: {description}"
    require_consent(dialog, f"{left_alone}{_what_follows(dataset, chosen)}")
    added = SkipReason.of_user(dataset, who, why).as_skips(versions)
    skip_changes.write_skip_list(dataset, [*skip_changes.without_versions(skips.skipped, versions), *added], skips)
    say(dialog, f"skipped {raw_objects.describe_keys([raw_object.key for raw_object in chosen])}")
    if dialog.as_json:
        print(json.dumps({"dataset": dataset.name, "skipped": [asdict(added_skip) for added_skip in added]}))
    return ExitCode.DONE


def _what_follows(dataset: DeployedDataset, chosen: list[RawObject]) -> str:
    """Say what becomes of objects that a manifest names; empty where the dataset has none."""
    manifests = [entry.key for entry in chosen if is_manifest(entry.key, dataset.arrivals, dataset.name)]
    if manifests:
        return f"; what {', '.join(manifests)} names is read without it: not held against it, and not waited for"
    if with_manifest(dataset.arrivals):
        return "; what a manifest names beside it is read without it"
    return ""


def _check_version(chosen: list[RawObject], version: str | None) -> None:
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


def _refuse_useless_skip(raw_object: RawObject, held: HeldVersion | None, skip: Skip | None) -> None:
    if held and held.version == raw_object.version:
        raise WrongUse(
            f"{raw_object.key} is published in this version, a skip would change nothing: to read it again take `rerun`, to "
            "un-publish it `rollback`, to replace it put another file under the same key"
        )
    if skip:
        raise WrongUse(f"{raw_object.key} is skipped already, by {skip.who} at {skip.at}: {skip.why}")
