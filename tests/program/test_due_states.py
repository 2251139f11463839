"""The look for what is due: what has not come is told once, what could not be listed is told as that."""

import json
from typing import Any

import pytest

from components.names import Names
from components.orchestration.due_groups import DueDataset, due_groups, due_times
from components.orchestration.due_listing import EVENTS, FIRST_PAGE, LARGEST_PAGE, most_pages
from components.orchestration.due_states import due_definition
from etl.contract.arrivals import DueArrival
from sluice.program.flow_structure import machine_faults
from sluice.program.graph import ACCOUNT
from tests.program.machine_runs import make_teller, run_error, run_scope
from tests.program.raw_objects import LIST, RawAccount

HERE = Names("sluice", "dev", "eu-west-1", ACCOUNT)
SATURDAY, SUNDAY, MONDAY = "2026-11-28", "2026-11-29", "2026-11-30"
STORE = DueArrival(pattern="trades/*-store17.csv", by="05:30", days="MON-SAT")
KEY = "trades/x-store17.csv"


def make_due(*arrivals: DueArrival, dataset: str = "trades", **more: Any) -> DueDataset:
    return DueDataset(dataset, "ann", arrivals or (STORE,), **more)


def look(raw: dict[str, str], *datasets: DueDataset, day: str = MONDAY, time: str = "05:30", **more: Any) -> RawAccount:
    """Run the machine as the schedule starts it."""
    account = more.pop("account", None) or RawAccount(raw=raw, **more)
    machine = due_definition(make_teller(HERE, "due"), "raw-bucket", datasets or (make_due(),))
    assert machine_faults(machine) == []
    run_scope(machine, {"due": time, "scheduled": f"{day}T{time}:00Z"}, account)
    return account


def told_texts(account: RawAccount) -> list[str]:
    """The first line of each message."""
    return [text.splitlines()[0] for text in account.texts()]


def moment(time: str, day: str = MONDAY) -> str:
    return f"{day}T{time}Z"


def test_what_has_not_come_is_told_in_one_message_with_how_much_came_when() -> None:
    goods = DueArrival(pattern="in/**/*.csv", by="05:30", count=3, since="20:00", manifest="in/*.manifest.json")
    account = look({"trades/in/a/1.csv": moment("01:00:00")}, make_due(STORE, goods))
    [message] = account.published
    lines = account.texts()[0].splitlines()
    assert lines[0] == "sluice-dev: trades: 3 arrivals due by 05:30 UTC on 2026-11-30 have not come"
    assert lines[2:7] == [
        "trades/*-store17.csv: 0 of 1 came between 00:00 and 05:30 UTC",
        "in/**/*.csv: 1 of 3 came between 20:00 of the day before and 05:30 UTC",
        "Manifest in/*.manifest.json: 0 of 1 came between 20:00 of the day before and 05:30 UTC",
        "Readers see what was published before.",
        "Owner: ann.",
    ]
    assert message["TopicArn"] == "topic-warning"
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == {
        "dataset": "trades",
        "owner": "ann",
        "severity": "warning",
        "kind": "not_arrived",
    }
    chat = json.loads(account.texts("https")[0])["content"]
    assert "trades/∗-store17.csv: 0 of 1 came" in chat["description"]
    kept = account.objects["messages/trades/due-0530-2026-11-30.json"]
    assert (kept["told_by"], kept["send"], kept["topics"]) == ("due", True, ["topic-warning"])


def test_what_came_in_time_is_not_told_and_nothing_is_started() -> None:
    account = look({KEY: moment("05:29:59")})
    assert account.published == []
    assert account.calls == []  # a listing is noted apart
    assert len(account.pages) == 1
    assert account.objects == {}


@pytest.mark.parametrize(
    ("put", "is_told"),
    [
        (moment("05:30:00"), False),  # S3 tells whole seconds
        (moment("05:30:01"), True),
        (moment("00:00:00"), False),
        (moment("23:59:59", SUNDAY), True),
        ("2026-11-30T05:30:00.000Z", False),
        ("2026-11-30T00:00:00+00:00", False),
    ],
)
def test_the_window_is_from_its_begin_to_the_time_both_within(put: str, is_told: bool) -> None:
    assert bool(look({KEY: put}).published) is is_told


def test_what_came_too_late_is_counted_apart() -> None:
    account = look({KEY: moment("05:31:00")})
    assert "0 of 1 came between 00:00 and 05:30 UTC, 1 later" in account.texts()[0]


def test_of_two_one_that_is_there_is_said() -> None:
    two = DueArrival(pattern="*.csv", by="05:30", count=2)
    assert "*.csv: 1 of 2 came" in look({"trades/a.csv": moment("05:00:00")}, make_due(two)).texts()[0]
    both = {"trades/a.csv": moment("05:00:00"), "trades/in/b.csv": moment("05:00:00")}
    assert look(both, make_due(two)).published == []


def test_on_a_day_on_which_nothing_is_due_nothing_is_listed() -> None:
    account = look({}, day=SUNDAY)
    assert (account.pages, account.published) == ([], [])
    assert look({}, day=SATURDAY).published


def test_it_is_told_once_a_day_however_often_somebody_looks() -> None:
    account = look({})
    look({}, account=account)
    assert len(account.published) == 1
    look({}, account=account, day="2026-12-01")
    assert len(account.published) == 2


def test_started_by_hand_it_looks_at_the_last_day_whose_time_is_over() -> None:
    machine = due_definition(make_teller(HERE, "due"), "raw-bucket", [make_due(DueArrival(pattern="*", by="05:30"))])
    for payload, day in [
        ({"due": "05:30", "scheduled": "2026-11-30T05:29:00Z"}, SUNDAY),
        ({"due": "05:30", "scheduled": "2026-11-30T23:00:00Z"}, MONDAY),
    ]:
        account = RawAccount()
        run_scope(machine, payload, account)
        assert f"UTC on {day}" in told_texts(account)[0]
    account = RawAccount()
    run_scope(machine, {"due": "05:30", "scheduled": "<aws.scheduler.scheduled-time>"}, account)
    assert told_texts(account)


@pytest.mark.parametrize("payload", [{}, {"due": "06:00"}, {"due": 5}, []])
def test_another_input_is_refused_by_name(payload: Any) -> None:
    machine = due_definition(make_teller(HERE, "due"), "raw-bucket", [make_due()])
    with pytest.raises(type(run_error("", "")), match="WrongInput"):
        run_scope(machine, payload, RawAccount())


def test_a_listing_that_is_refused_is_told_and_taken_for_neither() -> None:
    account = RawAccount(raw={KEY: moment("05:00:00")}, answers={LIST: run_error("S3.S3Exception", "Access Denied")})
    look({}, account=account)
    lines = account.texts()[0].splitlines()
    assert lines[0] == "sluice-dev: trades: 1 arrival due by 05:30 UTC on 2026-11-30 could not be looked for"
    assert lines[2] == "S3.S3Exception: Access Denied"
    assert lines[4] == "trades/*-store17.csv: nobody knows whether it came: raw could not be listed to the end"
    assert "have not come" not in account.texts()[0]


def test_a_listing_that_is_slowed_down_is_tried_again() -> None:
    account = RawAccount(answers={LIST: run_error("S3.S3Exception", "Please reduce your request rate.")})
    look({}, account=account)
    assert account.calls.count(LIST) == 3
    account = RawAccount(answers={LIST: run_error("S3.NoSuchBucketException", "")})
    look({}, account=account)
    assert account.calls.count(LIST) == 1


def test_three_thousand_objects_are_listed_in_pages_that_fit() -> None:
    raw = {f"trades/{number:05}.csv": moment("04:00:00", SATURDAY) for number in range(3000)}
    account = look(raw | {"trades/z-store17.csv": moment("05:00:00")})
    assert account.published == []
    sizes = [page["MaxKeys"] for page in account.pages]
    assert sizes[0] == FIRST_PAGE
    assert all(FIRST_PAGE < size <= LARGEST_PAGE for size in sizes[1:])
    assert len(sizes) <= 10
    assert look(raw).published


def test_a_listing_ends_where_all_has_come() -> None:
    raw = {f"trades/{number:05}-store17.csv": moment("04:00:00") for number in range(3000)}
    assert len(look(raw).pages) == 1


def test_what_is_beyond_an_executions_events_is_told_as_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.orchestration.due_states.most_pages", lambda *_: 2)
    raw = {f"trades/{number:05}.csv": moment("04:00:00") for number in range(3000)}
    account = look(raw | {"trades/z-store17.csv": moment("05:00:00")})
    assert told_texts(account)[0].endswith("could not be looked for")
    assert len(account.pages) == 2


def test_the_stores_of_a_dataset_share_one_listing() -> None:
    stores = [DueArrival(pattern=f"*-store{number}.csv", by="05:30") for number in range(40)]
    raw = {f"trades/x-store{number}.csv": moment("05:00:00") for number in range(38)}
    account = look(raw, make_due(*stores))
    assert len(account.pages) == 1
    assert told_texts(account) == ["sluice-dev: trades: 2 arrivals due by 05:30 UTC on 2026-11-30 have not come"]
    lines = account.texts()[0].splitlines()
    assert [line.partition(":")[0] for line in lines[2:4]] == ["*-store38.csv", "*-store39.csv"]


def test_a_message_names_so_many_that_it_fits() -> None:
    account = look({}, make_due(*[DueArrival(pattern=f"{number}{'x' * 900}*", by="05:30") for number in range(90)]))
    [publication] = account.published
    lines = account.texts()[0].splitlines()
    assert lines[0].startswith("sluice-dev: trades: 90 arrivals due by 05:30 UTC")
    assert sum("0 of 1 came" in line for line in lines) == 40
    assert "Of each the first 40 are named." in lines
    assert len(json.dumps(publication).encode()) < 262_144


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("a b (1).csv", "a b (?).csv"),
        ("ärger-[1].csv", "ärger-[[]1].csv"),
        ("ä'\"$&+.csv", "ä'\"$&+.csv"),
        ("日本.csv", "日*"),
    ],
)
def test_names_may_hold_anything(name: str, pattern: str) -> None:
    due = make_due(DueArrival(pattern=pattern, by="05:30"))
    assert look({f"trades/{name}": moment("05:00:00")}, due).published == []
    account = look({"trades/other": moment("05:00:00")}, due)
    assert account.texts()[0].splitlines()[2].startswith(f"{pattern}: 0 of 1")


def test_only_data_counts_and_a_manifest_need_be_none() -> None:
    any_file = DueArrival(pattern="*", by="05:30", manifest="_SUCCESS")
    due = make_due(any_file, files="*.csv", manifests=("_SUCCESS", "*.list.csv"))
    not_data = {
        "trades/x.txt": moment("05:00:00"),
        "trades/_a/x.csv": moment("05:00:00"),
        "trades/in/": moment("05:00:00"),
        "trades/a.list.csv": moment("05:00:00"),
    }
    account = look(not_data | {"trades/_SUCCESS": moment("05:00:00")}, due, empty={"trades/in/"})
    assert [line for line in account.texts()[0].splitlines() if "came between" in line] == [
        "*: 0 of 1 came between 00:00 and 05:30 UTC"
    ]


def test_datasets_of_one_time_are_looked_for_together_and_told_apart() -> None:
    other = make_due(
        DueArrival(pattern="*.csv", by="05:30"), dataset="goods", mute={"until": "2999-01-01", "why": "moves"}
    )
    later = make_due(DueArrival(pattern="*.csv", by="12:00"), dataset="buyers")
    datasets = (make_due(), other, later)
    account = look({}, *datasets)
    assert told_texts(account) == ["sluice-dev: trades: 1 arrival due by 05:30 UTC on 2026-11-30 has not come"]
    assert account.objects["messages/goods/due-0530-2026-11-30.json"]["why_not"].startswith("muted until 2999-01-01")
    assert told_texts(look({}, *datasets, time="12:00"))[0].startswith("sluice-dev: buyers: 1 arrival due by 12:00")
    assert due_times(datasets) == ["05:30", "12:00"]


def test_a_dataset_that_rests_is_looked_for_only_where_all_rest() -> None:
    resting = make_due(active=False)
    assert told_texts(look({}, resting, make_due(dataset="goods"))) == [
        "sluice-dev: goods: 1 arrival due by 05:30 UTC on 2026-11-30 has not come"
    ]
    assert len(told_texts(look({}, resting))) == 1


def test_a_prefix_below_another_is_listed_with_it() -> None:
    arrivals = [DueArrival(pattern=pattern, by="05:30") for pattern in ("in/a/*.csv", "in/*.csv", "out/x*", "out/y*")]
    groups = due_groups("05:30", [make_due(*arrivals)])
    assert [(group.prefix, len(group.checks)) for group in groups] == [
        ("trades/in/", 2),
        ("trades/out/x", 1),
        ("trades/out/y", 1),
    ]


@pytest.mark.parametrize("number", [1, 90, 200])
def test_an_execution_keeps_within_its_events(number: int) -> None:
    groups = [group for index in range(number) for group in due_groups("05:30", [make_due(dataset=f"d{index}")])]
    listing, telling = 14 * number + 7 * most_pages(groups, topics=2) * number, 56 * number
    assert listing + telling <= EVENTS < 25_000


@pytest.mark.parametrize("call", ["sns:publish", "aws-sdk:s3:putObject"])
def test_what_is_not_told_or_kept_fails_the_execution(call: str) -> None:
    with pytest.raises(type(run_error("", "")), match="NotTold"):
        look({}, refused={call})


def test_a_machine_of_many_datasets_fits() -> None:
    datasets = [
        make_due(*[DueArrival(pattern=f"*-s{n}.csv", by="05:30") for n in range(10)], dataset=f"d{i}")
        for i in range(100)
    ]
    assert len(json.dumps(due_definition(make_teller(HERE, "due"), "raw", datasets))) < 900_000
