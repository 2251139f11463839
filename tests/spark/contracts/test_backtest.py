"""The command `backtest`: its exit codes, its forms, and what cannot be compared."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from etl.contract.loading import contract_of
from sluice.cli.app import main
from sluice.cli.errors import WrongUse
from sluice.contracts.backtest.row_outcomes import ContractRules
from sluice.contracts.backtest.rows import BROKE, JudgedRows, broken_array
from sluice.contracts.backtest.run_rules import find_failing_rules
from tests.lake.examples import suite_of
from tests.lake.mutations import QUANTITY, Suite, change_kwargs, change_meta
from tests.spark.contracts.backtest_bench import Bench, csv_text, sale_row
from tests.spark.lake import HEADER
from tests.unit.contracts.changed import apply_all


@pytest.fixture
def bench(spark: Any, tmp_path: Path) -> Bench:
    return Bench(spark, tmp_path)


def test_a_contract_that_the_transform_does_not_fit_is_wrong_use(bench: Bench) -> None:
    def rename_quantity(suite: Suite) -> None:
        suite["meta"]["columns"][3]["name"] = "units"
        for expectation in suite["expectations"]:
            if expectation["kwargs"].get("column") == "quantity":
                expectation["kwargs"]["column"] = "units"

    after = bench.write_pair("output", rename_quantity, rename_quantity)
    with pytest.raises(WrongUse, match=r"the working tree's transform and trades\.output .* do not fit: "):
        bench.backtest_report(
            None, after, bench.write_files(one__csv=csv_text(sale_row(1), header=HEADER.replace("quantity", "units")))
        )


@pytest.fixture
def command(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The bench's suites as the working tree's, held against the shipped ones as the published ones."""

    @contextmanager
    def shared_session() -> Iterator[Any]:
        yield bench.spark

    monkeypatch.chdir(bench.folder)
    bench.write_pair("output")
    shipped = {f"expectations/trades/{stage}.json": Path(f"{stage}.json").read_text() for stage in ("input", "output")}
    monkeypatch.setattr("sluice.contracts.prove.session.spark_session", shared_session)
    monkeypatch.setattr("sluice.contracts.backtest.command.COMPILED", {})  # half a minute for a handful of rows
    monkeypatch.setattr("sluice.contracts.backtest.contract_pair.suites_at", lambda commit: shipped)
    monkeypatch.setattr("sluice.contracts.backtest.command.base_commit", lambda: "0123456789abcdef")
    return bench


@pytest.mark.long
def test_the_command_ends_with_1_where_more_is_refused_and_with_0_where_not(
    command: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = command.write_files(one__csv=csv_text(sale_row(1, 600), sale_row(2)))
    command.write_pair("output", apply_all(change_kwargs(QUANTITY, max_value=500), change_meta(version="9.0.0")))
    assert main(["backtest", "output.json", file.name, "--json"]) == 1
    stdout = json.loads(capsys.readouterr().out)
    assert (stdout["suite"], stdout["base"], stdout["day"], stdout["rows"]) == (
        "output.json",
        "0123456789",
        "transaction_date",
        2,
    )
    assert (stdout["published"]["rows_refused"], stdout["changed"]["rows_refused"]) == (0, 1)
    assert stdout["days_newly_refused"] == ["2025-01-15"]
    command.write_pair("output", change_kwargs(QUANTITY, max_value=600))
    assert main(["backtest", "output.json", file.name, "--day", "region"]) == 0
    stdout = capsys.readouterr().out
    assert "on 2 rows in 1 file and 1 day (region)" in stdout
    assert "refuses nothing more than the published contract" in stdout


EARLY = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "transaction_date", "min_value": "0500-06-01"},
    "meta": {"rule": "trades.day", "why": "No sale is older."},
}
CLOCK = {
    "type": "unexpected_rows_expectation",
    "kwargs": {"unexpected_rows_query": "SELECT * FROM {batch} WHERE quantity > rand() * 9000"},
    "meta": {"rule": "trips.clock", "why": "A query that may not run."},
}


def test_a_rule_that_the_engine_cannot_judge_is_told_as_such_and_not_as_broken(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = contract_of(suite_of(CLOCK))
    row = "SELECT 'Bern' city, 1 stops, 2 seats, 1.0BD fare, DATE '2025-01-01' day, true paid, true _sound"
    frame = bench.spark.sql(row).withColumn(BROKE, broken_array({}))
    judgement = find_failing_rules(JudgedRows(ContractRules(contract), frame, {}, 0), F.lit(True), {})
    assert (judgement.broken, list(judgement.errors)) == (frozenset(), ["trips.clock"])
    assert "rand" in judgement.errors["trips.clock"]
    monkeypatch.setattr(
        "sluice.contracts.backtest.contract_pair._load_strictly", lambda path: contract_of(json.loads(path.read_text()))
    )
    after = bench.write_pair("output", lambda suite: suite["expectations"].append(EARLY))
    with pytest.raises(WrongUse, match=r"rules that the engine cannot judge.*In error: trades\.day \("):
        bench.backtest_report(None, after, bench.write_files(one__csv=csv_text(sale_row(1))))
