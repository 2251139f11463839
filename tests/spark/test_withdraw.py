"""An object is withdrawn: its rows leave in one commit with the ledger, and what they had replaced comes back."""

from typing import Any

import pytest

from etl.iceberg.current_snapshot import read_head
from etl.ledger import ledger, skip_list
from etl.ledger.ledger import Ledger
from etl.runtime.withdraw_request import WithdrawRequest
from etl.sources.withdrawn_copy import EARLIER_COPY
from tests.faults.steps import Crash, crashing_at
from tests.lake.loads import SNAPSHOT
from tests.spark.lake import Lake, csv_bytes
from tests.spark.test_once import declare_meta, held_objects, table_name, transaction_ids
from tests.spark.test_quarantine import make_warning, sale_line
from tests.spark.test_replay import quarantined_rows


def withdraw(lake: Lake, name: str, *without: str, **changes: Any) -> Any:
    request = WithdrawRequest(f"trades/{name}.csv", "", "sent by mistake", "ada", tuple(without))
    return lake.run(withdraw=request, **changes)


def current_ledger(lake: Lake) -> Ledger:
    return ledger.read_ledger(lake.aws.s3, read_head(lake.aws.glue, lake.aws.s3, table_name(lake)))


def skipped(lake: Lake) -> list[tuple[str, str, str]]:
    listed = skip_list.read_skip_list(lake.aws.s3, lake.job_arguments().location).skipped
    return [(skip.key, skip.who, skip.why) for skip in listed]


def test_rows_of_a_withdrawn_object_leave_with_what_it_set_aside_and_what_a_replay_used(lake: Lake) -> None:
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(
        a__csv=csv_bytes(sale_line(1)),
        b__csv=csv_bytes(sale_line(2), sale_line(3, region="MARS"), sale_line(4, region="VENUS")),
    )
    first = lake.run()
    make_warning(lake, "input", "trades.region.known", value_set=["US-EAST", "VENUS"])
    make_warning(lake, "output", "trades.region.published", value_set=["US-EAST", "VENUS"])
    assert lake.run(replay=first.run_id).rows_published == 1
    before = read_head(lake.aws.glue, lake.aws.s3, table_name(lake))
    assert (transaction_ids(lake), len(quarantined_rows(lake))) == (["TXN1", "TXN2", "TXN4"], 1)
    verdict = withdraw(lake, "b")
    assert (verdict.state, verdict.kind, verdict.rules) == ("SUCCEEDED", "withdraw", []), verdict.message
    assert (verdict.withdrawn.rows, verdict.withdrawn.rows_quarantined) == (2, 1)
    assert "2 rows of trades/b.csv withdrawn, and 1 that were set aside" in verdict.message
    assert (transaction_ids(lake), quarantined_rows(lake), [*held_objects(lake)]) == (["TXN1"], [], ["trades/a.csv"])
    assert skipped(lake) == [("trades/b.csv", "ada", "sent by mistake")]
    head = read_head(lake.aws.glue, lake.aws.s3, table_name(lake))
    assert (head.published, head.summary["sluice.kind"]) == (before.published, "withdraw")
    assert lake.run().nothing_unread
    assert "no run has published trades/b.csv" in withdraw(lake, "b").message
    skip_list.write_skip_list(
        lake.aws.s3,
        lake.job_arguments().location,
        [],
        skip_list.read_skip_list(lake.aws.s3, lake.job_arguments().location).etag,
    )
    assert (lake.run().rows_published, transaction_ids(lake)) == (2, ["TXN1", "TXN2", "TXN4"])


@pytest.mark.long
def test_what_a_withdrawn_object_had_replaced_comes_back(lake: Lake) -> None:
    declare_meta(lake, "output", load="upsert")
    lake.put_files(a__csv=csv_bytes(sale_line(1, quantity="1"), sale_line(2, quantity="1")))
    lake.run()
    lake.put_files(b__csv=csv_bytes(sale_line(1, quantity="2"), sale_line(3, quantity="2")))
    lake.run()
    lake.put_files(c__csv=csv_bytes(sale_line(1, quantity="3"), sale_line(4, quantity="3")))
    lake.run()
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [
        *(("TXN1", 3), ("TXN2", 1), ("TXN3", 2), ("TXN4", 3))
    ]
    verdict = withdraw(lake, "c")
    assert (verdict.state, verdict.withdrawn.restored) == ("SUCCEEDED", ("trades/a.csv", "trades/b.csv"))
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [
        *(("TXN1", 2), ("TXN2", 1), ("TXN3", 2))
    ]
    lake.aws.s3.delete_object(Bucket=lake.bucket, Key="trades/a.csv")
    refused = withdraw(lake, "b")
    assert (refused.state, "trades/a.csv (is no longer in the raw bucket)" in refused.message) == ("FAILED", True)
    assert [row["quantity"] for row in lake.rows()] == [2, 1, 2]
    verdict = withdraw(lake, "b", "trades/a.csv")
    assert (verdict.state, verdict.withdrawn.without) == ("SUCCEEDED", ("trades/a.csv",)), verdict.message
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [("TXN2", 1)]
    assert current_ledger(lake).over == {}


@pytest.mark.long
def test_of_a_snapshot_the_copy_before_the_withdrawn_one_is_the_table_again(lake: Lake) -> None:
    declare_meta(lake, "output", load=SNAPSHOT)
    for name, rows in (("a", (1, 2)), ("b", (1, 2, 3)), ("c", (2, 3, 4, 5, 6, 7, 8, 9))):
        lake.put_files(**{f"{name}__csv": csv_bytes(*(sale_line(number) for number in rows))})
        if name != "b":
            assert lake.run().state == "SUCCEEDED"
    lake.put_files(b__csv=csv_bytes(sale_line(1), sale_line(3)))
    assert lake.run().nothing_unread
    assert [row["_object"] for row in lake.rows()] == ["trades/a.csv", *["trades/c.csv"] * 7]
    refused = withdraw(lake, "a")
    assert (refused.state, "the table is of trades/c.csv" in refused.message) == ("FAILED", True)
    verdict = withdraw(lake, "c")
    assert (verdict.state, verdict.withdrawn.restored) == ("SUCCEEDED", ("trades/b.csv",)), verdict.message
    assert (verdict.withdrawn.rows, len(skipped(lake))) == (7, 1)
    # A row that is the same in both is of the copy that came back.
    assert [(row["transaction_id"], row["_object"]) for row in lake.rows()] == [
        *(("TXN1", "trades/b.csv"), ("TXN3", "trades/b.csv"))
    ]
    copy = current_ledger(lake).copy
    assert (copy and copy.name, lake.run().nothing_unread) == ("trades/b.csv", True)
    assert withdraw(lake, "b").withdrawn.restored == ("trades/a.csv",)
    assert transaction_ids(lake) == ["TXN1", "TXN2"]
    refused = withdraw(lake, "a")
    assert (refused.state, "an earlier copy (none is there any more)" in refused.message) == ("FAILED", True)
    assert transaction_ids(lake) == ["TXN1", "TXN2"]
    assert withdraw(lake, "a", EARLIER_COPY).state == "SUCCEEDED"
    assert (lake.rows(), len(skipped(lake)), lake.run().nothing_unread) == ([], 3, True)
    lake.put_files(d__csv=csv_bytes(sale_line(1)))
    assert (lake.run().rows_published, transaction_ids(lake)) == (1, ["TXN1"])


@pytest.mark.long
def test_a_withdrawal_that_dies_changes_nothing_or_all_and_the_next_one_ends_it(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)), b__csv=csv_bytes(sale_line(2)))
    lake.run()
    for step in ("rows staged", "ledger written", "before the fast-forward"):
        with crashing_at(step), pytest.raises(Crash):
            withdraw(lake, "b")
        assert (transaction_ids(lake), lake.run().nothing_unread) == (["TXN1", "TXN2"], True), step
    with crashing_at("after the fast-forward"), pytest.raises(Crash):
        withdraw(lake, "b")
    assert (transaction_ids(lake), lake.run().nothing_unread) == (["TXN1"], True)
    assert "no run has published trades/b.csv" in withdraw(lake, "b").message
    assert skipped(lake) == [("trades/b.csv", "ada", "sent by mistake")]
