"""Files that arrive start the flow: however many come, and whenever, each is read, and by as few runs as can be."""

import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from components.orchestration.arrival_states import MOST_BATCHES
from sluice.program.bill import flow as bill_flow
from tests.sandbox.flowing import MOST_SECONDS_AROUND_THE_JOBS, Flowing
from tests.sandbox.waiting import until

WORD = json.dumps({"datasets": ["sales", "sales_daily"]})


@pytest.fixture(autouse=True)
def _from_nothing(flow: Flowing) -> Iterator[None]:
    flow.emulator.client("sqs").purge_queue(QueueUrl=flow.queue)
    flow.runs()
    yield
    flow.tell("sales")


def arrive(flow: Flowing, *keys: str) -> None:
    """Put objects and wait for their events."""
    before = flow.waiting()
    flow.put(*keys)
    until(lambda: flow.waiting() == before + len(keys))


def test_nothing_arrived_and_nothing_runs(flow: Flowing) -> None:
    execution = flow.start(start="arrival")
    assert flow.ended(execution).status == "SUCCEEDED"
    assert flow.way(execution)[-1] == "Nothing arrived"
    assert len(flow.way(execution)) == bill_flow.LOOK
    assert flow.runs() == []


def test_a_hundred_files_start_one_run_with_at_most_five_seconds_around_its_jobs(flow: Flowing) -> None:
    arrive(flow, *(f"products/hundred/{number:03}.parquet" for number in range(100)))
    ran = flow.look()
    runs = {run["dataset"]: run for run in flow.runs()}
    assert (ran.status, list(runs), len(runs["products"]["read"])) == ("SUCCEEDED", ["products", "sales_daily"], 100)
    assert 0 < flow.around(ran, runs, ["products"], ["sales_daily"]) <= MOST_SECONDS_AROUND_THE_JOBS


def test_a_thousand_events_at_once_start_one_run_that_reads_every_file(flow: Flowing) -> None:
    keys = [f"sales/thousand/{number:03}.csv" for number in range(100)]
    arrive(flow, *keys)
    sqs = flow.emulator.client("sqs")
    for _ in range(90):  # each of the hundred's events ten times over: EventBridge delivers at least once
        sqs.send_message_batch(QueueUrl=flow.queue, Entries=[{"Id": str(i), "MessageBody": WORD} for i in range(10)])
    assert flow.waiting() == 1000
    execution = flow.start(start="arrival")
    assert flow.ended(execution).status == "SUCCEEDED"
    steps = Counter(flow.way(execution))
    assert [steps[one] for one in ("Receive", "Empty?", "Delete")] == [101, 101, 100]
    sales, gold = flow.runs()
    assert (sales["dataset"], sales["read"], gold["dataset"]) == ("sales", keys, "sales_daily")
    assert flow.waiting() == 0
    assert flow.look().status == "SUCCEEDED"
    assert flow.runs() == []


def test_a_burst_during_a_run_starts_one_more_after_it(flow: Flowing) -> None:
    arrive(flow, "sales/first.csv")
    flow.tell("sales", hold=True)
    first = flow.start(start="arrival")
    until(lambda: flow.holds("sales"))
    burst = [f"sales/burst/{number}.csv" for number in range(20)]
    arrive(flow, *burst)
    meanwhile = flow.start(start="arrival")
    assert flow.ended(meanwhile).status == "SUCCEEDED"
    assert flow.way(meanwhile)[-1] == "A run is under way"
    assert flow.waiting() == len(burst)
    flow.tell("sales")
    assert flow.ended(first).status == "SUCCEEDED"
    assert [flow.look().status for _ in range(2)] == ["SUCCEEDED"] * 2
    read = [run["read"] for run in flow.runs() if run["dataset"] == "sales"]
    assert read == [["sales/first.csv"], sorted(burst)]


def test_an_event_for_an_object_that_is_gone_starts_a_run_that_finds_nothing(flow: Flowing) -> None:
    arrive(flow, "products/gone.parquet")
    flow.emulator.client("s3").delete_object(Bucket=flow.outputs["raw"], Key="products/gone.parquet")
    assert flow.look().status == "SUCCEEDED"
    products, *_ = flow.runs()
    assert (products["dataset"], products["read"]) == ("products", [])
    assert flow.waiting() == 0


def altered(flow: Flowing, state: str, old: str, new: str) -> None:
    """Let the flow be one that has another text in one of its states."""
    client = flow.emulator.client("stepfunctions")
    deployed = client.describe_state_machine(stateMachineArn=flow.machine)
    definition = json.loads(deployed["definition"])
    text = json.dumps(definition["States"][state])
    assert old in text
    definition["States"][state] = json.loads(text.replace(old, new))
    name = f"altered-{uuid.uuid4()}"
    made = client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=deployed["roleArn"])
    flow.machine = made["stateMachineArn"]


def breaking(flow: Flowing, state: str, when: str) -> None:
    """Let the flow be one whose state reaches no queue where this holds, in JSONata."""
    altered(flow, state, flow.queue, f"{{% '{flow.queue}' & ({when} ? '-gone' : '') %}}")


@pytest.mark.parametrize(("state", "when"), [("Receive", "$batches = 1"), ("Delete", "$batches = 2")])
def test_a_look_that_breaks_off_halfway_runs_what_it_has_taken_from_the_queue(
    flow: Flowing, monkeypatch: pytest.MonkeyPatch, state: str, when: str
) -> None:
    keys = [f"customers/{state}/{number:02}.jsonl" for number in range(11)]
    arrive(flow, *keys)
    monkeypatch.setattr(flow, "machine", flow.machine)
    breaking(flow, state, when)
    execution = flow.start(start="arrival")
    assert flow.ended(execution).status == "SUCCEEDED"
    assert "Had anything arrived?" in flow.way(execution)
    assert [run["read"] for run in flow.runs() if run["dataset"] == "customers"] == [keys]
    assert flow.waiting() == 1


def test_a_look_that_reaches_no_queue_fails_and_leaves_it_as_it_was(
    flow: Flowing, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(flow, "customers/later.jsonl")
    with monkeypatch.context() as patched:
        patched.setattr(flow, "machine", flow.machine)
        breaking(flow, "Receive", "true")
        failed = flow.look()
    assert (failed.status, failed.error) == ("FAILED", "LookFailed")
    assert (flow.runs(), flow.waiting()) == ([], 1)
    assert flow.look().status == "SUCCEEDED"
    assert [run["read"] for run in flow.runs()] == [["customers/later.jsonl"]]


def test_what_no_rule_sent_names_nothing_and_is_dropped(flow: Flowing) -> None:
    flow.emulator.client("sqs").send_message(QueueUrl=flow.queue, MessageBody='{"datasets": ["salesman"]} {%')
    assert flow.look().status == "SUCCEEDED"
    assert (flow.runs(), flow.waiting()) == ([], 0)


def test_no_object_stays_unread_however_files_and_looks_meet(flow: Flowing) -> None:
    chance = random.Random(8)
    keys = [f"customers/meet/{number}.jsonl" for number in range(12)]
    statuses: list[str] = []
    read: list[str] = []

    def come() -> None:
        for key in keys:
            time.sleep(chance.uniform(0, 0.3))
            flow.put(key)

    def look_while(coming: Future[None]) -> None:
        while not coming.done():
            statuses.append(flow.look().status)

    def all_read() -> bool:
        statuses.append(flow.look().status)
        read.extend(key for run in flow.runs() for key in run["read"])
        return len(read) >= len(keys)

    with ThreadPoolExecutor() as threads:
        coming = threads.submit(come)
        looking = [threads.submit(look_while, coming) for _ in range(2)]
    assert [one.result() for one in (coming, *looking)] == [None] * 3
    until(all_read)
    assert sorted(read) == sorted(keys)
    assert set(statuses) == {"SUCCEEDED"}


@pytest.fixture
def _soon_seen_again(flow: Flowing) -> Iterator[None]:
    """What was received and not deleted can be received again after a second, instead of half a minute."""
    sqs = flow.emulator.client("sqs")
    sqs.set_queue_attributes(QueueUrl=flow.queue, Attributes={"VisibilityTimeout": "1"})
    yield
    sqs.set_queue_attributes(QueueUrl=flow.queue, Attributes={"VisibilityTimeout": "30"})


@pytest.mark.long
@pytest.mark.usefixtures("_soon_seen_again")
def test_what_a_look_leaves_in_the_queue_starts_one_more_run(flow: Flowing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "machine", flow.machine)
    altered(flow, "Empty?", f"> {MOST_BATCHES}", "> 2")
    keys = [f"customers/many/{number:02}.jsonl" for number in range(25)]
    arrive(flow, *keys)
    assert flow.look().status == "SUCCEEDED"
    assert flow.waiting() == 5
    until(lambda: flow.visible() == 5)
    assert [flow.look().status for _ in range(2)] == ["SUCCEEDED"] * 2
    assert [run["read"] for run in flow.runs()] == [keys, []]
    assert flow.waiting() == 0


def test_the_windows_schedule_starts_the_flow_which_runs_what_arrived_and_nothing_else(flow: Flowing) -> None:
    arrive(flow, "customers/window.jsonl")
    client = flow.emulator.client("scheduler")
    declared = client.get_schedule(Name="sluice-local-arrivals-window")
    assert (declared["State"], declared["ScheduleExpression"]) == ("ENABLED", "rate(15 minutes)")
    client.create_schedule(
        Name="now",
        ScheduleExpression="at(2020-01-01T00:00:00)",
        FlexibleTimeWindow=declared["FlexibleTimeWindow"],
        Target=declared["Target"],
    )
    until(lambda: [run["read"] for run in flow.runs()] == [["customers/window.jsonl"]])
