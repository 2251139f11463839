"""One emulator with a stub job, and one with the whole lake deployed; each shared by all who ask."""

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest

from sluice.cli.app import main
from sluice.sandbox import try_day
from sluice.sandbox.deploy import deploy_program
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.emulator.subscriber import Message, Subscriber
from sluice.sandbox.lake import Alarm, Dataset, Run, deployed_datasets
from tests.lake import DAYS
from tests.sandbox.flowing import FlowHarness, deployed_flow
from tests.sandbox.stub import Workshop

OVERFLOWING = """transaction_id,customer_id,product_id,quantity,unit_price,transaction_date,region
TXN100,CUST1,PROD1,1000,99999999.99,2025-01-19,US-EAST
"""
HEADERS_SWAPPED = """transaction_id,customer_id,product_id,unit_price,quantity,transaction_date,region
TXN100,CUST1,PROD1,2,5,2025-01-19,US-EAST
"""
MORE_BUYERS = "".join(
    json.dumps(
        {"customer_id": name, "name": "Eva", "email": "e@example.com", "country": "SE", "signup_date": "2025-01-03"}
    )
    + "\n"
    for name in ("CUST103", "CUST104", "CUST105")
)


@pytest.fixture(scope="package")
def workshop() -> Iterator[Workshop]:
    """An emulator for jobs of a few lines, without Spark."""
    with emulator.running_emulator() as running:
        yield Workshop.make_in(running)


@pytest.fixture(scope="package")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlowHarness]:
    """The whole stack's flow, over jobs of a few lines."""
    with deployed_flow(tmp_path_factory.mktemp("flow")) as running:
        yield running


@dataclass(frozen=True)
class Lake:
    """The deployed lake, its trades, and somebody who subscribed to its topic."""

    emulator: Emulator
    outputs: dict[str, object]
    trades: Dataset
    buyers: Dataset
    inbox: Subscriber


@pytest.fixture(scope="package")
def lake() -> Iterator[Lake]:
    """The lake as the unchanged program declares it."""
    with emulator.running_emulator() as running:
        outputs = deploy_program(running).outputs
        every = deployed_datasets(running)
        trades = every["trades"]
        yield Lake(running, outputs, trades, every["buyers"], Subscriber.subscribe(running, trades.topic_arn()))


# One story, told in order: each day stands on the day before.


@dataclass(frozen=True)
class TriedDay:
    """What `sluice try` returned and wrote to stdout, and the run that it started."""

    code: int
    out: str
    run: Run


@pytest.fixture(scope="package")
def tried(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> TriedDay:
    """The good day, tried on this lake: two files of the same name, gzipped, one of them sent on an earlier day."""
    folder, (header, *trades) = tmp_path_factory.mktemp("day"), (DAYS / "good.csv").read_text().splitlines()
    files = [folder / name / "day.csv.gz" for name in ("a", "b")]
    for file, part in zip(files, (trades[:2], trades[2:]), strict=True):
        file.parent.mkdir()
        file.write_bytes(gzip.compress("\n".join([header, *part, ""]).encode()))
    stdout = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout):
        patch.setattr(try_day.emulator, "running_emulator", lambda: nullcontext(lake.emulator))
        patch.setattr(try_day, "deploy_lake", lambda emulated_aws, _: deployed_datasets(emulated_aws))
        code = try_day.try_day("trades", files, "2025-01-17", first={}, as_json=True)
    [run] = lake.emulator.client("glue").get_job_runs(JobName=lake.trades.job)["JobRuns"]
    verdict = lake.trades.deployed.read_json(f"{lake.trades.arguments['--verdicts']}{run['Id']}.json")
    good = Run(run["Id"], run["JobRunState"], run.get("ErrorMessage", ""), verdict, run["ExecutionTime"])
    return TriedDay(code, stdout.getvalue(), good)


@pytest.fixture(scope="package")
def good(tried: TriedDay) -> Run:
    return tried.run


@pytest.fixture(scope="package")
def bad_input(lake: Lake, good: Run) -> Run:
    lake.trades.upload_object(HEADERS_SWAPPED.encode(), "2025-01-18.csv")
    return lake.trades.run()


@dataclass(frozen=True)
class RungAlarm:
    """What followed the first bad day: the alarm, and what the subscriber of its topic received."""

    alarm: Alarm
    messages: list[Message]


@pytest.fixture(scope="package")
def rang(lake: Lake, bad_input: Run) -> RungAlarm:
    return RungAlarm(lake.trades.evaluated_alarm(), lake.inbox.receive_messages(2))


@pytest.fixture(scope="package")
def bad_output(lake: Lake, rang: RungAlarm) -> Run:
    """A day that the long tests have in place of the mended one."""
    # Each value keeps the input contract; their product is more than the transform's column can hold.
    lake.trades.upload_object(OVERFLOWING.encode(), "2025-01-18.csv")
    return lake.trades.run()


@pytest.fixture(scope="package")
def aside(lake: Lake, rang: RungAlarm) -> Run:
    """The mended day, and one with a sale to a customer whom nobody knows, after buyers were published."""
    lake.buyers.upload_object((DAYS / "buyers.jsonl").read_bytes() + MORE_BUYERS.encode(), "2025-01-18.jsonl")
    assert lake.buyers.run().state == "SUCCEEDED"
    lake.trades.upload_object((DAYS / "mended.csv").read_bytes(), "2025-01-18.csv")
    lake.trades.upload_object((DAYS / "stranger.csv").read_bytes(), "2025-01-19.csv")
    return lake.trades.run()


@pytest.fixture(scope="package")
def rang_aside(lake: Lake, aside: Run) -> Alarm:
    """The alarm on rows aside, as it was after that day."""
    return lake.trades.evaluated_alarm("RowsQuarantined")


@pytest.fixture(scope="package")
def nothing_unread(lake: Lake, rang_aside: Alarm) -> Run:
    return lake.trades.run()


@dataclass(frozen=True)
class ReplayResult:
    """What a command of an operator returned and wrote, in the order of the calls; `run_id` is the replay's."""

    code: int
    out: dict[str, object]
    rows: list[dict[str, object]]

    @property
    def run_id(self) -> str:
        return str(self.out["run"])


@pytest.fixture(scope="package")
def replayed(lake: Lake, aside: Run, nothing_unread: Run, tmp_path_factory: pytest.TempPathFactory) -> ReplayResult:
    """The sale mended by hand, in the workbook that the operator's command wrote, and replayed."""
    folder = tmp_path_factory.mktemp("aside")
    for file in (folder / "rows.jsonl", folder / "rows.xlsx"):
        assert run_operator(lake, "quarantine", "trades", aside.id, "--rows", str(file))[0] == 0
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    book: Any = openpyxl.load_workbook(folder / "rows.xlsx")
    [customer] = [cells[1] for cells in book["rows"].columns if cells[0].value == "customer_id"]
    customer.value = "CUST101"
    book.save(folder / "mended.xlsx")
    mended = str(folder / "mended.xlsx")
    code, out = run_operator(lake, "replay", "trades", aside.id, "--rows", mended, "--yes", "--json")
    return ReplayResult(code, json.loads(out), rows)


def run_operator(lake: Lake, *arguments: str) -> tuple[int, str]:
    """Run one of the operator's commands in the emulator; return its exit code and stdout."""
    stdout = io.StringIO()
    with redirect_stdout(stdout):
        code = main(list(arguments), lake.emulator.account)
    return code, stdout.getvalue()
