"""Start the flow: every dataset's job after those that it needs, or that of DATASET alone. It waits for the end; Ctrl-C leaves
the flow running.

A job that runs already is waited for. Exit code: 0 all ended well, 1 refused by the data, 3 anything else.
"""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from sluice.operations.deployed_dataset import Deployed
from sluice.operations.flows import Execution, Flow
from sluice.operations.job_runs import Ended
from sluice.operations.output import DONE, OTHER_FAULT, REFUSED, agreed, say, table


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def run(deployed: Sequence[Deployed], options: argparse.Namespace) -> int:
    """Say what will happen, have it agreed, run; return the exit code."""
    flow = Flow.of(deployed)
    what = options.dataset or f"{', '.join(one.name for one in deployed)}, each after what it needs"
    going = flow.under_way()
    after = f"; under way already, so that jobs of these may be waited for: {', '.join(going)}" if going else ""
    agreed(options, f"{flow.name} runs {what}{after}")
    execution = flow.start({"datasets": [one.name for one in deployed]})
    say(options, f"started {execution}")
    return report(options, flow, flow.ended(execution))


def report(options: argparse.Namespace, flow: Flow, execution: Execution) -> int:
    """Tell how an execution and its runs ended; return the exit code."""
    ran = flow.ran(execution)
    if options.json:
        rows = [shown(dataset, ended) for dataset, ended in ran]
        print(
            json.dumps({"execution": execution.arn, "state": execution.status, "cause": execution.cause, "runs": rows})
        )
    else:
        table([shown(dataset, ended) for dataset, ended in ran])
    say(options, *f"{flow.name} {execution.status}{': ' if execution.cause else ''}{execution.cause}".split("\n"))
    if execution.status == "SUCCEEDED":
        return DONE
    failed = [ended for _, ended in ran if ended.state != "SUCCEEDED"]
    return REFUSED if failed and all(ended.explained for ended in failed) else OTHER_FAULT


def shown(dataset: Deployed, ended: Ended) -> dict[str, Any]:
    """Return a run as plain data."""
    verdict = ended.verdict or {}
    counts = {name: verdict.get(name, 0) for name in ("rows_read", "rows_published", "rows_quarantined")}
    message = ended.message or verdict.get("message", "")
    return {"dataset": dataset.name, "run": ended.id, "state": ended.state, **counts, "message": message}
