"""The command `backtest`: its exit codes, its forms, and what cannot be compared."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from etl.contract.model import contract_of
from sluice.contracts.__main__ import main
from sluice.contracts.backtest.row_outcomes import Terms
from sluice.contracts.backtest.rows import BROKE, Judged, broke
from sluice.contracts.backtest.run_rules import failing
from sluice.contracts.suite_files import WrongUse
from tests.lake.examples import suite_of
from tests.lake.mutations import QUANTITY, Suite, kwargs, meta
from tests.spark.contracts.backtest_bench import Bench, csv, sale
from tests.spark.lake import HEADER
from tests.unit.contracts.changed import both


@pytest.fixture
def bench(spark: Any, tmp_path: Path) -> Bench:
    return Bench(spark, tmp_path)


def test_a_contract_that_the_transform_does_not_fit_is_wrong_use(bench: Bench) -> None:
    def renamed(suite: Suite) -> None:
        suite["meta"]["columns"][3]["name"] = "units"
        for one in suite["expectations"]:
            if one["kwargs"].get("column") == "quantity":
                one["kwargs"]["column"] = "units"

    after = bench.pair("output", renamed, renamed)
    with pytest.raises(WrongUse, match=r"the working tree's transform and sales\.output .* do not fit: "):
        bench.report(None, after, bench.files(one__csv=csv(sale(1), header=HEADER.replace("quantity", "units"))))


@pytest.fixture
def command(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The bench's suites as the working tree's, held against the shipped ones as the published ones."""

    @contextmanager
    def shared() -> Iterator[Any]:
        yield bench.spark

    monkeypatch.chdir(bench.folder)
    bench.pair("output")
    shipped = {f"expectations/sales/{stage}.json": Path(f"{stage}.json").read_text() for stage in ("input", "output")}
    monkeypatch.setattr("sluice.contracts.prove.session.session", shared)
    monkeypatch.setattr("sluice.contracts.backtest.command.COMPILED", {})  # half a minute for a handful of rows
    monkeypatch.setattr("sluice.contracts.backtest.contract_pair.at", lambda commit: shipped)
    monkeypatch.setattr("sluice.contracts.backtest.command.base", lambda: "0123456789abcdef")
    return bench


@pytest.mark.long
def test_the_command_ends_with_1_where_more_is_refused_and_with_0_where_not(
    command: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = command.files(one__csv=csv(sale(1, 600), sale(2)))
    command.pair("output", both(kwargs(QUANTITY, max_value=500), meta(version="9.0.0")))
    assert main(["backtest", "output.json", file.name, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["suite"], told["base"], told["day"], told["rows"]) == (
        "output.json",
        "0123456789",
        "transaction_date",
        2,
    )
    assert (told["published"]["rows_refused"], told["changed"]["rows_refused"]) == (0, 1)
    assert told["days_newly_refused"] == ["2025-01-15"]
    command.pair("output", kwargs(QUANTITY, max_value=600))
    assert main(["backtest", "output.json", file.name, "--day", "region"]) == 0
    told = capsys.readouterr().out
    assert "on 2 rows in 1 file and 1 day (region)" in told
    assert "refuses nothing more than the published contract" in told


EARLY = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "transaction_date", "min_value": "0500-06-01"},
    "meta": {"rule": "sales.day", "why": "No sale is older."},
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
    frame = bench.spark.sql(row).withColumn(BROKE, broke({}))
    found = failing(Judged(Terms(contract), frame, {}, 0), F.lit(True), {})
    assert (found.broken, list(found.errors)) == (frozenset(), ["trips.clock"])
    assert "rand" in found.errors["trips.clock"]
    monkeypatch.setattr(
        "sluice.contracts.backtest.contract_pair._strictly", lambda path: contract_of(json.loads(path.read_text()))
    )
    after = bench.pair("output", lambda suite: suite["expectations"].append(EARLY))
    with pytest.raises(WrongUse, match=r"rules that the engine cannot judge.*In error: sales\.day \("):
        bench.report(None, after, bench.files(one__csv=csv(sale(1))))
