"""What an operator's keys must be allowed, as docs/operating.md lists it: held against the requests that commands sent."""

import json
import re
import time
from collections.abc import Iterator

import pytest

from etl.contract.layout import FORGET_KEYS
from sluice.operations.account import Account
from sluice.program import request_permissions
from sluice.program.request_permissions import AwsRequest
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.emulator.keys import AccessKeys
from sluice.sandbox.emulator.recorder import REQUESTS_FILE
from tests.sandbox.operations.lake import ROOT, CommandResult, Lake

ACTION = re.compile(r"`(\w+:\w+)`(?: \(([\w, ]+)\))?")
ZONES = {
    "trades/": "raw",
    **dict.fromkeys(("parquet/", "ledger/", "quarantine/"), "processed"),
    **dict.fromkeys(("contracts/", "verdicts/", "temp/", "forget/"), "assets"),
}
IAM_PREFIXES = {
    "tagging": "tag",
    "monitoring": "cloudwatch",
}  # where actions begin otherwise than the service is signed for
SECONDS_TO_RECORD = 0.1  # a request is written down just after it was answered
Needs = dict[str, set[tuple[str, str]]]  # by command: actions, each with the zone, "" beside S3


@pytest.fixture(scope="module")
def documented() -> Needs:
    """The table of docs/operating.md, each command with what every command needs."""
    rows = re.findall(r"^\| `?([\w -]+?)`? \| (.*) \|$", (ROOT / "docs" / "operating.md").read_text(), re.MULTILINE)
    needs = {command: set(_listed_actions(text)) for command, text in rows if ACTION.search(text)}
    every = needs.pop("every command")
    assert set(needs) == {
        "status",
        "quarantine",
        "skip",
        "unskip",
        "rollback",
        "repair",
        "rerun",
        "withdraw",
        "forget",
        "replay",
        "start",
        "start --accept-history",
        "drill",
    }
    return {command: actions | every for command, actions in needs.items()}


def _listed_actions(text: str) -> Iterator[tuple[str, str]]:
    for action, zones in ACTION.findall(text):
        yield from ((action, zone) for zone in (zones or "").split(", "))


@pytest.fixture(scope="module")
def asked(at: Emulator, role: str) -> Needs:
    """Run every command under a role's keys, and return what each asked for."""
    lake = Lake(at, at.account, role)
    story = Story(at, lake, AccessKeys.assume_role(role, at.connection))
    story.run_all_commands()
    return story.needs


class Story:
    """A dataset's life in which every command has something to do; `needs` is what each needed."""

    def __init__(self, emulator: Emulator, lake: Lake, keys: AccessKeys) -> None:
        self.emulator, self.lake, self.keys, self.records_seen = emulator, lake, keys, 0
        self.needs: Needs = {}

    def run_all_commands(self) -> None:
        lake = self.lake
        good = lake.publish_objects(lake.put_object("1.csv"), bad=["r1"])
        lake.publish_objects(lake.put_object("2.csv"))
        lake.publish_objects(replays="jr_1")
        lake.remove_quarantined_rows(["r1"])
        lake.put_object("3.csv")
        lake.define_maintenance("print('done')")
        lake.define_forget("print('done')")
        lake.define_flow()
        lake.define_watch()
        lake.define_alarm()
        lake.account = Account(self.keys.session(), self.emulator.endpoint)
        self.run_command("skip", "3.csv", "--why", "x", "--yes")
        self.run_command("unskip", "3.csv", "--yes")
        self.run_command("rollback", good, "--yes")
        self.run_command("quarantine", "jr_1")
        self.put_manifest()
        self.run_command("status")
        self.run_command("rerun", "3.csv", "--yes")
        self.run_command("withdraw", "1.csv", "--why", "x", "--yes")
        self.run_command("replay", "jr_1", "--rows", self.write_mended_rows(), "--yes")
        self.run_command("forget", "--rows", self.write_keys(), "--yes")
        self.delete_objects("ledger/")
        self.delete_objects("quarantine/")
        self.run_command("repair", "--yes")
        self.run_command("start", "--yes")
        self.note_needs("start --accept-history", lake.run_command("start", "--accept-history", "a holiday", "--yes"))
        self.note_needs("drill", lake.run_stack_command("drill", "--yes"))

    def delete_objects(self, prefix: str) -> None:
        s3, bucket = self.emulator.client("s3"), self.lake.bucket
        for listed_object in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]:
            if not listed_object["Key"].endswith("skipped.json"):
                s3.delete_object(Bucket=bucket, Key=listed_object["Key"])

    def put_manifest(self) -> None:
        """Let what is unread wait for a manifest that is there."""
        s3, bucket = self.emulator.client("s3"), self.lake.bucket
        suite = json.loads(s3.get_object(Bucket=bucket, Key="contracts/input.json")["Body"].read())
        suite["meta"]["arrivals"] = [{"pattern": "*.csv", "manifest": "*.md5"}]
        s3.put_object(Bucket=bucket, Key="contracts/input.json", Body=json.dumps(suite).encode())
        s3.put_object(Bucket=bucket, Key="trades/day.md5", Body=f"{'0' * 32}  3.csv\n".encode())

    def write_keys(self) -> str:
        """Write a file of keys, and leave an object of them as a command that died does."""
        self.emulator.client("s3").put_object(Bucket=self.lake.bucket, Key=f"{FORGET_KEYS}trades-1.jsonl", Body=b"")
        file = self.emulator.home / "keys.csv"
        file.write_text("transaction_id\n1\n")
        return str(file)

    def write_mended_rows(self) -> str:
        file = self.emulator.home / "mended.jsonl"
        file.write_text(json.dumps({"row": "r1", "source": {"region": "EU-WEST"}}))
        return str(file)

    def run_command(self, command: str, *options: str) -> None:
        self.note_needs(command, self.lake.run_command(command, *options))

    def note_needs(self, command: str, outcome: CommandResult) -> None:
        assert outcome.code == 0, outcome.err
        self.needs[command] = {ask for request in self.new_requests() for ask in _requested_actions(request)}

    def new_requests(self) -> list[AwsRequest]:
        time.sleep(SECONDS_TO_RECORD)
        lines = (self.emulator.home / REQUESTS_FILE).read_text().splitlines()
        records = [record for record in map(json.loads, lines) if record.pop("access") == self.keys.access_key_id]
        new_records, self.records_seen = records[self.records_seen :], len(records)
        assert new_records
        return [AwsRequest(**record) for record in new_records]


def _requested_actions(request: AwsRequest) -> Iterator[tuple[str, str]]:
    if request.service == "s3":
        object_key = request.key or request.query["prefix"]
        [zone] = {zone for prefix, zone in ZONES.items() if object_key.startswith(prefix)}
        yield from ((ask.action, zone) for ask in request_permissions.s3_permissions(request))
    elif request.service != "sts":
        yield f"{IAM_PREFIXES.get(request.service, request.service)}:{request.operation}", ""


@pytest.mark.parametrize(
    "command",
    [
        *(
            "status",
            "quarantine",
            "skip",
            "unskip",
            "rollback",
            "repair",
            "rerun",
            "withdraw",
            "forget",
            "replay",
            "start",
            "drill",
        ),
        "start --accept-history",
    ],
)
def test_a_command_asks_for_nothing_that_is_not_listed_and_nothing_is_listed_in_vain(
    command: str, documented: Needs, asked: Needs
) -> None:
    assert asked[command] - documented[command] == set()
    assert documented[command] - asked[command] == set()
