"""What an operator's keys must be allowed, as docs/operating.md lists it: held against the requests that commands sent."""

import json
import re
import time
from collections.abc import Iterator

import boto3
import pytest

from sluice.operations.account import Account
from sluice.program import request_permissions
from sluice.program.request_permissions import Request
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.emulator.keys import Keys
from sluice.sandbox.emulator.recorder import FILE
from sluice.sandbox.jobs.spark import REGION
from tests.sandbox.operations.lake import ROOT, Lake

ACTION = re.compile(r"`(\w+:\w+)`(?: \(([\w, ]+)\))?")
ZONES = {
    "sales/": "raw",
    **dict.fromkeys(("parquet/", "ledger/", "quarantine/"), "processed"),
    **dict.fromkeys(("contracts/", "verdicts/", "temp/"), "assets"),
}
SECONDS_TO_RECORD = 0.1  # a request is written down just after it was answered
Needs = dict[str, set[tuple[str, str]]]  # by command: actions, each with the zone, "" beside S3


@pytest.fixture(scope="module")
def documented() -> Needs:
    """The table of docs/operating.md, each command with what every command needs."""
    rows = re.findall(r"^\| `?([\w ]+?)`? \| (.*) \|$", (ROOT / "docs" / "operating.md").read_text(), re.MULTILINE)
    found = {command: set(_actions(text)) for command, text in rows if ACTION.search(text)}
    every = found.pop("every command")
    assert set(found) == {"status", "quarantine", "skip", "unskip", "rollback", "repair", "rerun", "replay", "start"}
    return {command: actions | every for command, actions in found.items()}


def _actions(text: str) -> Iterator[tuple[str, str]]:
    for action, zones in ACTION.findall(text):
        yield from ((action, zone) for zone in (zones or "").split(", "))


@pytest.fixture(scope="module")
def asked(at: Emulator, role: str) -> Needs:
    """Run every command under a role's keys, and return what each asked for."""
    plain = Lake(at, at.account, role)
    told = Story(at, plain, Keys.of_role(role, at.connection))
    told.tell()
    return told.asked


class Story:
    """A dataset's life in which every command has something to do; `asked` is what each needed."""

    def __init__(self, at: Emulator, lake: Lake, keys: Keys) -> None:
        self.at, self.lake, self.keys, self.seen = at, lake, keys, 0
        self.asked: Needs = {}

    def tell(self) -> None:
        lake = self.lake
        session = boto3.Session(self.keys.access, self.keys.secret, self.keys.token, REGION)
        good = lake.publish(lake.put("1.csv"), bad=["r1"])
        lake.publish(lake.put("2.csv"))
        lake.publish(replays="jr_1")
        lake.sweep(["r1"])
        lake.put("3.csv")
        lake.define_maintenance("print('done')")
        lake.define_flow()
        lake.account = Account(session, self.at.endpoint)
        self.operate("skip", "3.csv", "--why", "x", "--yes")
        self.operate("unskip", "3.csv", "--yes")
        self.operate("rollback", good, "--yes")
        self.operate("quarantine", "jr_1")
        self.operate("status")
        self.operate("rerun", "3.csv", "--yes")
        self.operate("replay", "jr_1", "--rows", self.mended(), "--yes")
        self.lose("ledger/")
        self.lose("quarantine/")
        self.operate("repair", "--yes")
        self.operate("start", "--yes")

    def lose(self, prefix: str) -> None:
        s3, bucket = self.at.client("s3"), self.lake.bucket
        for one in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]:
            if not one["Key"].endswith("skipped.json"):
                s3.delete_object(Bucket=bucket, Key=one["Key"])

    def mended(self) -> str:
        file = self.at.home / "mended.jsonl"
        file.write_text(json.dumps({"row": "r1", "source": {"region": "EU-WEST"}}))
        return str(file)

    def operate(self, command: str, *words: str) -> None:
        told = self.lake.operate(command, *words)
        assert told.code == 0, told.err
        self.asked[command] = {ask for request in self.new() for ask in _asks(request)}

    def new(self) -> list[Request]:
        time.sleep(SECONDS_TO_RECORD)
        lines = (self.at.home / FILE).read_text().splitlines()
        records = [record for record in map(json.loads, lines) if record.pop("access") == self.keys.access]
        found, self.seen = records[self.seen :], len(records)
        assert found
        return [Request(**record) for record in found]


def _asks(request: Request) -> Iterator[tuple[str, str]]:
    if request.service == "s3":
        at = request.key or request.query["prefix"]
        [zone] = {zone for prefix, zone in ZONES.items() if at.startswith(prefix)}
        yield from ((ask.action, zone) for ask in request_permissions.s3(request))
    elif request.service != "sts":
        yield f"{request.service}:{request.operation}", ""


@pytest.mark.parametrize(
    "command", ["status", "quarantine", "skip", "unskip", "rollback", "repair", "rerun", "replay", "start"]
)
def test_a_command_asks_for_nothing_that_is_not_listed_and_nothing_is_listed_in_vain(
    command: str, documented: Needs, asked: Needs
) -> None:
    assert asked[command] - documented[command] == set()
    assert documented[command] - asked[command] == set()
