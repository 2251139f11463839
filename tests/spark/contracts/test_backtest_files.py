"""Raw files through the published and the changed contract: what either would have refused."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import functions as F

from sluice.cli.errors import WrongUse
from sluice.contracts.backtest.outcome import DAY, FILE
from tests.lake.mutations import QUANTITY, REGION, Suite, change_column, change_kwargs, change_meta
from tests.spark.contracts.backtest_bench import DAYS, Bench, csv_text, refused_units, rule_counts, sale_row
from tests.spark.lake import HEADER
from tests.unit.contracts.changed import apply_all, with_rule_added

pytestmark = pytest.mark.long

COUNT = "expect_table_row_count_to_be_between"


@pytest.fixture
def bench(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    folder = tmp_path / "with spaces [1] {a,b} é*"  # what Spark would take for a pattern, or writes otherwise
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Bench(spark, folder)


REGIONS = ["US-EAST", "EU-WEST", "AF-SOUTH"]


def test_an_output_suite_judges_raw_files_as_they_would_be_published(bench: Bench) -> None:
    before = bench.write_pair("output")
    after = bench.write_pair(
        "output", apply_all(change_kwargs(QUANTITY, max_value=500), change_kwargs(REGION, value_set=REGIONS))
    )
    data = bench.write_files(
        one__csv=csv_text(
            sale_row(1, 600), sale_row(2, day="2025-01-16"), sale_row(3, 2000), sale_row(4, region="AF-SOUTH")
        ),
        two__csv=csv_text(sale_row(5, 500, day="2025-01-17")),
        three__csv__gz=gzip.compress(csv_text(sale_row(6, 501, "2025-01-18"), sale_row(7, 501, "2025-01-18")).encode()),
    )
    report = bench.backtest_report(before, after, data, DAYS)
    assert report.rows == 7
    assert rule_counts(report) == {"quantity.range": (1, 4), "region.published": (1, 0)}
    assert (report.newly_refused_rows, report.no_longer_refused_rows) == (3, 1)
    assert refused_units(report) == (["one.csv"], ["one.csv", "three.csv.gz"])
    assert refused_units(report, DAY) == (["2025-01-15"], ["2025-01-15", "2025-01-18"])
    assert report.newly_refused(DAY) == ["2025-01-18"]
    assert report.samples["trades.quantity.range"] == ("501", "600", "2000")  # what is newly refused, first
    assert report.changed.contract_rules.unevaluated == ["trades.customer_id.known", "trades.product_id.known"]


def test_a_row_that_the_transform_cannot_take_is_told_in_a_line(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    total = F.lit(1) / (F.col("quantity") - 2)
    monkeypatch.setattr(
        "sluice.contracts.backtest.rows.transform_of", lambda _: lambda rows: rows.withColumn("total_amount", total)
    )
    with pytest.raises(
        WrongUse, match=r"transform fails on a row: DIVIDE_BY_ZERO: Division by zero.*; a run names the row"
    ):
        bench.backtest_report(None, bench.write_pair("output"), bench.write_files(one__csv=csv_text(sale_row(1, 2))))


def test_an_input_suite_judges_raw_text(bench: Bench) -> None:
    before = bench.write_pair("input")
    letters = with_rule_added(
        "expect_column_values_to_match_regex", "trades.quantity.digits", column="quantity", regex="^[0-9]$"
    )
    data = bench.write_files(
        one__csv=csv_text(sale_row(1), sale_row(2, "10"), sale_row(3, ""), sale_row(4, "x", region=""))
    )
    report = bench.backtest_report(before, bench.write_pair("input", input_change=letters), data)
    assert rule_counts(report) == {
        "quantity.digits": (None, 2),
        "quantity.present": (1, 1),
        "region.present": (1, 1),
        "structure.cast.quantity": (1, 1),
    }
    assert report.published
    assert (
        report.published.count_rows("refused"),
        report.changed.count_rows("refused"),
        report.newly_refused_rows,
    ) == (2, 3, 1)
    assert report.samples["trades.quantity.digits"] == ("10", "x")
    assert report.samples["trades.quantity.present"] == (None,)


def test_what_no_expectation_states_counts_as_in_a_run(bench: Bench) -> None:
    pair = bench.write_pair("output")
    data = bench.write_files(
        broken__csv=csv_text(
            sale_row(1),
            "TXN2,CUST1",
            'TXN3,"',
            sale_row(4, "many"),
            sale_row(5, price="1.005"),
            sale_row(6, region="US\x01"),
        ),
        again__csv=csv_text(sale_row(7), HEADER, sale_row(8)),
        other__csv=csv_text(sale_row(9), header=HEADER.replace("region", "place")),
        empty__csv="",
        header__csv=csv_text(),
        cut__csv__gz=gzip.compress(csv_text(*map(sale_row, range(10, 9000))).encode())[:-9],
    )
    report = bench.backtest_report(pair, pair, data)
    assert rule_counts(report) == {
        "structure.cast.quantity": (1, 1),
        "structure.cast.unit_price": (1, 1),
        "structure.empty": (1, 1),
        "structure.gzip": (1, 1),
        "structure.header": (2, 2),
        "structure.row": (2, 2),
        "structure.rows": (1, 1),
        "structure.text": (1, 1),
    }
    names = ["again.csv", "broken.csv", "cut.csv.gz", "empty.csv", "header.csv", "other.csv"]
    assert refused_units(report) == (names, names)
    assert (report.rows, report.changed.count_rows("refused"), report.refuses_more) == (8, 5, False)
    assert str(report.samples["trades.structure.header"][0]).startswith("other.csv: missing ")


def test_a_column_that_is_added_to_the_input_refuses_every_file_without_it(bench: Bench) -> None:
    note = {"name": "note", "type": "string", "description": "what the shop says"}
    after = bench.write_pair("input", input_change=lambda suite: suite["meta"]["columns"].append(note))
    report = bench.backtest_report(
        bench.write_pair("input"), after, bench.write_files(one__csv=csv_text(sale_row(1), sale_row(2)))
    )
    assert rule_counts(report) == {"structure.header": (0, 2)}
    assert (report.newly_refused_rows, report.newly_refused(FILE)) == (2, ["one.csv"])


def test_a_key_is_unique_in_all_that_is_given_another_column_in_each_file(bench: Bench) -> None:
    once = with_rule_added("expect_column_values_to_be_unique", "trades.customer_id.once", column="customer_id")
    after = bench.write_pair("output", once)
    data = bench.write_files(
        one__csv=csv_text(sale_row(1)),
        two__csv=csv_text(sale_row(1, 2)),
        four__csv=csv_text(sale_row(4), sale_row(5), sale_row(6).replace("CUST1", "C2")),
    )
    report = bench.backtest_report(bench.write_pair("output"), after, data)
    assert rule_counts(report) == {"transaction_id.unique": (2, 2), "customer_id.once": (None, 2)}
    assert refused_units(report) == (["one.csv", "two.csv"], ["four.csv", "one.csv", "two.csv"])


def test_where_the_newer_row_wins_a_key_is_unique_in_each_file(bench: Bench) -> None:
    data = bench.write_files(
        one__csv=csv_text(sale_row(1)), two__csv=csv_text(sale_row(1, 2), sale_row(3), sale_row(3))
    )
    report = bench.backtest_report(
        bench.write_pair("output"), bench.write_pair("output", change_meta(on_conflict="replace")), data
    )
    assert rule_counts(report) == {"transaction_id.unique": (4, 2)}
    assert refused_units(report) == (["one.csv", "two.csv"], ["two.csv"])


def test_a_rule_on_all_rows_is_judged_for_each_file_and_each_day(bench: Bench) -> None:
    after = bench.write_pair("output", with_rule_added(COUNT, "trades.output.enough", min_value=2))
    data = bench.write_files(
        one__csv=csv_text(sale_row(1), sale_row(2, day="2025-01-16")), two__csv=csv_text(sale_row(3))
    )
    report = bench.backtest_report(bench.write_pair("output"), after, data, DAYS)
    assert rule_counts(report) == {"output.enough": (None, 1)}
    assert (report.newly_refused_rows, report.newly_refused(FILE), report.newly_refused(DAY)) == (
        0,
        ["two.csv"],
        ["2025-01-16"],
    )
    assert report.refuses_more


def test_warnings_set_aside_and_what_they_set_aside_the_outputs_other_rules_do_not_see(bench: Bench) -> None:
    def soften_rules(suite: Suite) -> None:
        for expectation in suite["expectations"]:
            if expectation["meta"]["rule"] in (QUANTITY, REGION):
                expectation["severity"] = "warning"
        most = next(expectation for expectation in suite["expectations"] if expectation["meta"]["rule"] == REGION)
        most["kwargs"]["mostly"] = 0.5
        suite["meta"]["max_quarantined"] = 0.5
        with_rule_added("expect_column_sum_to_be_between", "trades.quantity.sum", column="quantity", max_value=50)(
            suite
        )

    data = bench.write_files(
        one__csv=csv_text(
            sale_row(1, 2000), sale_row(2), sale_row(3, region="XX")
        ),  # one of three regions is not known: mostly holds
        two__csv=csv_text(
            sale_row(4, 40, region="XX"),
            sale_row(5, 20, region="XX"),
            sale_row(6),
            sale_row(7),
            sale_row(8, region="XX"),
        ),
    )
    report = bench.backtest_report(bench.write_pair("output"), bench.write_pair("output", soften_rules), data)
    assert rule_counts(report) == {
        "quantity.range": (1, 1),
        "region.published": (4, 3),
        "structure.quarantined.output": (0, 1),
    }
    assert report.published
    assert (report.published.count_rows("set aside"), report.changed.count_rows("set aside")) == (0, 4)
    assert refused_units(report) == (["one.csv", "two.csv"], ["two.csv"])


def test_json_lines_are_judged_with_what_is_about_a_person_masked(spark: Any, tmp_path: Path) -> None:
    bench = Bench(spark, tmp_path, "buyers")
    ada = {
        "customer_id": "CUST1",
        "name": "Ada",
        "email": "ada@example.com",
        "country": "GB",
        "signup_date": "2024-12-10",
    }
    bob = {**ada, "customer_id": "CUST2", "email": "bob at home", "name": "Bob Secret", "signup_date": "soon"}
    number = json.dumps({**ada, "customer_id": "CUST3"}).replace('"2024-12-10"', "1.10")
    lines = [json.dumps(ada), json.dumps(bob), json.dumps({**bob, "nick": "Secret"}), number]
    strict = with_rule_added("expect_column_values_to_not_match_regex", "buyers.name.short", column="name", regex=" ")
    after = bench.write_pair("input", input_change=strict)
    report = bench.backtest_report(bench.write_pair("input"), after, bench.write_files(a__jsonl="\n".join(lines)))
    assert rule_counts(report) == {
        "name.short": (None, 1),
        "email.format": (1, 1),
        "structure.cast.signup_date": (2, 2),
        "structure.row": (1, 1),
    }
    assert report.samples["buyers.email.format"] == report.samples["buyers.structure.row"] == ("***",)
    assert report.samples["buyers.structure.cast.signup_date"] == ("1.10", "soon")  # as the line has it
    assert not {"Secret", "home"} & set(str(report.as_json()).replace('"', " ").replace("'", " ").split())


GOODS = pa.schema(
    {"product_id": pa.string(), "name": pa.string(), "category": pa.string(), "list_price": pa.decimal128(10, 2)}
)
LAMP = {"product_id": "PROD1", "name": "Lamp", "category": "home", "list_price": Decimal("29.99")}


def test_columnar_files_of_other_types_are_refused_whole(spark: Any, tmp_path: Path) -> None:
    bench = Bench(spark, tmp_path, "goods")
    for name, price in (("good", pa.decimal128(10, 2)), ("other", pa.decimal128(12, 2))):
        schema = GOODS.set(3, pa.field("list_price", price))
        parquet.write_table(
            pa.Table.from_pylist([LAMP, {**LAMP, "product_id": "X"}], schema), tmp_path / f"{name}.parquet"
        )
    wider = change_column(3, type="decimal(12,2)")
    before, after = bench.write_pair("input"), bench.write_pair("input", wider, wider)
    report = bench.backtest_report(before, after, [tmp_path / "good.parquet", tmp_path / "other.parquet"])
    assert rule_counts(report) == {"structure.schema": (2, 2), "product_id.format": (1, 1)}
    assert (report.rows, report.newly_refused_rows, report.no_longer_refused_rows) == (4, 1, 1)
