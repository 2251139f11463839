"""A drill of a stack: its watch tells messages that nobody needs, by the way that real ones take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from etl.contract.severity import Severity
from sluice.cli.errors import WrongUse
from sluice.operations.account import Account
from sluice.operations.drill_messages import DRILLED_KINDS, DrilledKind, drill_message
from sluice.operations.flows import Execution, Flow
from sluice.operations.message_endpoints import ALARMS, Endpoint

FLOW, WATCH, BROKEN = "-flow", "-watch", "-broken"
ALARM_REASON = "drill: nothing is wrong"
ALL_SEVERITIES = tuple(Severity)


@dataclass(frozen=True)
class Drill:
    """The stack whose names begin with `prefix`, and the machine that tells."""

    account: Account
    prefix: str
    watch: Flow

    @classmethod
    def of_flow(cls, flow: Flow) -> "Drill":
        """Return the drill of the stack whose flow this is: its watch is beside it."""
        machine = flow.machine.removesuffix(FLOW)
        return cls(flow.account, machine.rpartition(":")[2], Flow(flow.account, f"{machine}{WATCH}", flow.datasets))

    def tell(self, kinds: Iterable[DrilledKind]) -> list[tuple[DrilledKind, Execution]]:
        """Have the watch tell a message of each kind, one after the other."""
        who = self.account.caller_arn()
        return [
            (
                kind,
                self.watch.wait_for_end(self.watch.start_execution({"drill": drill_message(kind, self.prefix, who)})),
            )
            for kind in kinds
        ]

    def ring(self) -> str:
        """Ring the alarm `broken` of a dataset, and have it return; return its name, "" where none could be rung.

        One that rings for true is left alone.
        """
        cloudwatch = self.account.client("cloudwatch")
        names = [f"{dataset.job}{BROKEN}" for dataset in self.watch.datasets]
        for alarm in cloudwatch.describe_alarms(AlarmNames=names[:100])["MetricAlarms"]:
            if alarm["StateValue"] != "ALARM":
                for state in ("ALARM", "OK"):
                    cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue=state, StateReason=ALARM_REASON)
                return alarm["AlarmName"]
        return ""


def choose_endpoints(endpoints: Sequence[Endpoint], channel: str | None) -> list[Endpoint]:
    """Return the endpoints that a drill is for: all, or those of the name `channel`.

    Raises:
        WrongUse: nobody hears anything, or nobody of that name.
    """
    chosen = [endpoint for endpoint in endpoints if channel in (None, endpoint.name)]
    if chosen:
        return chosen
    names = ", ".join(dict.fromkeys(endpoint.name for endpoint in endpoints))
    if channel and names:
        raise WrongUse(f"no endpoint is called {channel}: there are {names}")
    raise WrongUse(
        "nobody would hear a drill: the stack has no channel. sluice:channels or sluice:alarm_email adds one"
    )


def kinds_heard(endpoints: Iterable[Endpoint]) -> list[DrilledKind]:
    """Return the kinds of messages that some of these hear; of an endpoint whose severities are not known, all."""
    heard = {
        severity
        for endpoint in endpoints
        if endpoint.hears != ALARMS
        for severity in endpoint.severities or ALL_SEVERITIES
    }
    return [kind for kind in DRILLED_KINDS if kind.severity in heard]


def describe_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint as plain data."""
    heard = ", ".join(endpoint.severities) or "what it is sent"
    return {
        "channel": endpoint.name,
        "by": endpoint.protocol,
        "hears": f"{endpoint.hears}: {heard}",
        "state": endpoint.state,
    }
