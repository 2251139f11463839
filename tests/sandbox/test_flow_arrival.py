"""Files that arrive start the flow: however many come, and whenever, each is read, and by as few runs as can be."""

import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from components.orchestration.arrival_states import MAX_BATCHES
from sluice.program.bill import flow as bill_flow
from tests.sandbox.flowing import MOST_SECONDS_AROUND_THE_JOBS, FlowHarness
from tests.sandbox.waiting import wait_until

WORD = json.dumps({"datasets": ["trades", "trades_daily"]})


@pytest.fixture(autouse=True)
def _from_nothing(flow: FlowHarness) -> Iterator[None]:
    flow.emulator.client("sqs").purge_queue(QueueUrl=flow.queue_url)
    flow.new_runs()
    yield
    flow.tell_job("trades")


def put_and_wait(flow: FlowHarness, *keys: str) -> None:
    """Put objects and wait for their events."""
    before = flow.waiting_messages()
    flow.put_objects(*keys)
    wait_until(lambda: flow.waiting_messages() == before + len(keys))


def test_nothing_arrived_and_nothing_runs(flow: FlowHarness) -> None:
    execution = flow.start_flow(start="arrival")
    assert flow.wait_for_end(execution).status == "SUCCEEDED"
    assert flow.entered_states(execution)[-1] == "Nothing arrived"
    assert len(flow.entered_states(execution)) == bill_flow.STATES_PER_LOOK
    assert flow.new_runs() == []


def test_a_hundred_files_start_one_run_with_at_most_five_seconds_around_its_jobs(flow: FlowHarness) -> None:
    put_and_wait(flow, *(f"goods/hundred/{number:03}.parquet" for number in range(100)))
    ran = flow.run_arrival_check()
    runs = {run["dataset"]: run for run in flow.new_runs()}
    assert (ran.status, list(runs), len(runs["goods"]["read"])) == ("SUCCEEDED", ["goods", "trades_daily"], 100)
    assert 0 < flow.seconds_around_jobs(ran, runs, ["goods"], ["trades_daily"]) <= MOST_SECONDS_AROUND_THE_JOBS


def test_a_thousand_events_at_once_start_one_run_that_reads_every_file(flow: FlowHarness) -> None:
    keys = [f"trades/thousand/{number:03}.csv" for number in range(100)]
    put_and_wait(flow, *keys)
    sqs = flow.emulator.client("sqs")
    for _ in range(90):  # each of the hundred's events ten times over: EventBridge delivers at least once
        sqs.send_message_batch(
            QueueUrl=flow.queue_url, Entries=[{"Id": str(i), "MessageBody": WORD} for i in range(10)]
        )
    assert flow.waiting_messages() == 1000
    execution = flow.start_flow(start="arrival")
    assert flow.wait_for_end(execution).status == "SUCCEEDED"
    steps = Counter(flow.entered_states(execution))
    assert [steps[state] for state in ("Receive", "Empty?", "Delete")] == [101, 101, 100]
    trades, gold = flow.new_runs()
    assert (trades["dataset"], trades["read"], gold["dataset"]) == ("trades", keys, "trades_daily")
    assert flow.waiting_messages() == 0
    assert flow.run_arrival_check().status == "SUCCEEDED"
    assert flow.new_runs() == []


def test_a_burst_during_a_run_starts_one_more_after_it(flow: FlowHarness) -> None:
    put_and_wait(flow, "trades/first.csv")
    flow.tell_job("trades", hold=True)
    first = flow.start_flow(start="arrival")
    wait_until(lambda: flow.are_holding("trades"))
    burst = [f"trades/burst/{number}.csv" for number in range(20)]
    put_and_wait(flow, *burst)
    meanwhile = flow.start_flow(start="arrival")
    assert flow.wait_for_end(meanwhile).status == "SUCCEEDED"
    assert flow.entered_states(meanwhile)[-1] == "A run is under way"
    assert flow.waiting_messages() == len(burst)
    flow.tell_job("trades")
    assert flow.wait_for_end(first).status == "SUCCEEDED"
    assert [flow.run_arrival_check().status for _ in range(2)] == ["SUCCEEDED"] * 2
    keys_read = [run["read"] for run in flow.new_runs() if run["dataset"] == "trades"]
    assert keys_read == [["trades/first.csv"], sorted(burst)]


def test_an_event_for_an_object_that_is_gone_starts_a_run_that_finds_nothing(flow: FlowHarness) -> None:
    put_and_wait(flow, "goods/gone.parquet")
    flow.emulator.client("s3").delete_object(Bucket=flow.outputs["raw"], Key="goods/gone.parquet")
    assert flow.run_arrival_check().status == "SUCCEEDED"
    goods, *_ = flow.new_runs()
    assert (goods["dataset"], goods["read"]) == ("goods", [])
    assert flow.waiting_messages() == 0


def alter_state(flow: FlowHarness, state: str, old: str, new: str) -> None:
    """Let the flow be one that has another text in one of its states."""
    client = flow.emulator.client("stepfunctions")
    deployed = client.describe_state_machine(stateMachineArn=flow.machine)
    definition = json.loads(deployed["definition"])
    text = json.dumps(definition["States"][state])
    assert old in text
    definition["States"][state] = json.loads(text.replace(old, new))
    name = f"altered-{uuid.uuid4()}"
    created = client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=deployed["roleArn"])
    flow.machine = created["stateMachineArn"]


def break_queue(flow: FlowHarness, state: str, when: str) -> None:
    """Let the flow be one whose state reaches no queue where this holds, in JSONata."""
    alter_state(flow, state, flow.queue_url, f"{{% '{flow.queue_url}' & ({when} ? '-gone' : '') %}}")


@pytest.mark.parametrize(("state", "when"), [("Receive", "$batches = 1"), ("Delete", "$batches = 2")])
def test_a_look_that_breaks_off_halfway_runs_what_it_has_taken_from_the_queue(
    flow: FlowHarness, monkeypatch: pytest.MonkeyPatch, state: str, when: str
) -> None:
    keys = [f"buyers/{state}/{number:02}.jsonl" for number in range(11)]
    put_and_wait(flow, *keys)
    monkeypatch.setattr(flow, "machine", flow.machine)
    break_queue(flow, state, when)
    execution = flow.start_flow(start="arrival")
    assert flow.wait_for_end(execution).status == "SUCCEEDED"
    assert "Had anything arrived?" in flow.entered_states(execution)
    assert [run["read"] for run in flow.new_runs() if run["dataset"] == "buyers"] == [keys]
    assert flow.waiting_messages() == 1


def test_a_look_that_reaches_no_queue_fails_and_leaves_it_as_it_was(
    flow: FlowHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_and_wait(flow, "buyers/later.jsonl")
    with monkeypatch.context() as patched:
        patched.setattr(flow, "machine", flow.machine)
        break_queue(flow, "Receive", "true")
        failed = flow.run_arrival_check()
    assert (failed.status, failed.error) == ("FAILED", "LookFailed")
    assert (flow.new_runs(), flow.waiting_messages()) == ([], 1)
    assert flow.run_arrival_check().status == "SUCCEEDED"
    assert [run["read"] for run in flow.new_runs()] == [["buyers/later.jsonl"]]


def test_what_no_rule_sent_names_nothing_and_is_dropped(flow: FlowHarness) -> None:
    flow.emulator.client("sqs").send_message(QueueUrl=flow.queue_url, MessageBody='{"datasets": ["salesman"]} {%')
    assert flow.run_arrival_check().status == "SUCCEEDED"
    assert (flow.new_runs(), flow.waiting_messages()) == ([], 0)


def test_no_object_stays_unread_however_files_and_looks_meet(flow: FlowHarness) -> None:
    chance = random.Random(8)
    keys = [f"buyers/meet/{number}.jsonl" for number in range(12)]
    statuses: list[str] = []
    keys_read: list[str] = []

    def put_all_keys() -> None:
        for key in keys:
            time.sleep(chance.uniform(0, 0.3))
            flow.put_objects(key)

    def look_while(coming: Future[None]) -> None:
        while not coming.done():
            statuses.append(flow.run_arrival_check().status)

    def all_read() -> bool:
        statuses.append(flow.run_arrival_check().status)
        keys_read.extend(key for run in flow.new_runs() for key in run["read"])
        return len(keys_read) >= len(keys)

    with ThreadPoolExecutor() as threads:
        coming = threads.submit(put_all_keys)
        looking = [threads.submit(look_while, coming) for _ in range(2)]
    assert [future.result() for future in (coming, *looking)] == [None] * 3
    wait_until(all_read)
    assert sorted(keys_read) == sorted(keys)
    assert set(statuses) == {"SUCCEEDED"}


@pytest.fixture
def _soon_seen_again(flow: FlowHarness) -> Iterator[None]:
    """What was received and not deleted can be received again after a second, instead of half a minute."""
    sqs = flow.emulator.client("sqs")
    sqs.set_queue_attributes(QueueUrl=flow.queue_url, Attributes={"VisibilityTimeout": "1"})
    yield
    sqs.set_queue_attributes(QueueUrl=flow.queue_url, Attributes={"VisibilityTimeout": "30"})


@pytest.mark.long
@pytest.mark.usefixtures("_soon_seen_again")
def test_what_a_look_leaves_in_the_queue_starts_one_more_run(
    flow: FlowHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "machine", flow.machine)
    alter_state(flow, "Empty?", f"> {MAX_BATCHES}", "> 2")
    keys = [f"buyers/many/{number:02}.jsonl" for number in range(25)]
    put_and_wait(flow, *keys)
    assert flow.run_arrival_check().status == "SUCCEEDED"
    assert flow.waiting_messages() == 5
    wait_until(lambda: flow.visible_messages() == 5)
    assert [flow.run_arrival_check().status for _ in range(2)] == ["SUCCEEDED"] * 2
    assert [run["read"] for run in flow.new_runs()] == [keys, []]
    assert flow.waiting_messages() == 0


def test_the_windows_schedule_starts_the_flow_which_runs_what_arrived_and_nothing_else(flow: FlowHarness) -> None:
    put_and_wait(flow, "buyers/window.jsonl")
    client = flow.emulator.client("scheduler")
    declared = client.get_schedule(Name="sluice-local-arrivals-window")
    assert (declared["State"], declared["ScheduleExpression"]) == ("ENABLED", "rate(15 minutes)")
    client.create_schedule(
        Name="now",
        ScheduleExpression="at(2020-01-01T00:00:00)",
        FlexibleTimeWindow=declared["FlexibleTimeWindow"],
        Target=declared["Target"],
    )
    wait_until(lambda: [run["read"] for run in flow.new_runs()] == [["buyers/window.jsonl"]])
