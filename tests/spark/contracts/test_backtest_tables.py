"""A table as it stands through the published and the changed contract: what either would have refused."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from sluice.cli.errors import WrongUse
from sluice.contracts.backtest.data import Table
from sluice.contracts.backtest.outcome import DAY, FILE
from tests.lake.mutations import QUANTITY, REGION, Suite, change_column, change_kwargs
from tests.spark.contracts.backtest_bench import DAYS, Bench, refused_units, rule_counts
from tests.unit.contracts.changed import apply_all, with_rule_added

pytestmark = pytest.mark.long

COUNT = "expect_table_row_count_to_be_between"


@pytest.fixture
def bench(spark: Any, tmp_path: Path) -> Bench:
    return Bench(spark, tmp_path)


def trades_table(folder: Path, **columns: list[Any]) -> Path:
    rows = len(next(iter(columns.values())))
    defaults: dict[str, Any] = {
        "transaction_id": [f"TXN{number}" for number in range(rows)],
        "customer_id": ["CUST1"] * rows,
        "product_id": ["PROD1"] * rows,
        "quantity": pa.array([1] * rows, pa.int32()),
        "unit_price": pa.array([Decimal("1.00")] * rows, pa.decimal128(10, 2)),
        "transaction_date": pa.array(["2025-01-15"] * rows).cast(pa.date32()),
        "region": ["US-EAST"] * rows,
        "total_amount": pa.array([Decimal("1.00")] * rows, pa.decimal128(10, 2)),
    }
    folder.mkdir()
    parquet.write_table(pa.table({**defaults, **columns}), folder / "part.parquet")
    return folder


def test_a_table_is_judged_as_it_stands_by_the_files_that_its_rows_came_from(bench: Bench) -> None:
    table = trades_table(
        bench.folder / "table",
        quantity=pa.array([1, 600, 1], pa.int32()),
        _object=["trades/a.csv", "trades/b.csv", "trades/b.csv"],
    )
    after = bench.write_pair(
        "output", apply_all(change_kwargs(QUANTITY, max_value=500), change_column(4, type="decimal(12,4)"))
    )
    report = bench.backtest_report(bench.write_pair("output"), after, Table(table), DAYS)
    assert rule_counts(report) == {"quantity.range": (0, 1)}
    assert (report.rows, report.newly_refused_rows) == (3, 1)
    assert refused_units(report) == ([], ["trades/b.csv"])
    assert refused_units(report, DAY) == ([], ["2025-01-15"])


def test_a_table_that_names_no_files_is_judged_by_days_with_values_and_columns_that_the_change_loses(
    bench: Bench,
) -> None:
    days = pa.array(["2025-01-15", "2025-01-16", "2025-01-17"]).cast(pa.date32())
    prices = pa.array([Decimal("1.00"), Decimal("1.50"), None], pa.decimal128(10, 2))
    table = trades_table(bench.folder / "table", transaction_date=days, unit_price=prices)
    after = bench.write_pair(
        "output", apply_all(change_column(4, type="int"), with_rule_added(COUNT, "trades.output.many", min_value=1))
    )
    report = bench.backtest_report(bench.write_pair("output"), after, Table(table), DAYS)
    assert rule_counts(report) == {"structure.cast.unit_price": (0, 1), "unit_price.kept": (1, 1)}
    assert report.samples["trades.structure.cast.unit_price"] == ("1.50",)
    assert refused_units(report, DAY) == (["2025-01-17"], ["2025-01-16", "2025-01-17"])
    assert FILE not in report.changed.units

    def add_shop_column(suite: Suite) -> None:
        suite["meta"]["columns"].append({"name": "shop", "type": "string", "description": "where it was sold"})
        with_rule_added("expect_column_values_to_not_be_null", "trades.shop.kept", column="shop")(suite)

    report = bench.backtest_report(
        bench.write_pair("output"), bench.write_pair("output", add_shop_column), Table(table)
    )
    assert rule_counts(report) == {"unit_price.kept": (1, 1), "shop.kept": (None, 3)}


def test_a_folder_of_partitions_is_read_with_their_values_as_text(bench: Bench) -> None:
    table = trades_table(bench.folder / "table", quantity=pa.array([1], pa.int32()))
    rows = parquet.read_table(table / "part.parquet")
    (table / "part.parquet").unlink()
    (table / "region=01").mkdir()
    parquet.write_table(rows.drop_columns(["region"]), table / "region=01" / "part.parquet")
    after = bench.write_pair("output", change_kwargs(REGION, value_set=["01"]))
    report = bench.backtest_report(bench.write_pair("output"), after, Table(table))
    assert rule_counts(report) == {"region.published": (1, 0)}
    assert not report.refuses_more


def test_an_iceberg_tables_folder_is_read_without_the_rows_that_were_deleted(bench: Bench) -> None:
    folder = bench.folder.parent / "iceberg"
    pair = bench.write_pair("output")
    rows = bench.spark.read.parquet(
        f"file:{trades_table(bench.folder.parent / 'plain', quantity=pa.array([1, 2000], pa.int32()))}"
    )
    bench.spark.conf.set("spark.sql.catalog.disk", "org.apache.iceberg.spark.SparkCatalog")
    bench.spark.conf.set("spark.sql.catalog.disk.type", "hadoop")
    bench.spark.conf.set("spark.sql.catalog.disk.warehouse", f"file:{folder}")
    rows.writeTo("disk.db.trades").create()
    assert rule_counts(bench.backtest_report(pair, pair, Table("disk.db.trades"))) == {"quantity.range": (1, 1)}
    bench.spark.sql("DELETE FROM disk.db.trades WHERE quantity > 1000")
    report = bench.backtest_report(pair, pair, Table(folder / "db" / "trades"))
    assert (report.rows, rule_counts(report)) == (1, {})


def test_a_table_that_is_not_there_is_wrong_use(bench: Bench) -> None:
    pair = bench.write_pair("output")
    with pytest.raises(WrongUse, match=r"there is no table disk\.nowhere\.trades that Spark can read"):
        bench.backtest_report(pair, pair, Table("disk.nowhere.trades"))
    (bench.folder / "none").mkdir()
    with pytest.raises(WrongUse, match=r"there is no table .*none that Spark can read"):
        bench.backtest_report(pair, pair, Table(bench.folder / "none"))
