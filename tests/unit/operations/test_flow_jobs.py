"""A flow is known by the jobs that its definition starts, whichever version of the program declared it."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from components.orchestration.state_machine import run_state
from sluice.operations.account import Account
from sluice.operations.flows import Flow

ITEM = {"dataset": "trades", "job": "sluice-dev-trades"}
RUN = {"Type": "Task", "Arguments": {"JobName": "{% $states.input.job %}"}}
MAP = {"Stage 1": {"Type": "Map", "Items": [ITEM], "ItemProcessor": {"States": {"Run": RUN}}}}
FORMER = {"Run trades": {"Type": "Task", "Arguments": {"JobName": "sluice-dev-trades"}}}


@pytest.mark.parametrize("states", [MAP, FORMER])
def test_the_jobs_of_a_flow_are_those_of_its_items_or_of_its_tasks(states: dict[str, Any]) -> None:
    client = SimpleNamespace(describe_state_machine=lambda **_: {"definition": json.dumps({"States": states})})
    flow = Flow(cast(Account, SimpleNamespace(client=lambda _: client)), "arn:machine", ())
    assert flow.jobs == {"sluice-dev-trades"}


def test_a_stage_starts_the_job_of_its_item() -> None:
    assert run_state(cast(Any, SimpleNamespace(integration_arn=str)), 1, "a", "b")["Arguments"] == RUN["Arguments"]
