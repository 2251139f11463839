"""The flow of a stack: the state machine that runs its datasets in order.

It is found by the tag of its stack, and by the jobs that its definition starts: names of other lakes may begin and end alike.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from components.tags import TAG
from sluice.cli.errors import WrongUse
from sluice.operations import job_runs
from sluice.operations.account import Account
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.errors import NoFlow
from sluice.operations.job_runs import LONGEST_BETWEEN_LOOKS, SECONDS_BETWEEN_LOOKS, EndedRun

if TYPE_CHECKING:  # development only
    from mypy_boto3_stepfunctions import SFNClient


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
            WrongUse: they are of several flows.
            NoFlow: none runs one of them.
        """
        account, stacks = datasets[0].account, sorted({dataset.stack or "" for dataset in datasets})
        candidates = [
            cls(account, machine, tuple(datasets)) for stack in stacks for machine in _tagged_machines(account, stack)
        ]
        flows = [flow for flow in candidates if flow.jobs & {dataset.job for dataset in datasets}]
        if len(flows) > 1:
            raise WrongUse(
                f"there are several flows, {', '.join(sorted(f.name for f in flows))}: name one with --stack"
            )
        without = [dataset.job for dataset in datasets if not any(dataset.job in flow.jobs for flow in flows)]
        if without:
            raise NoFlow(
                f"no state machine with the tag {TAG}: {' or '.join(stacks) or '?'} runs {', '.join(without)}; "
                "nothing was done. Deploy the stack, which tags its flow by aws:defaultTags"
            )
        return flows[0]

    @property
    def name(self) -> str:
        """The machine's name."""
        return self.machine.rpartition(":")[2]

    @property
    def jobs(self) -> set[str]:
        """The names of the jobs that it starts, which the items of its stages have; of earlier versions the tasks had them."""
        names = self.task_arguments("job") | self.task_arguments("JobName")
        return {name for name in names if not name.startswith("{%")}

    def task_arguments(self, name: str) -> set[str]:
        """Return the values that the tasks of its definition give an argument, such as `JobName` or `QueueUrl`."""
        return set(_values_of(self._definition, name))

    @cached_property
    def _definition(self) -> Any:
        return json.loads(self._stepfunctions.describe_state_machine(stateMachineArn=self.machine)["definition"])

    @property
    def _stepfunctions(self) -> "SFNClient":
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

    def wait_for_end(self, execution: str, watch: Callable[[datetime], None] = lambda began: None) -> Execution:
        """Wait for an execution's end; `watch` hears on the way when it began."""
        pause = SECONDS_BETWEEN_LOOKS
        while True:
            description = self._stepfunctions.describe_execution(executionArn=execution)
            if description["status"] != "RUNNING":
                return Execution(
                    execution, description["status"], description.get("cause", ""), description["startDate"]
                )
            watch(description["startDate"])
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


def _tagged_machines(account: Account, stack: str) -> list[str]:
    """Return the ARNs of the state machines with a stack's tag."""
    pages = account.client("resourcegroupstaggingapi").get_paginator("get_resources")
    tagged = pages.paginate(TagFilters=[{"Key": TAG, "Values": [stack]}], ResourceTypeFilters=["states:stateMachine"])
    return sorted(resource["ResourceARN"] for page in tagged for resource in page["ResourceTagMappingList"])


def _values_of(document: Any, name: str) -> Iterator[str]:
    """Yield the texts under a key of a JSON document, at any depth."""
    if isinstance(document, dict):
        if isinstance(document.get(name), str):
            yield document[name]
        document = list(document.values())
    for part in document if isinstance(document, list) else ():
        yield from _values_of(part, name)


def _ended_run(dataset: DeployedDataset, run: dict[str, Any]) -> EndedRun:
    verdict = job_runs.read_verdict(dataset, run["Id"])
    return EndedRun(run["Id"], run["JobRunState"], run.get("ErrorMessage", ""), verdict, run.get("ExecutionTime", 0))
