"""A command that waits for a run that does not end, for a terminal to look at; run as a script."""

import sys
import time
from functools import partial
from types import SimpleNamespace
from typing import Any

from sluice.cli.errors import run_to_exit_code
from sluice.operations import watched_runs

RUN = f"jr_0a1b2c3d{'0' * 56}"


def wait_long() -> int:
    """Start a run of a Glue that never ends one."""
    glue = SimpleNamespace(
        start_job_run=lambda **_: {"JobRunId": RUN}, get_job_run=lambda **_: {"JobRun": {"JobRunState": "RUNNING"}}
    )
    account = SimpleNamespace(endpoint="here")
    dataset: Any = SimpleNamespace(name="trades", job="sluice-prod-trades", stack="prod", glue=glue, account=account)
    watched_runs.watch_job(dataset, {})
    time.sleep(60)
    return 0


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sluice rerun", partial(wait_long)))
