"""A stack with a channel of each kind, drilled through its own watch: who hears what, in which form."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout

import pytest

from sluice.cli.app import main
from sluice.sandbox.deploy import deploy_program
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from tests.program.deployment import ONE_DATASET
from tests.sandbox.waiting import wait_until

CHANNELS = {
    "oncall": {"kind": "email", "to": "ann@example.org", "severities": ["critical"]},
    "readers": {"kind": "email", "to": "bob@example.org", "severities": ["warning", "info"]},
    "room": {"kind": "slack", "workspace": "T0ABC1234", "channel": "C0ABC1234"},
    "pager": {
        "kind": "pagerduty",
        "url": "https://events.pagerduty.com/integration/s3cr3t/enqueue",
        "severities": ["critical"],
    },
    "desk": {"kind": "https", "url": "https://desk.example.org/hooks/s3cr3t", "key": "Bearer s3cr3t"},
}


@pytest.fixture(scope="module")
def heard() -> Iterator[Emulator]:
    with emulator.running_emulator() as running:
        deploy_program(running, changed={"sluice:channels": json.dumps(CHANNELS), **ONE_DATASET})
        yield running


def test_a_drill_reaches_each_channel_by_what_the_program_declared_and_shows_no_secret(heard: Emulator) -> None:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["drill", "--yes", "--json", "--stack", "local"], heard.account)
    report = json.loads(out.getvalue().splitlines()[-1])
    assert {message["state"] for message in report["messages"]} == {"SUCCEEDED"}, report
    assert code == 0, report["endpoints"]
    kinds = [message["kind"] for message in report["messages"]]
    events = heard.mailbox.deliveries
    wait_until(lambda: sum(delivery.protocol == "event" for delivery in events()) == len(kinds))
    subjects = {name: [mail.subject for mail in events(f"{name}@example.org")] for name in ("ann", "bob")}
    severities = {message["kind"]: message["severity"] for message in report["messages"]}
    for name, ours in (("ann", {"critical"}), ("bob", {"warning", "info"})):
        expected = sorted(f"DRILL of sluice-local: {kind}" for kind in kinds if severities[kind] in ours)
        assert sorted(subject for subject in subjects[name] if "DRILL" in subject) == expected
    assert "s3cr3t" not in out.getvalue() + err.getvalue()
