"""Every row once: corrections, objects read again, keys that come twice, runs that meet, objects that are left alone."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyspark.sql import DataFrame, SparkSession

from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.gate import key_conflicts
from etl.iceberg.current_snapshot import list_branches, read_head
from etl.iceberg.manifests import DataFile, files_in_ranges
from etl.iceberg.table import Table
from etl.ledger import ledger, orphan_cleanup, skip_list
from etl.ledger.ingested_objects import Objects
from etl.ledger.ledger import Ledger
from etl.ledger.skip_list import Skip
from etl.pipeline import GateRun
from etl.results.verdict import Verdict
from etl.sources.new_objects import Arrival
from etl.storage.raw_objects import list_latest
from tests.lake import LAKE
from tests.spark.lake import Lake, csv_bytes
from tests.spark.test_quarantine import execution_ids, jvm_list, make_warning, query_ids, sale_line, status_store
from tests.spark.test_replay import quarantined_rows


def transaction_ids(lake: Lake) -> list[str]:
    return [row["transaction_id"] for row in lake.rows()]


def table_name(lake: Lake) -> str:
    return f"lake.{lake.database}.trades"


def held_objects(lake: Lake) -> Objects:
    return ledger.read_ledger(lake.aws.s3, read_head(lake.aws.glue, lake.aws.s3, table_name(lake))).held.all_objects()


def trades_contracts() -> tuple[Contract, Contract]:
    """Return the lake's contracts of trades, input and output."""
    texts = ((LAKE / f"expectations/trades/{stage}.json").read_text() for stage in ("input", "output"))
    input_contract, output = (parse_contract(text, "trades") for text in texts)
    return input_contract, output


def declare_meta(lake: Lake, stage: str, **meta: Any) -> None:
    key = f"contracts/{stage}.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    suite["meta"] |= meta
    lake.put_key(key, json.dumps(suite).encode())


def test_a_new_version_of_an_object_replaces_the_rows_of_the_earlier_one(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2)), b__csv=csv_bytes(sale_line(3)))
    lake.run()
    lake.put_files(a__csv=csv_bytes(sale_line(2, quantity="7"), sale_line(4)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.corrected) == ("SUCCEEDED", 2, ["trades/a.csv"]), (
        verdict.message
    )
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [("TXN2", 7), ("TXN3", 1), ("TXN4", 1)]
    assert lake.run().nothing_unread


@pytest.mark.long
def test_a_correction_that_breaks_the_contract_leaves_the_earlier_rows(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    lake.run()
    lake.put_files(a__csv=csv_bytes(sale_line(1, quantity="0")))
    assert lake.run().state == "FAILED"
    assert [row["quantity"] for row in lake.rows()] == [1]


@pytest.mark.long
def test_rows_of_an_earlier_version_that_were_set_aside_count_no_longer(lake: Lake) -> None:
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(
        a__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS")),
        b__csv=csv_bytes(sale_line(3), sale_line(4, region="VENUS")),
    )
    first = lake.run()
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2)))
    assert lake.run().rows_published == 2
    assert [row["source"]["transaction_id"] for row in quarantined_rows(lake)] == ["TXN4"]
    make_warning(lake, "input", "trades.region.known", value_set=["US-EAST", "VENUS"])
    make_warning(lake, "output", "trades.region.published", value_set=["US-EAST", "VENUS"])
    assert lake.run(replay=first.run_id).rows_published == 1
    assert transaction_ids(lake) == ["TXN1", "TXN2", "TXN3", "TXN4"]


@pytest.mark.long
def test_an_object_is_read_again_under_todays_contract(lake: Lake) -> None:
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS")), b__csv=csv_bytes(sale_line(3)))
    lake.run()
    make_warning(lake, "input", "trades.region.known", value_set=["US-EAST", "MARS"])
    make_warning(lake, "output", "trades.region.published", value_set=["US-EAST", "MARS"])
    verdict = lake.run(rerun=("trades/a.csv",))
    assert (verdict.rows_read, verdict.rows_published, verdict.corrected) == (2, 2, ["trades/a.csv"]), verdict.message
    assert (transaction_ids(lake), quarantined_rows(lake)) == (["TXN1", "TXN2", "TXN3"], [])


def test_an_object_that_is_not_there_cannot_be_read_again(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    verdict = lake.run(rerun=("trades/nowhere.csv",))
    assert (verdict.state, lake.rows() if verdict.snapshot_after else []) == ("FAILED", [])
    assert "trades/nowhere.csv is not in the raw bucket" in verdict.message


def test_a_deleted_object_changes_nothing_and_is_told(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)), b__csv=csv_bytes(sale_line(2)))
    lake.run()
    lake.aws.s3.delete_object(Bucket=lake.bucket, Key="trades/a.csv")
    verdict = lake.run()
    assert (verdict.deleted, verdict.nothing_unread, transaction_ids(lake)) == (
        ["trades/a.csv"],
        True,
        ["TXN1", "TXN2"],
    )


def test_a_skipped_object_is_left_alone_until_it_has_a_new_version(lake: Lake) -> None:
    lake.put_files(a__csv=b"nonsense", b__csv=csv_bytes(sale_line(2)))
    assert lake.run().state == "FAILED"
    location = lake.job_arguments().location
    version = lake.aws.s3.head_object(Bucket=lake.bucket, Key="trades/a.csv")["VersionId"]
    skip = Skip("trades/a.csv", version, "cut off", "ada", "2026-01-31T00:00:00+00:00")
    skip_list.write_skip_list(lake.aws.s3, location, [skip], None)
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 1), verdict.message
    assert [(entry.key, entry.why) for entry in verdict.skipped] == [("trades/a.csv", "cut off")]
    assert lake.run().message.endswith("; 1 skipped")
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    assert (lake.run().rows_published, transaction_ids(lake)) == (1, ["TXN1", "TXN2"])


def test_a_skipped_object_is_not_read_again_for_the_rows_that_a_newer_one_had_replaced(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)), b__csv=csv_bytes(sale_line(1, quantity="5"), sale_line(2)))
    order = lake.job_arguments()
    held_ledger = (
        Ledger()
        .with_objects(list_latest(lake.aws.s3, order.raw))
        .record_replacements({"trades/b.csv": ["trades/a.csv"]})
    )
    contracts = trades_contracts()
    lake.put_files(a__csv=b"nonsense", b__csv=csv_bytes(sale_line(2)))
    skipped, corrected = list_latest(lake.aws.s3, order.raw)
    skip = Skip(skipped.key, skipped.version, "cut off", "ada", "2026-01-31T00:00:00+00:00")
    skip_list.write_skip_list(lake.aws.s3, order.location, [skip], None)
    arrival = Arrival.from_listing(order, lake.aws, contracts, lambda _: None, held_ledger)
    assert (arrival.unread, arrival.skipped, arrival.together) == ([corrected], [skip], False)
    assert arrival.read_summary == "1 object; rows of the skipped trades/a.csv stay replaced until `unskip`"
    again = Arrival.from_listing(
        lake.job_arguments(rerun=(skipped.key,)), lake.aws, contracts, lambda _: None, held_ledger
    )
    assert again.unread == [skipped]


def test_a_row_that_was_replaced_cannot_come_back_when_its_own_object_is_gone(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)), b__csv=csv_bytes(sale_line(1, quantity="5"), sale_line(2)))
    order = lake.job_arguments()
    held_ledger = (
        Ledger()
        .with_objects(list_latest(lake.aws.s3, order.raw))
        .record_replacements({"trades/b.csv": ["trades/a.csv"]})
    )
    contracts = trades_contracts()
    lake.aws.s3.delete_object(Bucket=lake.bucket, Key="trades/a.csv")
    lake.put_files(b__csv=csv_bytes(sale_line(2)))
    arrival = Arrival.from_listing(order, lake.aws, contracts, lambda _: None, held_ledger)
    assert ([raw_object.key for raw_object in arrival.unread], arrival.deleted) == (["trades/b.csv"], ["trades/a.csv"])


def test_of_two_operators_at_once_the_second_is_refused(lake: Lake) -> None:
    location = lake.job_arguments().location
    first_skip, second_skip = (Skip(f"trades/{key}.csv", "1", "why", "who", "now") for key in "ab")
    skips = skip_list.read_skip_list(lake.aws.s3, location)
    skip_list.write_skip_list(lake.aws.s3, location, [first_skip], skips.etag)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        skip_list.write_skip_list(lake.aws.s3, location, [second_skip], skips.etag)
    assert skip_list.read_skip_list(lake.aws.s3, location).skipped == (first_skip,)


def test_the_newer_objects_row_wins_where_the_contract_says_so(lake: Lake) -> None:
    declare_meta(lake, "output", on_conflict="replace")
    lake.put_files(a__csv=csv_bytes(sale_line(1, quantity="1"), sale_line(2, quantity="1")))
    lake.run()
    lake.put_files(b__csv=csv_bytes(sale_line(2, quantity="5"), sale_line(3)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_replaced) == ("SUCCEEDED", 2, 0), verdict.message
    rows = [(row["transaction_id"], row["quantity"], row["_object"]) for row in lake.rows()]
    assert rows == [("TXN1", 1, "trades/a.csv"), ("TXN2", 5, "trades/b.csv"), ("TXN3", 1, "trades/b.csv")]
    assert set(held_objects(lake)) == {"trades/a.csv", "trades/b.csv"}


def test_a_replay_of_rows_that_were_all_replaced_meanwhile_publishes_none_and_is_no_empty_day(lake: Lake) -> None:
    declare_meta(lake, "output", on_conflict="replace")
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(a__csv=csv_bytes(sale_line(1, region="MARS"), sale_line(2)))
    aside = lake.run()
    lake.put_files(b__csv=csv_bytes(sale_line(1, quantity="5")))
    lake.run()
    make_warning(lake, "input", "trades.region.known", value_set=["US-EAST", "MARS"])
    make_warning(lake, "output", "trades.region.published", value_set=["US-EAST", "MARS"])
    replayed = lake.run(replay=aside.run_id)
    counts = (replayed.state, replayed.rows_read, replayed.rows_published, replayed.rows_replaced)
    assert counts == ("SUCCEEDED", 1, 0, 1), replayed.message
    assert {rule.rows_judged for rule in replayed.rules if rule.rule == "trades.output.rows"} == {1}
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [("TXN1", 5), ("TXN2", 1)]


@pytest.mark.long
def test_a_row_that_was_replaced_comes_back_when_the_newer_object_loses_it(lake: Lake) -> None:
    declare_meta(lake, "output", on_conflict="replace")
    lake.put_files(a__csv=csv_bytes(sale_line(1, quantity="1")))
    lake.run()
    lake.put_files(b__csv=csv_bytes(sale_line(1, quantity="5"), sale_line(2)))
    lake.run()
    lake.put_files(b__csv=csv_bytes(sale_line(2)))
    verdict = lake.run()
    assert verdict.state == "SUCCEEDED", verdict.message
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [("TXN1", 1), ("TXN2", 1)]


@pytest.mark.long
def test_of_one_runs_objects_the_one_that_was_put_last_wins_and_twice_in_one_object_is_a_violation(lake: Lake) -> None:
    declare_meta(lake, "output", on_conflict="replace")
    lake.put_files(b__csv=csv_bytes(sale_line(1, quantity="1"), sale_line(2)))
    lake.put_files(a__csv=csv_bytes(sale_line(1, quantity="2")))
    versions = lake.aws.s3.list_object_versions(Bucket=lake.bucket, Prefix="trades/")["Versions"]
    put = {version["Key"]: version["LastModified"] for version in versions}
    last = max(put, key=lambda key: (put[key].replace(microsecond=0), key))
    verdict = lake.run()
    assert (verdict.rows_read, verdict.rows_published, verdict.rows_replaced) == (3, 2, 1), verdict.message
    assert lake.rows()[0]["_object"] == last
    lake.put_files(c__csv=csv_bytes(sale_line(7), sale_line(7)))
    assert [result.rule for result in lake.run().broken] == ["trades.transaction_id.unique"]


def run_overtaken(lake: Lake, monkeypatch: pytest.MonkeyPatch, times: int) -> Verdict:
    """Run, and let another run publish an object of its own while this one works, so many times."""
    monkeypatch.setattr(orphan_cleanup, "is_alive", lambda *_: True)
    publish = GateRun._publish
    remaining = list(range(times))

    def publish_late(passage: GateRun, *args: Any) -> None:
        if remaining and passage.arguments.run_id == order:
            number = remaining.pop()
            monkeypatch.setattr(GateRun, "_publish", publish)
            lake.put_files(**{f"late{number}__csv": csv_bytes(sale_line(100 + number))})
            assert lake.run(rerun=(f"trades/late{number}.csv",)).state == "SUCCEEDED"
            monkeypatch.setattr(GateRun, "_publish", publish_late)
        publish(passage, *args)

    order = f"jr_overtaken{lake.number}"
    monkeypatch.setattr(GateRun, "_publish", publish_late)
    return lake.run(run_id=order)


@pytest.mark.long
def test_a_run_that_is_overtaken_stages_once_more(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    lake.run()
    lake.put_files(b__csv=csv_bytes(sale_line(2)))
    verdict = run_overtaken(lake, monkeypatch, 1)
    assert (verdict.state, verdict.attempts) == ("SUCCEEDED", 2), verdict.message
    assert transaction_ids(lake) == ["TXN1", "TXN100", "TXN2"]
    assert len(held_objects(lake)) == 3
    assert list_branches(lake.aws.glue, lake.aws.s3, table_name(lake)) == []


@pytest.mark.long
def test_a_rollback_made_while_a_run_works_is_not_undone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Main is an ancestor of the run's branch by then too, so that a fast-forward alone would bring all of it back."""
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    good = lake.run().snapshot_after
    lake.put_files(b__csv=csv_bytes(sale_line(2)))
    lake.run()
    lake.put_files(c__csv=csv_bytes(sale_line(3)))
    [taken_back] = [
        raw_object
        for raw_object in list_latest(lake.aws.s3, lake.job_arguments().raw)
        if raw_object.key == "trades/b.csv"
    ]
    publish, remaining = GateRun._publish, [good]

    def rolled_back(passage: GateRun, *args: Any) -> None:
        if remaining:
            skip = Skip(taken_back.key, taken_back.version, "rolled back", "ada", "now")
            skip_list.write_skip_list(lake.aws.s3, lake.job_arguments().location, [skip], None)
            lake.spark.sql(f"CALL lake.system.set_current_snapshot('{table_name(lake)}', {remaining.pop()})").collect()
        publish(passage, *args)

    monkeypatch.setattr(GateRun, "_publish", rolled_back)
    verdict = lake.run()
    assert (verdict.state, verdict.attempts, transaction_ids(lake)) == ("SUCCEEDED", 2, ["TXN1", "TXN3"]), (
        verdict.message
    )
    assert sorted(held_objects(lake)) == ["trades/a.csv", "trades/c.csv"]


@pytest.mark.long
def test_a_run_that_is_overtaken_twice_ends_superseded_with_nothing_published(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    lake.run()
    lake.put_files(b__csv=csv_bytes(sale_line(2)))
    verdict = run_overtaken(lake, monkeypatch, 2)
    assert (verdict.state, verdict.attempts) == ("FAILED", 2)
    assert verdict.message.startswith(f"superseded: {table_name(lake)}: another run published while this one worked")
    assert transaction_ids(lake) == ["TXN1", "TXN100", "TXN101"]
    assert sorted(held_objects(lake)) == ["trades/a.csv", "trades/late0.csv", "trades/late1.csv"]
    monkeypatch.undo()
    assert (lake.run().rows_published, len(transaction_ids(lake))) == (1, 4)


def test_what_a_dead_run_left_is_dropped_and_told_and_what_a_live_one_has_is_not(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    with monkeypatch.context() as dying:
        dying.setattr(GateRun, "_publish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        dying.setattr(Table, "drop_branch", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            lake.run(run_id="jr_dead")
    assert list_branches(lake.aws.glue, lake.aws.s3, table_name(lake)) == ["run_jr_dead"]
    with monkeypatch.context() as alive:
        alive.setattr(orphan_cleanup, "is_alive", lambda *_: True)
        assert lake.run().remains == []
    assert list_branches(lake.aws.glue, lake.aws.s3, table_name(lake)) == ["run_jr_dead"]
    lake.put_files(b__csv=csv_bytes(sale_line(2)))
    verdict = lake.run()
    assert verdict.remains == [
        f"dropped run_jr_dead of {table_name(lake)}, which a run left that ended without publishing"
    ]
    assert list_branches(lake.aws.glue, lake.aws.s3, table_name(lake)) == []
    assert transaction_ids(lake) == ["TXN1", "TXN2"]


def test_a_lost_answer_to_the_commit_does_not_fail_what_is_published(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = Table.publish

    def lose_answer(table: Table, *args: Any) -> None:
        publish(table, *args)
        raise ConnectionError("the answer was lost")

    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    monkeypatch.setattr(Table, "publish", lose_answer)
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, transaction_ids(lake)) == ("SUCCEEDED", 1, ["TXN1"]), verdict.message


@pytest.mark.long
def test_one_bad_object_blocks_the_others_unless_the_contract_isolates_it(lake: Lake) -> None:
    lake.put_files(
        a__csv=csv_bytes(sale_line(1)), b__csv=csv_bytes(sale_line(2, quantity="0")), c__csv=csv_bytes(sale_line(3))
    )
    assert lake.run().state == "FAILED"
    declare_meta(lake, "input", on_poison="isolate")
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, transaction_ids(lake)) == ("FAILED", 2, ["TXN1", "TXN3"])
    assert (
        "trades/b.csv broke the contract and stays unread, 2 rows of 2 other objects were published" in verdict.message
    )
    assert "trades.quantity.range" in {result.rule for result in verdict.broken}
    assert sorted(held_objects(lake)) == ["trades/a.csv", "trades/c.csv"]
    again = lake.run()
    assert (again.state, again.rows_published) == ("FAILED", 0)
    lake.put_files(b__csv=csv_bytes(sale_line(2)))
    assert (lake.run().state, transaction_ids(lake)) == ("SUCCEEDED", ["TXN1", "TXN2", "TXN3"])


@pytest.mark.long
def test_a_row_that_moves_beside_a_bad_object_is_published_with_the_object_that_it_left(lake: Lake) -> None:
    declare_meta(lake, "input", on_poison="isolate")
    lake.put_files(b__csv=csv_bytes(sale_line(1), sale_line(2)))
    lake.run()
    lake.put_files(a__csv=csv_bytes(sale_line(1, quantity="7")), b__csv=csv_bytes(sale_line(2)), c__csv=b"nonsense")
    verdict = lake.run()
    assert [(row["transaction_id"], row["quantity"]) for row in lake.rows()] == [("TXN1", 7), ("TXN2", 1)]
    assert "trades/c.csv broke the contract and stays unread, 2 rows of 2 other objects were published" in (
        verdict.message
    )
    assert {result.rule for result in verdict.broken} == {"trades.structure.header"}
    assert list_branches(lake.aws.glue, lake.aws.s3, table_name(lake)) == []


def test_a_table_that_somebody_else_wrote_to_stops_the_run(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    lake.run()
    lake.spark.sql(f"DELETE FROM {table_name(lake)} WHERE transaction_id = 'TXN1'")
    lake.put_files(b__csv=csv_bytes(sale_line(2)))
    verdict = lake.run()
    assert verdict.state == "FAILED"
    assert "carries no sluice.ledger: somebody else wrote to the table" in verdict.message


def files_read(frame: DataFrame) -> int:
    """Return how many data files a frame's scan reads."""
    before = query_ids(frame.sparkSession)
    frame.collect()
    # Beside it a run may make its table, which reads no file.
    file_counts = files_of_scans(frame.sparkSession, query_ids(frame.sparkSession) - before)
    assert file_counts
    return sum(file_counts)


def files_of_scans(spark: SparkSession, ran: set[int]) -> list[int]:
    """Return how many data files each scan of some queries read, by Iceberg's own scan metrics."""
    store, file_counts = status_store(spark), list[int]()
    for execution in ran:
        nodes, values = jvm_list(store.planGraph(execution).allNodes()), store.executionMetrics(execution)
        metrics = [metric for node in nodes for metric in jvm_list(node.metrics())]
        accumulators = [
            scan_metric.accumulatorId()
            for scan_metric in metrics
            if scan_metric.name() == "number of result data files"
        ]
        file_counts += [int(values.apply(accumulator)) for accumulator in accumulators if values.contains(accumulator)]
    return file_counts


@pytest.mark.long
def test_a_day_with_keys_of_its_own_reads_no_file_of_the_days_before(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[int] = []

    def plan_files(*arguments: Any) -> list[DataFile]:
        data_files = files_in_ranges(*arguments)
        planned.append(len(data_files))
        return data_files

    monkeypatch.setattr(key_conflicts, "files_in_ranges", plan_files)
    lake.put_files(a__csv=csv_bytes(sale_line(11), sale_line(12, region="EU-WEST"), sale_line(13, day="2025-02-01")))
    lake.run()
    before = execution_ids(lake)
    lake.put_files(b__csv=csv_bytes(sale_line(21, day="2025-03-01")))
    assert lake.run().state == "SUCCEEDED"
    files_per_scan = files_of_scans(lake.spark, execution_ids(lake) - before)
    # Nothing of the run reads more than its own file: the days before have three.
    assert (planned, max(files_per_scan, default=0) <= 1) == ([1], True)
    lake.put_files(c__csv=csv_bytes(sale_line(12, day="2025-04-01")))
    [result] = lake.run().broken
    assert result.samples == ("TXN12 is in trades/a.csv already",)
