"""Every row once: corrections, objects read again, keys that come twice, runs that meet, objects that are left alone."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyspark.sql import DataFrame, SparkSession

from etl.contract.model import load
from etl.iceberg.current_snapshot import branches, head
from etl.iceberg.table import Table
from etl.ledger import ledger, orphan_cleanup, skip_list
from etl.ledger.ledger import Ledger
from etl.ledger.skip_list import Skip
from etl.pipeline import Passage
from etl.results.verdict import Verdict
from etl.sources.new_objects import Arrival
from etl.storage.raw_objects import latest
from tests.spark.lake import ROOT, Lake, day
from tests.spark.test_quarantine import amend, executions, listed, queries, sale, status_store
from tests.spark.test_replay import counted


def ids(lake: Lake) -> list[str]:
    return [row["transaction_id"] for row in lake.rows()]


def name(lake: Lake) -> str:
    return f"lake.{lake.database}.sales"


def held(lake: Lake) -> dict[str, tuple[str, str]]:
    return ledger.read(lake.aws.s3, head(lake.aws.glue, lake.aws.s3, name(lake))).held.all()


def declare(lake: Lake, stage: str, **meta: Any) -> None:
    key = f"contracts/{stage}.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    suite["meta"] |= meta
    lake.put_key(key, json.dumps(suite).encode())


def test_a_new_version_of_an_object_replaces_the_rows_of_the_earlier_one(lake: Lake) -> None:
    lake.put(a__csv=day(sale(1), sale(2)), b__csv=day(sale(3)))
    lake.run()
    lake.put(a__csv=day(sale(2, quantity="7"), sale(4)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.corrected) == ("SUCCEEDED", 2, ["sales/a.csv"]), (
        verdict.message
    )
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [("TXN2", 7), ("TXN3", 1), ("TXN4", 1)]
    assert lake.run().nothing_unread


@pytest.mark.long
def test_a_correction_that_breaks_the_contract_leaves_the_earlier_rows(lake: Lake) -> None:
    lake.put(a__csv=day(sale(1)))
    lake.run()
    lake.put(a__csv=day(sale(1, quantity="0")))
    assert lake.run().state == "FAILED"
    assert [row["quantity"] for row in lake.rows()] == [1]


@pytest.mark.long
def test_rows_of_an_earlier_version_that_were_set_aside_count_no_longer(lake: Lake) -> None:
    amend(lake, "input", "sales.region.known")
    lake.put(a__csv=day(sale(1), sale(2, region="MARS")), b__csv=day(sale(3), sale(4, region="VENUS")))
    first = lake.run()
    lake.put(a__csv=day(sale(1), sale(2)))
    assert lake.run().rows_published == 2
    assert [row["source"]["transaction_id"] for row in counted(lake)] == ["TXN4"]
    amend(lake, "input", "sales.region.known", value_set=["US-EAST", "VENUS"])
    amend(lake, "output", "sales.region.published", value_set=["US-EAST", "VENUS"])
    assert lake.run(replay=first.run_id).rows_published == 1
    assert ids(lake) == ["TXN1", "TXN2", "TXN3", "TXN4"]


@pytest.mark.long
def test_an_object_is_read_again_under_todays_contract(lake: Lake) -> None:
    amend(lake, "input", "sales.region.known")
    lake.put(a__csv=day(sale(1), sale(2, region="MARS")), b__csv=day(sale(3)))
    lake.run()
    amend(lake, "input", "sales.region.known", value_set=["US-EAST", "MARS"])
    amend(lake, "output", "sales.region.published", value_set=["US-EAST", "MARS"])
    verdict = lake.run(rerun=("sales/a.csv",))
    assert (verdict.rows_read, verdict.rows_published, verdict.corrected) == (2, 2, ["sales/a.csv"]), verdict.message
    assert (ids(lake), counted(lake)) == (["TXN1", "TXN2", "TXN3"], [])


def test_an_object_that_is_not_there_cannot_be_read_again(lake: Lake) -> None:
    lake.put(a__csv=day(sale(1)))
    verdict = lake.run(rerun=("sales/nowhere.csv",))
    assert (verdict.state, lake.rows() if verdict.snapshot_after else []) == ("FAILED", [])
    assert "sales/nowhere.csv is not in the raw bucket" in verdict.message


def test_a_deleted_object_changes_nothing_and_is_told(lake: Lake) -> None:
    lake.put(a__csv=day(sale(1)), b__csv=day(sale(2)))
    lake.run()
    lake.aws.s3.delete_object(Bucket=lake.bucket, Key="sales/a.csv")
    verdict = lake.run()
    assert (verdict.deleted, verdict.nothing_unread, ids(lake)) == (["sales/a.csv"], True, ["TXN1", "TXN2"])


def test_a_skipped_object_is_left_alone_until_it_has_a_new_version(lake: Lake) -> None:
    lake.put(a__csv=b"nonsense", b__csv=day(sale(2)))
    assert lake.run().state == "FAILED"
    location = lake.order().location
    version = lake.aws.s3.head_object(Bucket=lake.bucket, Key="sales/a.csv")["VersionId"]
    skip = Skip("sales/a.csv", version, "cut off", "ada", "2026-01-31T00:00:00+00:00")
    skip_list.write(lake.aws.s3, location, [skip], None)
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 1), verdict.message
    assert [(one["key"], one["why"]) for one in verdict.skipped] == [("sales/a.csv", "cut off")]
    assert lake.run().message.endswith("; 1 skipped")
    lake.put(a__csv=day(sale(1)))
    assert (lake.run().rows_published, ids(lake)) == (1, ["TXN1", "TXN2"])


def test_a_skipped_object_is_not_read_again_for_the_rows_that_a_newer_one_had_replaced(lake: Lake) -> None:
    lake.put(a__csv=day(sale(1)), b__csv=day(sale(1, quantity="5"), sale(2)))
    order = lake.order()
    known = Ledger().with_these(latest(lake.aws.s3, order.raw)).won({"sales/b.csv": ["sales/a.csv"]})
    contract = load((ROOT / "expectations/sales/input.json").read_text(), "input.json")
    lake.put(a__csv=b"nonsense", b__csv=day(sale(2)))
    skipped, corrected = latest(lake.aws.s3, order.raw)
    skip = Skip(skipped.key, skipped.version, "cut off", "ada", "2026-01-31T00:00:00+00:00")
    skip_list.write(lake.aws.s3, order.location, [skip], None)
    found = Arrival.of(order, lake.aws, contract, lambda _: None, known)
    assert (found.unread, found.skipped, found.together) == ([corrected], [skip], False)
    assert found.told == "1 object; rows of the skipped sales/a.csv stay replaced until `unskip`"
    again = Arrival.of(lake.order(rerun=(skipped.key,)), lake.aws, contract, lambda _: None, known)
    assert again.unread == [skipped]


def test_a_row_that_was_replaced_cannot_come_back_when_its_own_object_is_gone(lake: Lake) -> None:
    lake.put(a__csv=day(sale(1)), b__csv=day(sale(1, quantity="5"), sale(2)))
    order = lake.order()
    known = Ledger().with_these(latest(lake.aws.s3, order.raw)).won({"sales/b.csv": ["sales/a.csv"]})
    contract = load((ROOT / "expectations/sales/input.json").read_text(), "input.json")
    lake.aws.s3.delete_object(Bucket=lake.bucket, Key="sales/a.csv")
    lake.put(b__csv=day(sale(2)))
    found = Arrival.of(order, lake.aws, contract, lambda _: None, known)
    assert ([one.key for one in found.unread], found.deleted) == (["sales/b.csv"], ["sales/a.csv"])


def test_of_two_operators_at_once_the_second_is_refused(lake: Lake) -> None:
    location = lake.order().location
    one, other = (Skip(f"sales/{key}.csv", "1", "why", "who", "now") for key in "ab")
    seen = skip_list.read(lake.aws.s3, location)
    skip_list.write(lake.aws.s3, location, [one], seen.etag)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        skip_list.write(lake.aws.s3, location, [other], seen.etag)
    assert skip_list.read(lake.aws.s3, location).skipped == (one,)


def test_the_newer_objects_row_wins_where_the_contract_says_so(lake: Lake) -> None:
    declare(lake, "output", on_conflict="replace")
    lake.put(a__csv=day(sale(1, quantity="1"), sale(2, quantity="1")))
    lake.run()
    lake.put(b__csv=day(sale(2, quantity="5"), sale(3)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_replaced) == ("SUCCEEDED", 2, 0), verdict.message
    found = [(row["transaction_id"], row["quantity"], row["_object"]) for row in lake.rows()]
    assert found == [("TXN1", 1, "sales/a.csv"), ("TXN2", 5, "sales/b.csv"), ("TXN3", 1, "sales/b.csv")]
    assert set(held(lake)) == {"sales/a.csv", "sales/b.csv"}


@pytest.mark.long
def test_a_row_that_was_replaced_comes_back_when_the_newer_object_loses_it(lake: Lake) -> None:
    declare(lake, "output", on_conflict="replace")
    lake.put(a__csv=day(sale(1, quantity="1")))
    lake.run()
    lake.put(b__csv=day(sale(1, quantity="5"), sale(2)))
    lake.run()
    lake.put(b__csv=day(sale(2)))
    verdict = lake.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [("TXN1", 1), ("TXN2", 1)]


@pytest.mark.long
def test_of_one_runs_objects_the_one_that_was_put_last_wins_and_twice_in_one_object_is_a_violation(lake: Lake) -> None:
    declare(lake, "output", on_conflict="replace")
    lake.put(b__csv=day(sale(1, quantity="1"), sale(2)))
    lake.put(a__csv=day(sale(1, quantity="2")))
    versions = lake.aws.s3.list_object_versions(Bucket=lake.bucket, Prefix="sales/")["Versions"]
    put = {one["Key"]: one["LastModified"] for one in versions}
    last = max(put, key=lambda key: (put[key].replace(microsecond=0), key))
    verdict = lake.run()
    assert (verdict.rows_read, verdict.rows_published, verdict.rows_replaced) == (3, 2, 1), verdict.message
    assert lake.rows()[0]["_object"] == last
    lake.put(c__csv=day(sale(7), sale(7)))
    assert [one.rule for one in lake.run().broken] == ["sales.transaction_id.unique"]


def overtake(lake: Lake, monkeypatch: pytest.MonkeyPatch, times: int) -> Verdict:
    """Run, and let another run publish an object of its own while this one works, so many times."""
    monkeypatch.setattr(orphan_cleanup, "is_alive", lambda *_: True)
    publish = Passage._publish
    left = list(range(times))

    def overtaken(passage: Passage, *rest: Any) -> None:
        if left and passage.order.run_id == order:
            number = left.pop()
            monkeypatch.setattr(Passage, "_publish", publish)
            lake.put(**{f"late{number}__csv": day(sale(100 + number))})
            assert lake.run(rerun=(f"sales/late{number}.csv",)).state == "SUCCEEDED"
            monkeypatch.setattr(Passage, "_publish", overtaken)
        publish(passage, *rest)

    order = f"jr_overtaken{lake.number}"
    monkeypatch.setattr(Passage, "_publish", overtaken)
    return lake.run(run_id=order)


def test_a_run_that_is_overtaken_stages_once_more(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.put(a__csv=day(sale(1)))
    lake.run()
    lake.put(b__csv=day(sale(2)))
    verdict = overtake(lake, monkeypatch, 1)
    assert (verdict.state, verdict.attempts) == ("SUCCEEDED", 2), verdict.message
    assert ids(lake) == ["TXN1", "TXN100", "TXN2"]
    assert len(held(lake)) == 3
    assert branches(lake.aws.glue, lake.aws.s3, name(lake)) == []


@pytest.mark.long
def test_a_rollback_made_while_a_run_works_is_not_undone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Main is an ancestor of the run's branch by then too, so that a fast-forward alone would bring all of it back."""
    lake.put(a__csv=day(sale(1)))
    good = lake.run().snapshot_after
    lake.put(b__csv=day(sale(2)))
    lake.run()
    lake.put(c__csv=day(sale(3)))
    [taken_back] = [one for one in latest(lake.aws.s3, lake.order().raw) if one.key == "sales/b.csv"]
    publish, left = Passage._publish, [good]

    def rolled_back(passage: Passage, *rest: Any) -> None:
        if left:
            skip = Skip(taken_back.key, taken_back.version, "rolled back", "ada", "now")
            skip_list.write(lake.aws.s3, lake.order().location, [skip], None)
            lake.spark.sql(f"CALL lake.system.set_current_snapshot('{name(lake)}', {left.pop()})").collect()
        publish(passage, *rest)

    monkeypatch.setattr(Passage, "_publish", rolled_back)
    verdict = lake.run()
    assert (verdict.state, verdict.attempts, ids(lake)) == ("SUCCEEDED", 2, ["TXN1", "TXN3"]), verdict.message
    assert sorted(held(lake)) == ["sales/a.csv", "sales/c.csv"]


@pytest.mark.long
def test_a_run_that_is_overtaken_twice_ends_superseded_with_nothing_published(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.put(a__csv=day(sale(1)))
    lake.run()
    lake.put(b__csv=day(sale(2)))
    verdict = overtake(lake, monkeypatch, 2)
    assert (verdict.state, verdict.attempts) == ("FAILED", 2)
    assert verdict.message.startswith(f"superseded: {name(lake)}: another run published while this one worked")
    assert ids(lake) == ["TXN1", "TXN100", "TXN101"]
    assert sorted(held(lake)) == ["sales/a.csv", "sales/late0.csv", "sales/late1.csv"]
    monkeypatch.undo()
    assert (lake.run().rows_published, len(ids(lake))) == (1, 4)


def test_what_a_dead_run_left_is_dropped_and_told_and_what_a_live_one_has_is_not(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.put(a__csv=day(sale(1)))
    with monkeypatch.context() as dying:
        dying.setattr(Passage, "_publish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        dying.setattr(Table, "drop", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            lake.run(run_id="jr_dead")
    assert branches(lake.aws.glue, lake.aws.s3, name(lake)) == ["run_jr_dead"]
    with monkeypatch.context() as alive:
        alive.setattr(orphan_cleanup, "is_alive", lambda *_: True)
        assert lake.run().remains == []
    assert branches(lake.aws.glue, lake.aws.s3, name(lake)) == ["run_jr_dead"]
    lake.put(b__csv=day(sale(2)))
    verdict = lake.run()
    assert verdict.remains == [f"dropped run_jr_dead of {name(lake)}, which a run left that ended without publishing"]
    assert branches(lake.aws.glue, lake.aws.s3, name(lake)) == []
    assert ids(lake) == ["TXN1", "TXN2"]


def test_a_lost_answer_to_the_commit_does_not_fail_what_is_published(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = Table.publish

    def unheard(table: Table, *rest: Any) -> None:
        publish(table, *rest)
        raise ConnectionError("the answer was lost")

    lake.put(a__csv=day(sale(1)))
    monkeypatch.setattr(Table, "publish", unheard)
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, ids(lake)) == ("SUCCEEDED", 1, ["TXN1"]), verdict.message


@pytest.mark.long
def test_one_bad_object_blocks_the_others_unless_the_contract_isolates_it(lake: Lake) -> None:
    lake.put(a__csv=day(sale(1)), b__csv=day(sale(2, quantity="0")), c__csv=day(sale(3)))
    assert lake.run().state == "FAILED"
    declare(lake, "input", on_poison="isolate")
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, ids(lake)) == ("FAILED", 2, ["TXN1", "TXN3"])
    assert (
        "sales/b.csv broke the contract and stays unread, 2 rows of 2 other objects were published" in verdict.message
    )
    assert "sales.quantity.range" in {one.rule for one in verdict.broken}
    assert sorted(held(lake)) == ["sales/a.csv", "sales/c.csv"]
    again = lake.run()
    assert (again.state, again.rows_published) == ("FAILED", 0)
    lake.put(b__csv=day(sale(2)))
    assert (lake.run().state, ids(lake)) == ("SUCCEEDED", ["TXN1", "TXN2", "TXN3"])


def test_a_row_that_moves_beside_a_bad_object_is_published_with_the_object_that_it_left(lake: Lake) -> None:
    declare(lake, "input", on_poison="isolate")
    lake.put(b__csv=day(sale(1), sale(2)))
    lake.run()
    lake.put(a__csv=day(sale(1, quantity="7")), b__csv=day(sale(2)), c__csv=b"nonsense")
    verdict = lake.run()
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [("TXN1", 7), ("TXN2", 1)]
    assert "sales/c.csv broke the contract and stays unread, 2 rows of 2 other objects were published" in (
        verdict.message
    )
    assert {one.rule for one in verdict.broken} == {"sales.structure.header"}
    assert branches(lake.aws.glue, lake.aws.s3, name(lake)) == []


def test_a_table_that_somebody_else_wrote_to_stops_the_run(lake: Lake) -> None:
    lake.put(a__csv=day(sale(1)))
    lake.run()
    lake.spark.sql(f"DELETE FROM {name(lake)} WHERE transaction_id = 'TXN1'")
    lake.put(b__csv=day(sale(2)))
    verdict = lake.run()
    assert verdict.state == "FAILED"
    assert "carries no sluice.ledger: somebody else wrote to the table" in verdict.message


def files_read(frame: DataFrame) -> int:
    """Return how many data files a frame's scan reads."""
    before = queries(frame.sparkSession)
    frame.collect()
    # Beside it a run may make its table, which reads no file.
    found = files_of_scans(frame.sparkSession, queries(frame.sparkSession) - before)
    assert found
    return sum(found)


def files_of_scans(spark: SparkSession, ran: set[int]) -> list[int]:
    """Return how many data files each scan of some queries read, by Iceberg's own scan metrics."""
    store, found = status_store(spark), list[int]()
    for at in ran:
        nodes, values = listed(store.planGraph(at).allNodes()), store.executionMetrics(at)
        metrics = [metric for node in nodes for metric in listed(node.metrics())]
        known = [one.accumulatorId() for one in metrics if one.name() == "number of result data files"]
        found += [int(values.apply(one)) for one in known if values.contains(one)]
    return found


def test_a_day_with_keys_of_its_own_reads_no_file_of_the_days_before(lake: Lake) -> None:
    lake.put(a__csv=day(sale(11), sale(12, region="EU-WEST"), sale(13, day="2025-02-01")))
    lake.run()
    before = executions(lake)
    lake.put(b__csv=day(sale(21, day="2025-03-01")))
    assert lake.run().state == "SUCCEEDED"
    own = files_of_scans(lake.spark, executions(lake) - before)
    # No scan of the run reads more than its own file: the days before have three.
    assert (len(own) > 2, max(own)) == (True, 1)
    lake.put(c__csv=day(sale(12, day="2025-04-01")))
    [found] = lake.run().broken
    assert found.samples == ("TXN12 is in sales/a.csv already",)
