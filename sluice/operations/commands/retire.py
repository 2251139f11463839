"""Say what a dataset left behind that was taken out of its stack; then archive or remove it.

Take it out of the stack's `datasets` first, and deploy that: its jobs, roles and alarms go, and what holds data stays. This
lists what is left in catalog, buckets and alarms. --archive copies what is kept to another bucket and holds the copies against
it; --remove deletes all of it, every old version too, and asks first. Both are refused while the stack has the dataset or
others refer to it. Either may be interrupted and given again. Nothing of another dataset is touched.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.operations.command_options import DatasetArgument, JsonOption, StackOption, YesOption, account_of
from sluice.operations.output import Dialog, print_table, require_consent, say
from sluice.operations.retiring.archive import Archive
from sluice.operations.retiring.lake_places import LakePlaces, list_lakes
from sluice.operations.retiring.leftovers import Leftovers, StoredObjects
from sluice.operations.retiring.referrers import find_referrers
from sluice.operations.retiring.removal import remove_leftovers


def run(
    context: typer.Context,
    name: DatasetArgument,
    archive: Annotated[
        str | None,
        typer.Option("--archive", metavar="S3_URI", help="Copy what is kept to a bucket outside of the lake."),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove all that is left, for good.")] = False,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """List what is left; archive it, remove it, or both one after the other; return the exit code."""
    dialog = Dialog(as_json, yes)
    left = _find_leftovers(context, name, stack)
    referrers = find_referrers(left.places)
    if not (archive or remove):
        return _show(dialog, left, referrers)
    if referrers:
        raise WrongUse(
            f"{name} cannot go from stack {left.places.stack} yet, and nothing was done: {'; '.join(referrers)}"
        )
    report: dict[str, Any] = {"dataset": name, **left.as_json()}
    if archive:
        report |= _archive(dialog, left, archive)
    if remove:
        return _remove(dialog, left, report)
    if dialog.as_json:
        print(json.dumps(report))
    return ExitCode.DONE


def _find_leftovers(context: typer.Context, name: str, stack: str | None) -> Leftovers:
    """Return what is left of a dataset in the one lake that has any of it.

    Raises:
        WrongUse: no lake has, or several have.
    """
    account = account_of(context)
    lakes = list_lakes(account, stack)
    leftovers = [Leftovers.find(LakePlaces(account, names, name)) for names in lakes]
    some = [left for left in leftovers if not left.are_none]
    if len(some) > 1:
        stacks = ", ".join(left.places.stack for left in some)
        raise WrongUse(f"something of {name!r} is left in several stacks, {stacks}: name one with --stack")
    if not some:
        looked = ", ".join(names.stack for names in lakes) or "none"
        raise WrongUse(f"nothing of {name!r} is left in any stack; looked at: {looked}")
    return some[0]


def _show(dialog: Dialog, left: Leftovers, referrers: Sequence[str]) -> ExitCode:
    """Show what is left, in the order in which it would be removed, and what stands against that."""
    if dialog.as_json:
        print(json.dumps({"dataset": left.places.dataset, **left.as_json(), "refused": [*referrers]}))
    else:
        print_table([*_describe_leftovers(left)])
    for reason in referrers:
        say(dialog, f"it cannot be archived or removed yet: {reason}")
    old = sum(stored.old_versions for stored in left.stored)
    if old:
        say(dialog, f"{count_noun(old, 'old version')} among that: an archive has none of them, a removal removes them")
    if not referrers:
        say(dialog, "copy what is kept with --archive S3_URI, remove all of it with --remove")
    return ExitCode.DONE


def _describe_leftovers(left: Leftovers) -> list[dict[str, Any]]:
    rows = [_row(f"table {left.places.database}.{name}", "catalog") for name in left.tables]
    rows += [
        _row(stored.place.what, stored.place.uri, stored.objects, stored.bytes, stored.old_versions, stored.old_bytes)
        for stored in left.stored
    ]
    rows += [_row(f"alarm {name}", "CloudWatch") for name in left.alarms]
    return rows + [_row(f"job {name}", "stack") for name in left.jobs]


def _row(what: str, where: str, *numbers: int) -> dict[str, Any]:
    names = ("objects", "bytes", "old_versions", "old_bytes")
    texts = [f"{number:,}" for number in numbers] or [""] * len(names)
    return {"what": what, "where": where, **dict(zip(names, texts, strict=True))}


def _archive(dialog: Dialog, left: Leftovers, uri: str) -> dict[str, Any]:
    """Copy what is kept; return what a machine is told of it."""
    target = Archive.at(left, uri, lambda step: say(dialog, step))
    kept = [stored for stored in left.stored if stored.place.is_kept]
    require_consent(
        dialog,
        f"copies {_size_words(kept)} of {left.places.dataset} to {target.uri}, without old versions, and removes nothing",
    )
    objects = target.write()
    say(dialog, f"{count_noun(objects, 'object')} archived in {target.uri}, each held against what it was copied from")
    return {"archive": target.uri, "archived": objects}


def _remove(dialog: Dialog, left: Leftovers, report: dict[str, Any]) -> ExitCode:
    """Remove what is left, and look whether that is all."""
    if not dialog.as_json:
        print_table([*_describe_leftovers(left)])
    old = sum(stored.old_versions for stored in left.stored)
    require_consent(
        dialog,
        f"removes {_size_words(left.stored)} of {left.places.dataset} and {count_noun(old, 'old version')}, with "
        f"{count_noun(len(left.tables), 'table')} of the catalog, from stack {left.places.stack} for good: nothing brings "
        "them back but an archive",
    )
    remove_leftovers(left, lambda step: say(dialog, step))
    remaining = Leftovers.find(left.places)
    if dialog.as_json:
        print(json.dumps({**report, "removed": remaining.are_none, "remaining": remaining.as_json()}))
    if remaining.are_none:
        say(dialog, f"nothing of {left.places.dataset} is left in stack {left.places.stack}")
        return ExitCode.DONE
    say(dialog, f"something of {left.places.dataset} came meanwhile: look again (sluice retire), then run it again")
    return ExitCode.OTHER_FAULT


def _size_words(stored: Sequence[StoredObjects]) -> str:
    objects, size = sum(entry.objects for entry in stored), sum(entry.bytes for entry in stored)
    return f"{count_noun(objects, 'object')} ({count_noun(size, 'byte')})"
