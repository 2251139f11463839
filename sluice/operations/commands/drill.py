"""Send one message of each kind by the way of real ones, to all or to CHANNEL, and say which endpoint is still pending.

CHANNEL is an e-mail address, or the name of a chat or of an endpoint. Whoever else hears a severity hears the drill too. Where
machines listen, the alarm `broken` of a dataset rings once and returns.
"""

import json
from typing import Annotated, Any

import typer

from sluice.cli.exit_codes import ExitCode
from sluice.operations.command_options import JsonOption, StackOption, YesOption, deployed_datasets
from sluice.operations.drill import Drill, choose_endpoints, describe_endpoint, kinds_heard
from sluice.operations.flows import Flow
from sluice.operations.message_endpoints import ALARMS, Endpoint, find_endpoints
from sluice.operations.output import Dialog, print_table, require_consent, say

ChannelArgument = Annotated[
    str | None, typer.Argument(metavar="CHANNEL", help="Who shall hear it (default: everybody).", show_default=False)
]
REMEDY = "an address confirms by the link in AWS's mail, which `aws sns subscribe` sends again"


def run(
    context: typer.Context,
    channel: ChannelArgument = None,
    yes: YesOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say who will hear what, have it agreed, tell; return the exit code, 1 where an endpoint is pending."""
    dialog, drill = Dialog(as_json, yes), Drill.of_flow(Flow.of_datasets(deployed_datasets(context, None, stack)))
    endpoints = choose_endpoints(find_endpoints(drill.account, drill.prefix), channel)
    kinds = kinds_heard(endpoints)
    names = ", ".join(dict.fromkeys(endpoint.name for endpoint in endpoints))
    require_consent(dialog, f"{drill.watch.name} tells {names}: {', '.join(kind.kind for kind in kinds) or 'nothing'}")
    messages: list[dict[str, Any]] = [
        {"kind": kind.kind, "severity": str(kind.severity), "state": execution.status, "cause": execution.cause}
        for kind, execution in drill.tell(kinds)
    ]
    alarm = drill.ring() if any(endpoint.hears == ALARMS for endpoint in endpoints) else ""
    return _report(dialog, drill.prefix, messages, alarm, endpoints)


def _report(
    dialog: Dialog, prefix: str, messages: list[dict[str, Any]], alarm: str, endpoints: list[Endpoint]
) -> ExitCode:
    rows = [describe_endpoint(endpoint) for endpoint in endpoints]
    pending = list(dict.fromkeys(endpoint.name for endpoint in endpoints if endpoint.is_pending))
    if dialog.as_json:
        report = {"stack": prefix, "messages": messages, "alarm": alarm, "endpoints": rows, "pending": pending}
        print(json.dumps(report))
    else:
        print_table(messages)
        print_table(rows)
    if alarm:
        say(dialog, f"the alarm {alarm} rang, and returned")
    if pending:
        say(dialog, f"still pending, and hears nothing: {', '.join(pending)}; {REMEDY}")
    if any(message["state"] != "SUCCEEDED" for message in messages):
        return ExitCode.OTHER_FAULT
    return ExitCode.AT_FAULT if pending else ExitCode.DONE
