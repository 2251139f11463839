"""Take back a skip: the next run reads the object again, where the table does not hold it."""

import json
from dataclasses import asdict

import typer

from etl.ledger import skip_list
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.operations import raw_objects, skip_changes
from sluice.operations.command_options import (
    DatasetArgument,
    JsonOption,
    ObjectsArgument,
    StackOption,
    YesOption,
    deployed_dataset,
)
from sluice.operations.output import Dialog, require_consent, say


def run(
    context: typer.Context,
    name: DatasetArgument,
    objects: ObjectsArgument,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say what will be read again, have it agreed, write it."""
    dataset, dialog = deployed_dataset(context, name, stack), Dialog(as_json, yes)
    skips = skip_list.read_skip_list(dataset.s3, dataset.location)
    chosen = raw_objects.find_objects(dataset.list_skippable(), dataset.raw.prefix, objects)
    skips_by_key = skip_changes.skips_by_key(skips, chosen)
    if not_skipped := [raw_object.key for raw_object in chosen if raw_object.key not in skips_by_key]:
        skipped_keys = ", ".join(sorted({skip.key for skip in skips.skipped})) or "nothing"
        raise WrongUse(
            f"{', '.join(not_skipped)} is not skipped in the version that is there; recorded are skips of: {skipped_keys}"
        )
    description = "; ".join(
        f"{skip.key} (skipped by {skip.who} at {skip.at}: {skip.why})" for skip in skips_by_key.values()
    )
    require_consent(dialog, f"the next run of {dataset.job} may read again: {description}")
    skip_changes.write_skip_list(
        dataset,
        skip_changes.without_versions(skips.skipped, [(raw_object.key, raw_object.version) for raw_object in chosen]),
        skips,
    )
    say(dialog, f"no longer skipped: {raw_objects.describe_keys([raw_object.key for raw_object in chosen])}")
    if dialog.as_json:
        print(json.dumps({"dataset": dataset.name, "unskipped": [asdict(skip) for skip in skips_by_key.values()]}))
    return ExitCode.DONE
