"""`sluice try`: exit codes, and the report as one JSON object."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.settings.lake_folder import VARIABLE
from tests.lake import DAYS, LAKE
from tests.sandbox.commands import run_here, run_sandbox
from tests.sandbox.conftest import TriedDay

HEADER, *TRADES = (DAYS / "good.csv").read_text().splitlines()


def test_a_published_day_exits_0_and_its_report_is_all_of_stdout(tried: TriedDay) -> None:
    assert tried.code == 0, tried.run.message
    report = json.loads(tried.out)
    assert report["state"] == "SUCCEEDED"
    assert (report["rows_read"], report["rows_published"], report["rows_quarantined"]) == (5, 5, 0)
    assert report["violations"] == []
    assert report["alarm"] == "OK"
    assert report["snapshot_before"] is None
    assert report["snapshot_after"]
    assert report["seconds"] > 1


def test_files_of_the_same_name_in_different_folders_are_both_read(tried: TriedDay) -> None:
    sample = json.loads(tried.out)["sample"]
    assert [row["transaction_id"] for row in sample] == [sale.split(",")[0] for sale in TRADES]


def test_the_sample_holds_the_contracts_columns_numbers_and_dates_as_text(tried: TriedDay) -> None:
    first = json.loads(tried.out)["sample"][0]
    assert first == {
        "transaction_id": "TXN001",
        "customer_id": "CUST100",
        "product_id": "PROD001",
        "quantity": "2",
        "unit_price": "29.99",
        "transaction_date": "2025-01-15",
        "region": "US-EAST",
        "total_amount": "59.98",
    }


@pytest.mark.long
def test_a_broken_contract_exits_1_with_the_rule_named_and_the_alarm_rung(tmp_path: Path) -> None:
    day = tmp_path / "day.csv"
    day.write_text(HEADER.replace("quantity", "amount") + "\n" + TRADES[0] + "\n")
    (tmp_path / "_trades.csv").write_text("never read")
    completed = run_sandbox("try", "trades", day, tmp_path / "_trades.csv", "--json")
    assert completed.code == 1, completed.err
    report = json.loads(completed.out.splitlines()[-1])
    assert report["state"] == "FAILED"
    assert report["alarm"] == "ALARM"
    assert (report["rows_published"], report["sample"]) == (0, [])
    assert report["snapshot_before"] == report["snapshot_after"]
    assert (report["passed_over"], report["objects_passed_over"]) == (["trades/_trades.csv"], 1)
    [broken] = report["violations"]
    assert broken["rule"] == "trades.structure.header"
    assert (broken["stage"], broken["severity"]) == ("structure", "critical")
    assert {"unexpected", "samples"} <= broken.keys()


@pytest.mark.long
def test_a_day_arrives_in_the_folders_that_columns_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(LAKE, tmp_path / "lake")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "lake"))
    place = tmp_path / "lake/expectations/trades/input.json"
    suite = json.loads(place.read_text())
    for column in suite["meta"]["columns"]:
        if column["name"] == "region":
            column["source"] = {"folder": "region"}
    place.write_text(json.dumps(suite))
    day = tmp_path / "files/region=US-WEST/day.csv"
    day.parent.mkdir(parents=True)
    day.write_text("".join(f"{line.rpartition(',')[0]}\n" for line in (HEADER, *TRADES)))
    completed = run_sandbox("try", "trades", day, "--json", "--run-date", "2025-01-17")
    assert completed.code == 0, completed.err
    report = json.loads(completed.out.splitlines()[-1])
    assert (report["state"], report["rows_published"]) == ("SUCCEEDED", len(TRADES))
    assert {row["region"] for row in report["sample"]} == {"US-WEST"}


@pytest.mark.long
def test_without_json_the_report_reads_as_text(tmp_path: Path) -> None:
    (tmp_path / "day.csv").touch()
    completed = run_sandbox("try", "trades", tmp_path / "day.csv")
    assert completed.code == 1
    assert "the run FAILED" in completed.out
    assert "trades.structure.empty" in completed.out


def test_the_process_ends_with_the_commands_exit_code_and_words() -> None:
    completed = run_sandbox("try", "trades", "nowhere.csv")
    assert (completed.code, completed.out) == (2, "")
    assert "nowhere.csv is no file" in completed.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["trades", "nowhere.csv"], "nowhere.csv is no file"),
        (["trades", "."], ". is no file"),
        (["nobody", "pyproject.toml"], "there is no dataset 'nobody'"),
        (["trades"], "name at least one"),
        (["trades", "pyproject.toml", "--run-date", "17.1.2025"], "yyyy-MM-dd"),
        (["trades", "pyproject.toml", "--run-date", "2025-02-30"], "yyyy-MM-dd"),
    ],
)
def test_wrong_use_exits_2_and_says_what_is_wrong(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    completed = run_here(capsys, "try", *words)
    assert (completed.code, completed.out) == (2, "")
    assert expected in completed.err


@pytest.mark.parametrize(
    "words", [["--help"], ["demo", "--help"], ["try", "--help"], ["arrive", "--help"], ["up", "--help"]]
)
def test_every_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    completed = run_here(capsys, *words)
    assert completed.code == 0
    assert "Usage:\n  sluice" in completed.out


@pytest.mark.long
def test_a_day_with_two_unknown_goods_is_published_but_for_these(tmp_path: Path) -> None:
    goods = pa.table(
        {
            "product_id": ["PROD001", "PROD002"],
            "name": ["a", "b"],
            "category": ["c", "c"],
            "list_price": pa.array(["1.00", "2.00"]).cast(pa.decimal128(10, 2)),
        }
    )
    pq.write_table(goods, tmp_path / "goods.parquet")
    first = ["--with", f"buyers={DAYS / 'buyers.jsonl'}", "--with", f"goods={tmp_path / 'goods.parquet'}"]
    completed = run_sandbox("try", "trades", DAYS / "good.csv", *first, "--json", "--run-date", "2025-01-20")
    assert completed.code == 0, completed.err
    report = json.loads(completed.out.splitlines()[-1])
    assert (report["rows_read"], report["rows_published"], report["rows_quarantined"]) == (5, 3, 2)
    assert {rule["rule"]: sorted(rule["samples"]) for rule in report["violations"]} == {
        "trades.product_id.known": ["PROD003", "PROD004"]
    }


@pytest.mark.long
def test_a_dimension_that_breaks_its_contract_is_what_the_report_is_about(tmp_path: Path) -> None:
    (tmp_path / "buyers.jsonl").write_text('{"customer_id": "CUST1", "nick": "x"}\n')
    first = ["--with", f"buyers={tmp_path / 'buyers.jsonl'}"]
    completed = run_sandbox("try", "trades", DAYS / "good.csv", *first, "--json")
    assert completed.code == 1, completed.err
    report = json.loads(completed.out.splitlines()[-1])
    assert (report["dataset"], report["state"]) == ("buyers", "FAILED")
    assert "buyers.structure.row" in {rule["rule"] for rule in report["violations"]}


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("buyers", "is not of the form DATASET=FILE"),
        ("trades=x.csv", "names the dataset that is tried"),
        ("planets=x.csv", "there is no dataset 'planets'"),
        ("buyers=nowhere.jsonl", "nowhere.jsonl is no file"),
    ],
)
def test_a_dimension_that_cannot_be_published_first_is_wrong_use(
    dimension: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    completed = run_here(capsys, "try", "trades", DAYS / "good.csv", "--with", dimension)
    assert (completed.code, expected in completed.err) == (2, True), completed.err
