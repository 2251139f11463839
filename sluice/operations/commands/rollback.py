"""Show readers an earlier snapshot, data and ledger together; without SNAPSHOT, list what can be shown.

Objects that this un-publishes are skipped, with the rollback as reason, until `unskip` or a new version of them; rows that
were set aside follow the ledger of that snapshot. It is refused beside a run, to a snapshot that no reader ever saw or that
somebody else wrote, and where main moves meanwhile. A rollback is undone by naming the newer snapshot that it left: that is
allowed as long as nothing was published since, and takes its skips back.
"""

import argparse
import json
from typing import Any

from etl.runtime.arguments import RUN
from etl.wording import counted
from sluice.operations import job_runs, skip_changes
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.errors import WrongUse
from sluice.operations.output import DONE, OTHER_FAULT, agreed, say, table
from sluice.operations.rollback import carry_out, ledgers
from sluice.operations.rollback_plan import Plan
from sluice.operations.skip_changes import Reason
from sluice.operations.snapshot_history import History


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("snapshot", nargs="?", metavar="SNAPSHOT", help="what readers shall see")
    skip_changes.who(parser)
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(dataset: Deployed, options: argparse.Namespace) -> int:
    """Say what will change, have it agreed, do it and look; return the exit code."""
    found = dataset.account.table(dataset.table)
    if found is None or found.current_snapshot() is None:
        raise WrongUse(f"nothing is published in {dataset.table} yet")
    history = History.of(found)
    if options.snapshot is None:
        return _list(dataset, options, history)
    target = history.chosen(options.snapshot)
    job_runs.none_under_way(dataset)
    before, after = ledgers(dataset, history, target)
    plan = Plan.of(history, target, before, after)
    agreed(options, *plan.lines(dataset.table, {one.key for one in dataset.listed()}))
    job_runs.none_under_way(dataset)
    added = Reason.of(dataset, options, plan.why).skips(plan.skipped)
    lost = carry_out(dataset, found, plan, after, added)
    return _report(dataset, options, plan, lost)


def _list(dataset: Deployed, options: argparse.Namespace, history: History) -> int:
    choices = [
        {
            "snapshot": str(at),
            "published": history.when(at),
            "rows": history.count(at),
            "run": history.summaries[at].get("sluice.run-id", ""),
            "kind": history.summaries[at].get("sluice.kind", RUN),
            "would": "undo a rollback" if history.is_ahead(at) else "roll back",
        }
        for at in history.choices
    ]
    if options.json:
        print(json.dumps(choices))
    else:
        table(choices)
    say(
        options,
        f"readers of {dataset.table} see {history.main}; {counted(len(choices), 'snapshot')} to choose from",
    )
    return DONE


def _report(dataset: Deployed, options: argparse.Namespace, plan: Plan, lost: list[str]) -> int:
    """Look whether readers see what was wanted, and whether a run that came meanwhile may change it."""
    seen, beside = dataset.head.snapshot, job_runs.under_way(dataset)
    if options.json:
        print(
            json.dumps(_told(plan) | {"dataset": dataset.name, "readers_see": seen, "lost": lost, "under_way": beside})
        )
    say(options, f"readers of {dataset.table} see snapshot {seen}")
    if lost:
        say(options, f"no row that {', '.join(lost)} set aside is kept any more: `rerun` the objects of these runs")
    if beside:
        say(
            options,
            f"{', '.join(beside)} started meanwhile and may publish over it: look at `status` once it has ended",
        )
    return DONE if seen == str(plan.target) and not beside else OTHER_FAULT


def _told(plan: Plan) -> dict[str, Any]:
    return {
        "from": str(plan.history.main),
        "to": str(plan.target),
        "rows_before": plan.history.count(plan.history.main),
        "rows_after": plan.history.count(plan.target),
        "skipped": [{"key": key, "version": version} for key, version in plan.skipped],
        "published_again": [{"key": key, "version": version} for key, version in plan.back.items()]
        if plan.undoes
        else [],
        "aside_again": list(plan.aside),
    }
