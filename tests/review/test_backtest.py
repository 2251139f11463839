"""Given data through the published and the changed contract: what either would have refused, judged by Spark."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from review.__main__ import main
from review.backtest import Given, backtest
from review.backtest_data import Table, day_of
from review.backtest_outcome import DAY, FILE
from review.backtest_report import Report
from review.backtest_sides import Pair, changed
from review.suites import ROOT, WrongUse
from tests.etl.lake import HEADER
from tests.etl.mutations import QUANTITY, REGION, Change, Suite, column, kwargs, meta
from tests.review.changed import added, both

TODAY = "2026-01-31"
COUNT = "expect_table_row_count_to_be_between"
KEPT = {
    *("sales.output.rows", "sales.transaction_id.unique", QUANTITY, REGION, "sales.unit_price.kept"),
    *("sales.customer_id.known", "sales.product_id.known"),
    *("sales.input.rows", "sales.quantity.present", "sales.region.present"),
    *("customers.input.rows", "customers.email.format", "customers.output.rows", "customers.customer_id.unique"),
    *("products.input.rows", "products.product_id.format", "products.output.rows", "products.product_id.unique"),
}


def sale(
    number: int, quantity: object = 1, day: str = "2025-01-15", region: str = "US-EAST", price: str = "1.00"
) -> str:
    return f"TXN{number},CUST1,PROD1,{quantity},{price},{day},{region}"


def csv(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows, ""))


class Bench:
    """Suites of a dataset, as published and changed, and data that both judge."""

    def __init__(self, spark: Any, folder: Path, dataset: str = "sales") -> None:
        self.spark, self.folder, self.dataset = spark, folder, dataset

    def pair(self, stage: str, output: Change = dict, given: Change = dict) -> Pair:
        for name, change in (("output", output), ("input", given)):
            suite = json.loads((ROOT / f"expectations/{self.dataset}/{name}.json").read_text())
            # The others take seconds to prepare, and hold.
            suite["expectations"] = [one for one in suite["expectations"] if one["meta"]["rule"] in KEPT]
            change(suite)
            (self.folder / f"{name}.json").write_text(json.dumps(suite))
        return changed(self.folder / f"{stage}.json")

    def files(self, **texts: str | bytes) -> list[Path]:
        """Write files by name; two underscores stand for a dot."""
        found = {self.folder / name.replace("__", "."): text for name, text in texts.items()}
        for path, text in found.items():
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(found)

    def report(self, before: Pair | None, after: Pair, data: list[Path] | Table, day: str | None = None) -> Report:
        return backtest(Given(self.spark, data, day_of(after, day), TODAY), before, after)


@pytest.fixture
def bench(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    folder = tmp_path / "with spaces [1] {a,b} é*"  # what Spark would take for a pattern, or writes otherwise
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Bench(spark, folder)


def counts(found: Report) -> dict[str, tuple[int | None, int | None]]:
    return {one.rule.partition(".")[2]: (one.published, one.changed) for one in found.counts}


def refused(found: Report, kind: str = FILE) -> tuple[list[str | None], list[str | None]]:
    assert found.published
    return list(found.published.refused(kind)), list(found.changed.refused(kind))


REGIONS = ["US-EAST", "EU-WEST", "AF-SOUTH"]


def test_an_output_suite_judges_raw_files_as_they_would_be_published(bench: Bench) -> None:
    before = bench.pair("output")
    after = bench.pair("output", both(kwargs(QUANTITY, max_value=500), kwargs(REGION, value_set=REGIONS)))
    data = bench.files(
        one__csv=csv(sale(1, 600), sale(2, day="2025-01-16"), sale(3, 2000), sale(4, region="AF-SOUTH")),
        two__csv=csv(sale(5, 500, day="2025-01-17")),
        three__csv__gz=gzip.compress(csv(sale(6, 501, "2025-01-18"), sale(7, 501, "2025-01-18")).encode()),
    )
    found = bench.report(before, after, data)
    assert found.rows == 7
    assert counts(found) == {"quantity.range": (1, 4), "region.published": (1, 0)}
    assert (found.newly, found.no_longer) == (3, 1)
    assert refused(found) == (["one.csv"], ["one.csv", "three.csv.gz"])
    assert refused(found, DAY) == (["2025-01-15"], ["2025-01-15", "2025-01-18"])
    assert found.newly_refused(DAY) == ["2025-01-18"]
    assert found.samples["sales.quantity.range"] == ("501", "600", "2000")  # what is newly refused, first
    assert found.changed.terms.unevaluated == ["sales.customer_id.known", "sales.product_id.known"]


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
    assert str(found.samples["sales.structure.header"][0]).startswith("other.csv: 'transaction_id,")


def test_a_column_that_is_added_to_the_input_refuses_every_file_without_it(bench: Bench) -> None:
    note = {"name": "note", "type": "string", "description": "what the shop says"}
    after = bench.pair("input", given=lambda suite: suite["meta"]["columns"].append(note))
    found = bench.report(bench.pair("input"), after, bench.files(one__csv=csv(sale(1), sale(2))))
    assert counts(found) == {"structure.header": (0, 2)}
    assert (found.newly, found.newly_refused(FILE)) == (2, ["one.csv"])


def test_a_key_is_unique_in_all_that_is_given_another_column_in_each_file(bench: Bench) -> None:
    once = added("expect_column_values_to_be_unique", "sales.customer_id.once", column="customer_id")
    after = bench.pair("output", once)
    data = bench.files(one__csv=csv(sale(1)), two__csv=csv(sale(1, 2)), four__csv=csv(sale(4), sale(5)))
    found = bench.report(bench.pair("output"), after, data)
    assert counts(found) == {"transaction_id.unique": (2, 2), "customer_id.once": (None, 2)}
    assert refused(found) == (["one.csv", "two.csv"], ["four.csv", "one.csv", "two.csv"])


def test_a_rule_on_all_rows_is_judged_for_each_file_and_each_day(bench: Bench) -> None:
    after = bench.pair("output", added(COUNT, "sales.output.enough", min_value=2))
    data = bench.files(one__csv=csv(sale(1), sale(2, day="2025-01-16")), two__csv=csv(sale(3)))
    found = bench.report(bench.pair("output"), after, data)
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
    lines = [json.dumps(ada), json.dumps(bob), json.dumps({**bob, "nick": "Secret"})]
    strict = added("expect_column_values_to_not_match_regex", "customers.name.short", column="name", regex=" ")
    after = bench.pair("input", given=strict)
    found = bench.report(bench.pair("input"), after, bench.files(a__jsonl="\n".join(lines)))
    assert counts(found) == {
        "name.short": (None, 1),
        "email.format": (1, 1),
        "structure.cast.signup_date": (1, 1),
        "structure.row": (1, 1),
    }
    assert found.samples["customers.email.format"] == found.samples["customers.structure.row"] == ("***",)
    assert found.samples["customers.structure.cast.signup_date"] == ("soon",)
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


def sales_table(folder: Path, **columns: list[Any]) -> Path:
    rows = len(next(iter(columns.values())))
    given: dict[str, Any] = {
        "transaction_id": [f"TXN{at}" for at in range(rows)],
        "customer_id": ["CUST1"] * rows,
        "product_id": ["PROD1"] * rows,
        "quantity": pa.array([1] * rows, pa.int32()),
        "unit_price": pa.array([Decimal("1.00")] * rows, pa.decimal128(10, 2)),
        "transaction_date": pa.array(["2025-01-15"] * rows).cast(pa.date32()),
        "region": ["US-EAST"] * rows,
        "total_amount": pa.array([Decimal("1.00")] * rows, pa.decimal128(10, 2)),
    }
    folder.mkdir()
    parquet.write_table(pa.table({**given, **columns}), folder / "part.parquet")
    return folder


def test_a_table_is_judged_as_it_stands_by_the_files_that_its_rows_came_from(bench: Bench) -> None:
    table = sales_table(
        bench.folder / "table",
        quantity=pa.array([1, 600, 1], pa.int32()),
        _object=["sales/a.csv", "sales/b.csv", "sales/b.csv"],
    )
    after = bench.pair("output", both(kwargs(QUANTITY, max_value=500), column(4, type="decimal(12,4)")))
    found = bench.report(bench.pair("output"), after, Table(table))
    assert counts(found) == {"quantity.range": (0, 1)}
    assert (found.rows, found.newly) == (3, 1)
    assert refused(found) == ([], ["sales/b.csv"])
    assert refused(found, DAY) == ([], ["2025-01-15"])


def test_a_table_that_names_no_files_is_judged_by_days_with_values_and_columns_that_the_change_loses(
    bench: Bench,
) -> None:
    days = pa.array(["2025-01-15", "2025-01-16", "2025-01-17"]).cast(pa.date32())
    prices = pa.array([Decimal("1.00"), Decimal("1.50"), None], pa.decimal128(10, 2))
    table = sales_table(bench.folder / "table", transaction_date=days, unit_price=prices)
    after = bench.pair("output", both(column(4, type="int"), added(COUNT, "sales.output.many", min_value=1)))
    found = bench.report(bench.pair("output"), after, Table(table))
    assert counts(found) == {"structure.cast.unit_price": (0, 1), "unit_price.kept": (1, 1)}
    assert found.samples["sales.structure.cast.unit_price"] == ("1.50",)
    assert refused(found, DAY) == (["2025-01-17"], ["2025-01-16", "2025-01-17"])
    assert FILE not in found.changed.units

    def shop(suite: Suite) -> None:
        suite["meta"]["columns"].append({"name": "shop", "type": "string", "description": "where it was sold"})
        added("expect_column_values_to_not_be_null", "sales.shop.kept", column="shop")(suite)

    found = bench.report(bench.pair("output"), bench.pair("output", shop), Table(table))
    assert counts(found) == {"unit_price.kept": (1, 1), "shop.kept": (None, 3)}


def test_a_folder_of_partitions_is_read_with_their_values_as_text(bench: Bench) -> None:
    table = sales_table(bench.folder / "table", quantity=pa.array([1], pa.int32()))
    rows = parquet.read_table(table / "part.parquet")
    (table / "part.parquet").unlink()
    (table / "region=01").mkdir()
    parquet.write_table(rows.drop_columns(["region"]), table / "region=01" / "part.parquet")
    after = bench.pair("output", kwargs(REGION, value_set=["01"]))
    found = bench.report(bench.pair("output"), after, Table(table))
    assert counts(found) == {"region.published": (1, 0)}
    assert not found.refuses_more


def test_an_iceberg_tables_folder_is_read_without_the_rows_that_were_deleted(bench: Bench) -> None:
    folder = bench.folder.parent / "iceberg"
    pair = bench.pair("output")
    rows = bench.spark.read.parquet(
        f"file:{sales_table(bench.folder.parent / 'plain', quantity=pa.array([1, 2000], pa.int32()))}"
    )
    bench.spark.conf.set("spark.sql.catalog.disk", "org.apache.iceberg.spark.SparkCatalog")
    bench.spark.conf.set("spark.sql.catalog.disk.type", "hadoop")
    bench.spark.conf.set("spark.sql.catalog.disk.warehouse", f"file:{folder}")
    rows.writeTo("disk.db.sales").create()
    assert counts(bench.report(pair, pair, Table("disk.db.sales"))) == {"quantity.range": (1, 1)}
    bench.spark.sql("DELETE FROM disk.db.sales WHERE quantity > 1000")
    found = bench.report(pair, pair, Table(folder / "db" / "sales"))
    assert (found.rows, counts(found)) == (1, {})


def test_a_table_that_is_not_there_is_wrong_use(bench: Bench) -> None:
    pair = bench.pair("output")
    with pytest.raises(WrongUse, match=r"there is no table disk\.nowhere\.sales that Spark can read"):
        bench.report(pair, pair, Table("disk.nowhere.sales"))
    (bench.folder / "none").mkdir()
    with pytest.raises(WrongUse, match=r"there is no table .*none that Spark can read"):
        bench.report(pair, pair, Table(bench.folder / "none"))


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

    bench.pair("output")
    shipped = {f"expectations/sales/{stage}.json": Path(f"{stage}.json").read_text() for stage in ("input", "output")}
    monkeypatch.setattr("review.prove_session.session", shared)
    monkeypatch.setattr("review.backtest_sides.at", lambda commit: shipped)
    monkeypatch.setattr("review.commands.backtest.base", lambda: "0123456789abcdef")
    return bench


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
