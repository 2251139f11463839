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

from sluice.contracts.backtest.outcome import DAY, FILE
from sluice.contracts.suite_files import WrongUse
from tests.lake.mutations import QUANTITY, REGION, Suite, column, kwargs, meta
from tests.spark.contracts.backtest_bench import DAYS, Bench, counts, csv, refused, sale
from tests.spark.lake import HEADER
from tests.unit.contracts.changed import added, both

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
    before = bench.pair("output")
    after = bench.pair("output", both(kwargs(QUANTITY, max_value=500), kwargs(REGION, value_set=REGIONS)))
    data = bench.files(
        one__csv=csv(sale(1, 600), sale(2, day="2025-01-16"), sale(3, 2000), sale(4, region="AF-SOUTH")),
        two__csv=csv(sale(5, 500, day="2025-01-17")),
        three__csv__gz=gzip.compress(csv(sale(6, 501, "2025-01-18"), sale(7, 501, "2025-01-18")).encode()),
    )
    found = bench.report(before, after, data, DAYS)
    assert found.rows == 7
    assert counts(found) == {"quantity.range": (1, 4), "region.published": (1, 0)}
    assert (found.newly, found.no_longer) == (3, 1)
    assert refused(found) == (["one.csv"], ["one.csv", "three.csv.gz"])
    assert refused(found, DAY) == (["2025-01-15"], ["2025-01-15", "2025-01-18"])
    assert found.newly_refused(DAY) == ["2025-01-18"]
    assert found.samples["sales.quantity.range"] == ("501", "600", "2000")  # what is newly refused, first
    assert found.changed.terms.unevaluated == ["sales.customer_id.known", "sales.product_id.known"]


def test_a_row_that_the_transform_cannot_take_is_told_in_a_line(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    total = F.lit(1) / (F.col("quantity") - 2)
    monkeypatch.setattr(
        "sluice.contracts.backtest.rows.transform_of", lambda _: lambda rows: rows.withColumn("total_amount", total)
    )
    with pytest.raises(
        WrongUse, match=r"transform fails on a row: DIVIDE_BY_ZERO: Division by zero.*; a run names the row"
    ):
        bench.report(None, bench.pair("output"), bench.files(one__csv=csv(sale(1, 2))))


def test_an_input_suite_judges_raw_text(bench: Bench) -> None:
    before = bench.pair("input")
    letters = added("expect_column_values_to_match_regex", "sales.quantity.digits", column="quantity", regex="^[0-9]$")
    data = bench.files(one__csv=csv(sale(1), sale(2, "10"), sale(3, ""), sale(4, "x", region="")))
    found = bench.report(before, bench.pair("input", given=letters), data)
    assert counts(found) == {
        "quantity.digits": (None, 2),
        "quantity.present": (1, 1),
        "region.present": (1, 1),
        "structure.cast.quantity": (1, 1),
    }
    assert found.published
    assert (found.published.rows("refused"), found.changed.rows("refused"), found.newly) == (2, 3, 1)
    assert found.samples["sales.quantity.digits"] == ("10", "x")
    assert found.samples["sales.quantity.present"] == (None,)


def test_what_no_expectation_states_counts_as_in_a_run(bench: Bench) -> None:
    pair = bench.pair("output")
    data = bench.files(
        broken__csv=csv(
            sale(1), "TXN2,CUST1", 'TXN3,"', sale(4, "many"), sale(5, price="1.005"), sale(6, region="US\x01")
        ),
        again__csv=csv(sale(7), HEADER, sale(8)),
        other__csv=csv(sale(9), header=HEADER.replace("region", "place")),
        empty__csv="",
        header__csv=csv(),
        cut__csv__gz=gzip.compress(csv(*map(sale, range(10, 9000))).encode())[:-9],
    )
    found = bench.report(pair, pair, data)
    assert counts(found) == {
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
    assert refused(found) == (names, names)
    assert (found.rows, found.changed.rows("refused"), found.refuses_more) == (8, 5, False)
    assert str(found.samples["sales.structure.header"][0]).startswith("other.csv: missing ")


def test_a_column_that_is_added_to_the_input_refuses_every_file_without_it(bench: Bench) -> None:
    note = {"name": "note", "type": "string", "description": "what the shop says"}
    after = bench.pair("input", given=lambda suite: suite["meta"]["columns"].append(note))
    found = bench.report(bench.pair("input"), after, bench.files(one__csv=csv(sale(1), sale(2))))
    assert counts(found) == {"structure.header": (0, 2)}
    assert (found.newly, found.newly_refused(FILE)) == (2, ["one.csv"])


def test_a_key_is_unique_in_all_that_is_given_another_column_in_each_file(bench: Bench) -> None:
    once = added("expect_column_values_to_be_unique", "sales.customer_id.once", column="customer_id")
    after = bench.pair("output", once)
    data = bench.files(
        one__csv=csv(sale(1)), two__csv=csv(sale(1, 2)), four__csv=csv(sale(4), sale(5), sale(6).replace("CUST1", "C2"))
    )
    found = bench.report(bench.pair("output"), after, data)
    assert counts(found) == {"transaction_id.unique": (2, 2), "customer_id.once": (None, 2)}
    assert refused(found) == (["one.csv", "two.csv"], ["four.csv", "one.csv", "two.csv"])


def test_where_the_newer_row_wins_a_key_is_unique_in_each_file(bench: Bench) -> None:
    data = bench.files(one__csv=csv(sale(1)), two__csv=csv(sale(1, 2), sale(3), sale(3)))
    found = bench.report(bench.pair("output"), bench.pair("output", meta(on_conflict="replace")), data)
    assert counts(found) == {"transaction_id.unique": (4, 2)}
    assert refused(found) == (["one.csv", "two.csv"], ["two.csv"])


def test_a_rule_on_all_rows_is_judged_for_each_file_and_each_day(bench: Bench) -> None:
    after = bench.pair("output", added(COUNT, "sales.output.enough", min_value=2))
    data = bench.files(one__csv=csv(sale(1), sale(2, day="2025-01-16")), two__csv=csv(sale(3)))
    found = bench.report(bench.pair("output"), after, data, DAYS)
    assert counts(found) == {"output.enough": (None, 1)}
    assert (found.newly, found.newly_refused(FILE), found.newly_refused(DAY)) == (0, ["two.csv"], ["2025-01-16"])
    assert found.refuses_more


def test_warnings_set_aside_and_what_they_set_aside_the_outputs_other_rules_do_not_see(bench: Bench) -> None:
    def softened(suite: Suite) -> None:
        for one in suite["expectations"]:
            if one["meta"]["rule"] in (QUANTITY, REGION):
                one["severity"] = "warning"
        most = next(one for one in suite["expectations"] if one["meta"]["rule"] == REGION)
        most["kwargs"]["mostly"] = 0.5
        suite["meta"]["max_quarantined"] = 0.5
        added("expect_column_sum_to_be_between", "sales.quantity.sum", column="quantity", max_value=50)(suite)

    data = bench.files(
        one__csv=csv(sale(1, 2000), sale(2), sale(3, region="XX")),  # one of three regions is not known: mostly holds
        two__csv=csv(sale(4, 40, region="XX"), sale(5, 20, region="XX"), sale(6), sale(7), sale(8, region="XX")),
    )
    found = bench.report(bench.pair("output"), bench.pair("output", softened), data)
    assert counts(found) == {
        "quantity.range": (1, 1),
        "region.published": (4, 3),
        "structure.quarantined.output": (0, 1),
    }
    assert found.published
    assert (found.published.rows("set aside"), found.changed.rows("set aside")) == (0, 4)
    assert refused(found) == (["one.csv", "two.csv"], ["two.csv"])


def test_json_lines_are_judged_with_what_is_about_a_person_masked(spark: Any, tmp_path: Path) -> None:
    bench = Bench(spark, tmp_path, "customers")
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
    strict = added("expect_column_values_to_not_match_regex", "customers.name.short", column="name", regex=" ")
    after = bench.pair("input", given=strict)
    found = bench.report(bench.pair("input"), after, bench.files(a__jsonl="\n".join(lines)))
    assert counts(found) == {
        "name.short": (None, 1),
        "email.format": (1, 1),
        "structure.cast.signup_date": (2, 2),
        "structure.row": (1, 1),
    }
    assert found.samples["customers.email.format"] == found.samples["customers.structure.row"] == ("***",)
    assert found.samples["customers.structure.cast.signup_date"] == ("1.10", "soon")  # as the line has it
    assert not {"Secret", "home"} & set(str(found.as_json()).replace('"', " ").replace("'", " ").split())


PRODUCTS = pa.schema(
    {"product_id": pa.string(), "name": pa.string(), "category": pa.string(), "list_price": pa.decimal128(10, 2)}
)
LAMP = {"product_id": "PROD1", "name": "Lamp", "category": "home", "list_price": Decimal("29.99")}


def test_columnar_files_of_other_types_are_refused_whole(spark: Any, tmp_path: Path) -> None:
    bench = Bench(spark, tmp_path, "products")
    for name, price in (("good", pa.decimal128(10, 2)), ("other", pa.decimal128(12, 2))):
        schema = PRODUCTS.set(3, pa.field("list_price", price))
        parquet.write_table(
            pa.Table.from_pylist([LAMP, {**LAMP, "product_id": "X"}], schema), tmp_path / f"{name}.parquet"
        )
    wider = column(3, type="decimal(12,2)")
    before, after = bench.pair("input"), bench.pair("input", wider, wider)
    found = bench.report(before, after, [tmp_path / "good.parquet", tmp_path / "other.parquet"])
    assert counts(found) == {"structure.schema": (2, 2), "product_id.format": (1, 1)}
    assert (found.rows, found.newly, found.no_longer) == (4, 1, 1)
