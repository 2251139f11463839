"""Runs and flows that an operator waits for: how they stand meanwhile, and what goes on after Ctrl-C."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from sluice.operations import job_runs
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.flows import Execution, Flow
from sluice.operations.job_runs import UNFINISHED, EndedRun
from sluice.operations.short_ids import short_id
from sluice.progress import Progress
from sluice.word_wrap import copied_line

THREADS = 8  # looks beside each other: Glue throttles more
NOT_YET = "waits for its turn"
LOOK = "How it stands:"


def watch_job(dataset: DeployedDataset, arguments: Mapping[str, str]) -> EndedRun:
    """Run a dataset's job with `arguments` over its own and show how it stands until its end.

    Raises:
        KeyboardInterrupt: nobody waits any more; the message says that the run goes on, and how to look.
    """
    look = f"{LOOK}\n{copied_line(_status_command(dataset.name, dataset.stack))}"
    with Progress() as progress:
        progress.show(dataset.name, "is started")
        progress.goes_on = f"whether a run of {dataset.job} has begun is not known. {look}"
        run_id = job_runs.start_run(dataset, arguments)
        progress.goes_on = f"run {short_id(run_id)} of {dataset.job} goes on. {look}"
        return job_runs.wait_for_run(
            dataset, run_id, lambda state: progress.show(dataset.name, f"{state} {short_id(run_id)}")
        )


def watch_forget(dataset: DeployedDataset, start: Callable[[], str]) -> EndedRun:
    """Have a run that forgets rows of a dataset, which `start` begins or names, and show how it stands until its end.

    Raises:
        KeyboardInterrupt: nobody waits any more; the message says that the run goes on, and how to look.
    """
    stack = f" --stack {dataset.stack}" if dataset.stack else ""
    look = f"{LOOK}\n{copied_line(f'sluice forget {dataset.name}{stack}')}"
    with Progress() as progress:
        progress.show(dataset.name, "is started")
        progress.goes_on = f"whether a run of {dataset.forget} has begun is not known. {look}"
        run_id = start()
        progress.goes_on = f"run {short_id(run_id)} of {dataset.forget} goes on. {look}"
        return job_runs.wait_for_run(
            replace(dataset, job=dataset.forget),
            run_id,
            lambda state: progress.show(dataset.name, f"{state} {short_id(run_id)}"),
        )


def watch_flow(flow: Flow, execution: str) -> Execution:
    """Wait for an execution's end and show how the run of each dataset stands meanwhile.

    Raises:
        KeyboardInterrupt: nobody waits any more; the message says that the flow goes on, and how to look.
    """
    name = flow.datasets[0].name if len(flow.datasets) == 1 else ""
    with Progress() as progress:
        progress.goes_on = (
            f"{flow.name} goes on, with each dataset that it still has to run. {LOOK}\n"
            f"{copied_line(_status_command(name, flow.datasets[0].stack))}"
        )
        look = _FlowLook(flow, progress)
        return flow.wait_for_end(execution, look.look_at_runs)


class _FlowLook:
    """Looks how the run of each dataset stands that has not ended yet."""

    def __init__(self, flow: Flow, progress: Progress) -> None:
        self._progress = progress
        self._waiting = [*flow.datasets]
        for dataset in flow.datasets:
            _ = dataset.glue  # made before threads share it
            progress.show(dataset.name, NOT_YET)

    def look_at_runs(self, began: datetime) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            ended = list(pool.map(lambda dataset: self._has_ended(dataset, began), self._waiting))
        self._waiting = [dataset for dataset, is_over in zip(self._waiting, ended, strict=True) if not is_over]

    def _has_ended(self, dataset: DeployedDataset, began: datetime) -> bool:
        try:
            run = next((run for run in job_runs.newest_runs(dataset, dataset.job) if run["StartedOn"] >= began), None)
        except (BotoCoreError, ClientError):  # the flow goes on, and the next look may see it
            return False
        if run is None:
            return False
        self._progress.show(dataset.name, f"{run['JobRunState']} {short_id(run['Id'])}")
        return run["JobRunState"] not in UNFINISHED


def _status_command(dataset: str, stack: str | None) -> str:
    words = ["sluice status", *([dataset] if dataset else []), *([f"--stack {stack}"] if stack else [])]
    return " ".join(words)
