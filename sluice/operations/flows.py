"""The flow of a stack: the state machine that runs its datasets in order."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sluice.operations import job_runs
from sluice.operations.account import Account
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.errors import WrongUse
from sluice.operations.job_runs import LONGEST_BETWEEN_LOOKS, SECONDS_BETWEEN_LOOKS, EndedRun


@dataclass(frozen=True)
class Execution:
    """One execution that ended: AWS's word for how (SUCCEEDED, FAILED, TIMED_OUT, ABORTED), why, and when it began."""

    arn: str
    status: str
    cause: str
    began: datetime


@dataclass(frozen=True)
class Flow:
    """The machine by its ARN, and datasets of its stack."""

    account: Account
    machine: str
    datasets: tuple[DeployedDataset, ...]

    @classmethod
    def of_datasets(cls, datasets: Sequence[DeployedDataset]) -> "Flow":
        """Return the flow that runs these datasets.

        Raises:
            WrongUse: they are of several stacks.
        """
        stacks = {dataset.job.removesuffix(f"-{dataset.name}") for dataset in datasets}
        if len(stacks) > 1:
            raise WrongUse(f"there are several flows, of {', '.join(sorted(stacks))}: name one with --stack")
        account = datasets[0].account
        _, partition, _, _, owner, *_ = account.caller_arn().split(":")
        machine = f"{account.session.region_name}:{owner}:stateMachine:{stacks.pop()}-flow"
        return cls(account, f"arn:{partition}:states:{machine}", tuple(datasets))

    @property
    def name(self) -> str:
        """The machine's name."""
        return self.machine.rpartition(":")[2]

    @property
    def _stepfunctions(self) -> Any:
        return self.account.client("stepfunctions")

    def under_way(self) -> list[str]:
        """Return the names of the executions that have not ended."""
        pages = self._stepfunctions.get_paginator("list_executions").paginate(
            stateMachineArn=self.machine, statusFilter="RUNNING"
        )
        return [execution["name"] for page in pages for execution in page["executions"]]

    def start_execution(self, payload: dict[str, Any]) -> str:
        """Start it with an input; return the execution's ARN."""
        return self._stepfunctions.start_execution(stateMachineArn=self.machine, input=json.dumps(payload))[
            "executionArn"
        ]

    def wait_for_end(self, execution: str, watch: Callable[[], None] = lambda: None) -> Execution:
        """Wait for an execution's end; `watch` is called on the way."""
        pause = SECONDS_BETWEEN_LOOKS
        while True:
            description = self._stepfunctions.describe_execution(executionArn=execution)
            if description["status"] != "RUNNING":
                return Execution(
                    execution, description["status"], description.get("cause", ""), description["startDate"]
                )
            watch()
            time.sleep(pause)
            pause = pause if self.account.endpoint else min(2 * pause, LONGEST_BETWEEN_LOOKS)

    def runs_of_execution(self, execution: Execution) -> list[tuple[DeployedDataset, EndedRun]]:
        """Return the newest run of each dataset since an execution began, of those that have one, in the order they began."""
        newest_runs = []
        for dataset in self.datasets:
            since = [run for run in job_runs.newest_runs(dataset, dataset.job) if run["StartedOn"] >= execution.began]
            newest_runs += [(run["StartedOn"], dataset, run) for run in since[:1]]
        return [
            (dataset, _ended_run(dataset, run)) for _, dataset, run in sorted(newest_runs, key=lambda entry: entry[0])
        ]


def _ended_run(dataset: DeployedDataset, run: dict[str, Any]) -> EndedRun:
    verdict = job_runs.read_verdict(dataset, run["Id"])
    return EndedRun(run["Id"], run["JobRunState"], run.get("ErrorMessage", ""), verdict, run.get("ExecutionTime", 0))
