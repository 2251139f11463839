"""A state machine run in this process by the emulator's Step Functions, against an account that is plain data."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from ministack.services import stepfunctions

from components.names import Names
from components.orchestration.message_states import FLOW, Teller

State = dict[str, Any]
EXECUTION = "exec-1"
TOPICS = {severity: f"topic-{severity}" for severity in ("critical", "warning", "info")}


def make_teller(names: Names, told_by: str = FLOW, **more: Any) -> Teller:
    """A teller whose topics are called as their severities."""
    return Teller(names, told_by, "assets", TOPICS, **more)


@dataclass
class FakeAccount:
    """Objects by key, what was published, sent and counted, and the calls that are refused."""

    objects: dict[str, Any] = field(default_factory=dict)
    published: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    metrics: list[dict[str, Any]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def call(self, resource: str, arguments: dict[str, Any]) -> Any:
        """Answer a state's call, or fail as the service does."""
        call = resource.rpartition(":::")[2]
        self.calls.append(call)
        if call in self.refused:
            raise stepfunctions._ExecutionError(f"{call}.Refused", "no")
        if call in self.answers:
            answer = self.answers[call]
            if isinstance(answer, Exception):
                raise answer
            return answer
        match call:
            case "aws-sdk:s3:getObject":
                if arguments["Key"] not in self.objects:
                    raise stepfunctions._ExecutionError("S3.NoSuchKeyException", "no such key")
                return {"Body": json.dumps(self.objects[arguments["Key"]])}
            case "aws-sdk:s3:putObject":
                self.objects[arguments["Key"]] = copy.deepcopy(arguments["Body"])
                return {}
            case "sns:publish":
                self.published.append(copy.deepcopy(arguments))
                return {"MessageId": "m"}
            case "events:putEvents":
                self.events += copy.deepcopy(arguments["Entries"])
                return {"FailedEntryCount": 0}
            case "aws-sdk:cloudwatch:putMetricData":
                self.metrics.append(copy.deepcopy(arguments))
                return {}
        raise NotImplementedError(call)

    def texts(self, part: str = "email") -> list[str]:
        """Return a part of each published message."""
        return [json.loads(message["Message"])[part] for message in self.published]


def run_error(error: str, cause: str) -> Exception:
    """Return what a call fails by."""
    return stepfunctions._ExecutionError(error, cause)


def run_scope(scope: State, state_input: Any, account: FakeAccount, **variables: Any) -> Any:
    """Run a machine, or the branch of one, to its end; return its output. A Fail state raises what it fails by."""
    context = {
        "QueryLanguage": "JSONata",
        "variables": variables,
        "State": {},
        "Execution": {"Id": f"arn:aws:states:{EXECUTION}", "Name": EXECUTION},
    }
    with _patched(account):
        return stepfunctions._run_sub_machine(
            scope["States"], scope["StartAt"], json.loads(json.dumps(state_input)), {"events": []}, context
        )


@contextmanager
def _patched(account: FakeAccount) -> Iterator[None]:
    with (
        mock.patch.object(stepfunctions, "_invoke_resource", account.call),
        mock.patch.object(stepfunctions, "_invoke_resource_with_timeout", lambda r, a, _: account.call(r, a)),
        mock.patch.object(stepfunctions, "_scaled_sleep", return_value=None),
    ):
        yield
