"""Lint says of what is due how often it would have been missing; where it can see nothing, it says nothing."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.model import Contract
from sluice.cli.app import main
from sluice.cli.errors import WrongUse
from sluice.contracts.lint.due_arrivals import find_other_prefixes, find_unmet_arrivals
from sluice.contracts.lint.raw_listing import PutObject, folder_listing, stack_listing
from tests.lake import LAKE

NOW = datetime(2026, 11, 29, 17, 0, tzinfo=UTC)  # a Sunday
STORE = {"pattern": "trades/*-store17.csv", "by": "05:30", "days": "MON-SAT"}


def make_contract(*arrivals: dict[str, Any], **meta: Any) -> Contract:
    suite = json.loads((LAKE / "expectations" / "trades" / "input.json").read_text())
    suite["meta"] |= {"arrivals": [*arrivals], **meta}
    return contract_of(suite)


def put(name: str, days_ago: int, clock: str = "05:00") -> PutObject:
    day = NOW.date() - timedelta(days=days_ago)
    return PutObject(datetime.fromisoformat(f"{day}T{clock}:00+00:00"), f"trades/{name}")


def each_day(name: str, clock: str = "05:00", days: int = 30) -> list[PutObject]:
    return sorted(put(name, age, clock) for age in range(days))


def finding_texts(contract: Contract, listed: list[PutObject]) -> list[str]:
    return [f"{finding.found}; {finding.remedy}" for finding in find_unmet_arrivals(contract, sorted(listed), NOW)]


def test_what_is_met_on_each_due_day_is_not_named() -> None:
    assert finding_texts(make_contract(STORE), each_day("x-store17.csv")) == []


def test_where_nothing_was_put_nothing_is_said() -> None:
    assert finding_texts(make_contract(STORE), []) == []
    assert finding_texts(make_contract(STORE), [put("x.csv", 40)]) == []


def test_a_pattern_that_matches_nothing_is_named_with_the_numbers_and_a_key() -> None:
    assert finding_texts(make_contract(STORE), each_day("x-Store17.csv")) == [
        "'trades/*-store17.csv' matches none of 30 objects of the last 30 days: it would have been missing on each of "
        "25 due days; mend the pattern; the latest object is trades/x-Store17.csv"
    ]


def test_a_pattern_that_is_met_on_some_days_is_named_with_these_and_the_times() -> None:
    listed = [entry for entry in each_day("x-store17.csv") if entry.put.day != 28] + [put("x-store17.csv", 1, "06:10")]
    [message] = finding_texts(make_contract(STORE), listed)
    assert message.startswith(
        "'trades/*-store17.csv' would have been missing on 1 of 25 due days of the last 30, the last of them 2026-11-28; "
        "30 objects that match were put at 05:00 to 06:10 UTC; by 05:30 and since 00:00 are UTC"
    )


def test_a_time_that_is_never_met_is_named() -> None:
    [message] = finding_texts(make_contract({**STORE, "by": "04:30"}), each_day("x-store17.csv"))
    assert "would have been missing on 24 of 24 due days" in message


def test_a_new_dataset_is_judged_by_the_days_that_it_has() -> None:
    [message] = finding_texts(make_contract({**STORE, "count": 2}), each_day("x-store17.csv", days=3))
    assert "on 2 of 2 due days" in message  # Friday and Saturday


def test_a_day_whose_time_is_not_over_is_none_yet() -> None:
    late = {**STORE, "by": "18:00", "days": "SUN"}
    assert finding_texts(make_contract(late), [put("x-store17.csv", 7)]) == []


def test_objects_that_are_no_data_meet_nothing_and_a_manifest_may_be_such() -> None:
    arrival = {**STORE, "pattern": "*", "manifest": "_SUCCESS"}
    [message] = finding_texts(make_contract(arrival), each_day("_SUCCESS"))
    assert message.startswith(
        "'*' matches 30 objects of the last 30 days, and none is data: it would have been missing"
    )
    assert finding_texts(make_contract(arrival), each_day("_SUCCESS") + each_day("a.csv")) == []
    [message] = finding_texts(make_contract(arrival, files="*.csv"), each_day("a.csv"))
    assert message.startswith("manifest '_SUCCESS' matches none of 30 objects")


def test_a_manifest_without_a_time_is_named_only_where_nothing_matches_ever() -> None:
    arrival = {"pattern": "*.csv", "manifest": "*.manifest.json"}
    assert finding_texts(make_contract(arrival), [put("a.csv", 9), put("a.manifest.json", 3)]) == []
    [message] = finding_texts(make_contract(arrival), [put("a.csv", 9)])
    assert message.startswith("manifest '*.manifest.json' matches none of 1 object of the last 30 days; mend")


def test_a_night_counts_from_the_evening_before() -> None:
    night = {**STORE, "since": "20:00", "days": "MON-SUN"}
    evenings = each_day("x-store17.csv", "21:00")
    assert finding_texts(make_contract(night), evenings) == []
    assert finding_texts(make_contract({**night, "since": "00:00"}), evenings) != []


def test_a_glob_below_another_datasets_prefix_is_named() -> None:
    contract = make_contract({**STORE, "pattern": "{goods/a,trades/b,c/d,e}*.csv"}, STORE)
    [finding] = find_other_prefixes(contract, ["goods", "trades", "e"])
    assert finding.found.endswith("begins with dataset goods, and what is due of trades lies below trades/")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Contracts with an arrival, beside a folder as raw has it."""
    folder = tmp_path / "expectations" / "trades"
    folder.mkdir(parents=True)
    for stage in ("input", "output"):
        suite = json.loads((LAKE / "expectations" / "trades" / f"{stage}.json").read_text())
        if stage == "input":
            suite["meta"]["arrivals"] = [STORE]
        (folder / f"{stage}.json").write_text(json.dumps(suite, indent=2))
    return tmp_path


def test_the_command_looks_into_a_folder_and_warns_at_the_line(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = lake / "raw" / "trades" / "in" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text("x")
    old = (datetime.now(UTC) - timedelta(days=9)).timestamp()
    os.utime(path, (old, old))
    suite = str(lake / "expectations" / "trades" / "input.json")
    main(["lint", suite, "--raw", str(lake / "raw"), "--json"])
    warnings = [entry for entry in json.loads(capsys.readouterr().out)["warnings"] if entry["kind"] == "due"]
    assert [entry["found"].partition(":")[0] for entry in warnings] == [
        "'trades/*-store17.csv' matches none of 1 object of the last 30 days"
    ]
    assert "store17" in Path(suite).read_text().splitlines()[warnings[0]["line"] - 1]
    main(["lint", suite, "--json"])
    assert "due" not in {entry["kind"] for entry in json.loads(capsys.readouterr().out).get("warnings", [])}


def test_a_folder_without_datasets_and_two_places_are_wrong_use(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WrongUse, match="holds no folder of a dataset"):
        folder_listing(str(lake / "expectations" / "trades"))
    assert main(["lint", "--raw", str(lake), "--stack", "dev"]) == 2
    assert "give one of them" in capsys.readouterr().err


def test_of_a_stack_each_version_counts_and_what_is_built_from_tables_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    times = {("trades/b.csv", "2"): "2026-11-29T05:00:00+00:00", ("trades/b.csv", "1"): "2026-11-28T05:00:00+00:00"}
    files, tables = SimpleNamespace(name="trades", s3=None, raw="r"), SimpleNamespace(name="d", s3=None, raw=None)
    monkeypatch.setattr("etl.runtime.arguments.NO_PREFIX", None)
    monkeypatch.setattr("etl.storage.raw_objects.list_modified_times", lambda *_: times)
    monkeypatch.setattr("sluice.operations.account.Account.from_environment", lambda: None)
    monkeypatch.setattr("sluice.operations.deployed_dataset.some_deployed", lambda *_: [files, tables])
    listed = stack_listing("dev")
    assert [*listed] == ["trades"]
    assert [entry.put.day for entry in listed["trades"]] == [28, 29]
