"""What maintenance lets go and what it keeps, decided from plain data: no Spark."""

import traceback
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from pyspark.errors import SparkRuntimeException
from pyspark.sql import SparkSession

from etl.contract.layout import DatasetLocations
from etl.errors import Denied, EngineFailed, ForeignSnapshot
from etl.iceberg.current_snapshot import Head
from etl.iceberg.kept_rows import KeptRows, carried_kept_rows
from etl.iceberg.schema import PartitionField
from etl.ledger import ledger, skip_list
from etl.ledger.ledger import POINTER, Ledger
from etl.ledger.skip_list import Skip
from etl.maintenance import arguments, expiry, maintenance_run, unused_ledgers
from etl.maintenance.expired_quarantine import removal_condition
from etl.maintenance.report import Report
from etl.runtime.job_runs import alive_runs
from etl.storage.clients import Clients
from etl.storage.raw_objects import RawObject
from tests.lake.former import former_layout, list_keys

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def no_clients() -> Clients:
    """Return clients that nobody may use."""
    client: Any = object()
    return Clients(client, client, client)


def millis_ago(days: float) -> int:
    return int((NOW - timedelta(days=days)).timestamp() * 1000)


@dataclass
class TableMetadata:
    """A table's metadata: snapshots by the days since they were made, and what main showed when."""

    made: dict[int, float]
    log: list[tuple[int, float]]
    refs: dict[str, int]
    foreign: set[int] = field(default_factory=set)

    @property
    def metadata(self) -> dict[str, Any]:
        snapshots = [
            {
                "snapshot-id": snapshot_id,
                "timestamp-ms": millis_ago(days),
                "summary": {} if snapshot_id in self.foreign else {POINTER: "s3://x"},
            }
            for snapshot_id, days in self.made.items()
        ]
        return {
            "snapshots": snapshots,
            "snapshot-log": [
                {"snapshot-id": snapshot_id, "timestamp-ms": millis_ago(days)} for snapshot_id, days in self.log
            ],
            "refs": {name: {"snapshot-id": snapshot_id, "type": "branch"} for name, snapshot_id in self.refs.items()},
        }

    def expirable_ids(self, days: float = 14) -> list[int]:
        return expiry.expirable_snapshots(self.metadata, NOW - timedelta(days=days))


MAIL = "ada@example.org"


@dataclass
class FailingSpark:
    """A Spark that records its log level, and whose table fails with an error."""

    error: BaseException
    levels: list[str] = field(default_factory=list)

    @property
    def sparkContext(self) -> "FailingSpark":
        return self

    def setLogLevel(self, level: str) -> None:
        self.levels.append(level)

    def raise_error(self, *_: Any) -> None:
        raise self.error from ValueError(MAIL)


CAST = f"org.apache.spark.SparkDateTimeException: [CAST_INVALID_INPUT] The value '{MAIL}' is malformed"
REFUSED: Any = {"Error": {"Code": "AccessDenied", "Message": "no s3:DeleteObject"}}


@pytest.mark.parametrize(
    ("error", "kind", "expected"),
    [
        (
            RuntimeError(CAST),
            EngineFailed,
            "RuntimeError, CAST_INVALID_INPUT, org.apache.spark.SparkDateTimeException;",
        ),
        (KeyError(MAIL), EngineFailed, "KeyError;"),
        (SparkRuntimeException(CAST), EngineFailed, "SparkRuntimeException, CAST_INVALID_INPUT,"),
        (SparkRuntimeException("GlueTableOperations: Status Code: 403"), Denied, "glue:GetTable on lake."),
        (ForeignSnapshot("people: snapshot 1 carries no pointer"), ForeignSnapshot, "snapshot 1 carries no pointer"),
        (ClientError(REFUSED, "DeleteObjects"), ClientError, "no s3:DeleteObject"),
    ],
)
def test_a_maintenance_that_fails_tells_no_value_of_a_row(
    error: Exception, kind: type[Exception], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, spark, nothing = Report("trades", "jr_7", "keep", "now"), FailingSpark(error), no_clients()
    monkeypatch.setattr(maintenance_run, "alive_runs", lambda *_: [])
    monkeypatch.setattr(maintenance_run, "read_head", lambda *_: Head("1", 0, {}))
    monkeypatch.setattr(ledger, "read_ledger", lambda *_: None)
    monkeypatch.setattr(maintenance_run.Maintenance, "_maintain_table", spark.raise_error)
    order = arguments.parse_arguments(command_line())
    with pytest.raises(kind) as raised:
        maintenance_run.Maintenance(order, nothing, report, lambda: cast(SparkSession, spark)).run()
    logged = "".join(traceback.format_exception(raised.value))
    assert (report.state, report.message) == ("FAILED", str(raised.value))
    assert expected in report.message
    assert MAIL not in report.message + logged
    assert spark.levels == ["OFF"]


def test_a_snapshot_counts_its_days_from_when_main_left_it() -> None:
    """A head of 100 days, replaced yesterday, still serves the query that began on it."""
    table = TableMetadata({1: 100, 2: 20, 3: 1}, [(1, 100), (2, 20), (3, 1)], {"main": 3})
    assert table.expirable_ids() == [1]
    assert table.expirable_ids(days=0.5) == [1, 2]


def test_what_main_never_showed_counts_from_when_it_was_made() -> None:
    table = TableMetadata({1: 40, 2: 30, 3: 2}, [(1, 40)], {"main": 1})
    assert table.expirable_ids() == [2]


def test_what_a_branch_or_a_tag_points_to_stays() -> None:
    table = TableMetadata({1: 90, 2: 80, 3: 70}, [(1, 90), (2, 80), (3, 70)], {"main": 3, "run_jr_1": 2, "year-end": 1})
    assert table.expirable_ids() == []


def test_a_snapshot_that_main_was_rolled_back_to_and_left_again_counts_from_the_last_time() -> None:
    table = TableMetadata({1: 90, 2: 80, 3: 5}, [(1, 90), (2, 80), (1, 60), (3, 5)], {"main": 3})
    assert table.expirable_ids() == [2]


def test_a_table_whose_history_was_cut_still_expires_what_is_old() -> None:
    table = TableMetadata({1: 90, 2: 1}, [(2, 1)], {"main": 2})
    assert table.expirable_ids() == [1]


def test_expiry_refuses_below_a_head_without_a_pointer() -> None:
    table = TableMetadata({1: 90, 2: 80}, [(1, 90), (2, 80)], {"main": 2})
    expiry.assert_own_head(table.metadata, "lake.db.trades")
    table.foreign.add(2)
    with pytest.raises(
        ForeignSnapshot, match=r"lake\.db\.trades: snapshot 2 carries no sluice\.ledger.*no snapshot was expired"
    ):
        expiry.assert_own_head(table.metadata, "lake.db.trades")


# Ledgers.


@pytest.fixture
def location(aws: Clients) -> str:
    bucket = f"ledgers-{uuid4()}"
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return f"s3://{bucket}/parquet/trades"


def write_ledgers(aws: Clients, location: str, days: int) -> list[dict[str, str]]:
    """Write the ledgers of as many runs, each after the one before; return what their snapshots say."""
    summaries = []
    for number in range(1, days + 1):
        pointer = f"{DatasetLocations.from_location(location).ledgers}/jr_{number}.json"
        before = Head(str(number - 1), 0, summaries[-1]) if summaries else Head()
        after = ledger.read_ledger(aws.s3, before).with_objects(
            [RawObject(f"trades/{number}.csv", "v1", 1, "2026-01-01")]
        )
        ledger.write_ledger(aws.s3, pointer, after)
        summaries.append({POINTER: pointer, "sluice.run-id": f"jr_{number}"})
    return summaries


def ledger_files(aws: Clients, location: str) -> set[str]:
    return {key.rpartition("/")[2] for key in list_keys(aws.s3, DatasetLocations.from_location(location).ledgers)}


def one_day_later() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def test_a_ledger_that_stays_keeps_the_segments_of_earlier_runs_it_refers_to(aws: Clients, location: str) -> None:
    summaries = write_ledgers(aws, location, 4)
    assert unused_ledgers.prune_files(aws.s3, location, summaries[-1:], one_day_later()) == 3
    assert ledger_files(aws, location) == {"jr_4.json", *(f"jr_{number}.segments" for number in range(1, 5))}
    remaining = ledger.read_ledger(aws.s3, Head("4", 0, summaries[-1]))
    assert set(remaining.held.all_objects()) == {f"trades/{number}.csv" for number in range(1, 5)}


def test_segments_that_no_ledger_refers_to_any_more_go(aws: Clients, location: str) -> None:
    first, *_ = write_ledgers(aws, location, 1)
    again = ledger.read_ledger(aws.s3, Head("1", 0, first)).with_objects(
        [RawObject("trades/1.csv", "v2", 1, "2026-01-02")]
    )
    second = {POINTER: f"{DatasetLocations.from_location(location).ledgers}/jr_2.json"}
    ledger.write_ledger(aws.s3, second[POINTER], again)
    assert unused_ledgers.prune_files(aws.s3, location, [second], one_day_later()) == 2
    assert ledger_files(aws, location) == {"jr_2.json", "jr_2.segments"}
    assert ledger.read_ledger(aws.s3, Head("2", 0, second)).held.all_objects()["trades/1.csv"][0] == "v2"


def test_every_snapshot_that_is_left_keeps_its_ledger(aws: Clients, location: str) -> None:
    summaries = write_ledgers(aws, location, 3)
    assert unused_ledgers.prune_files(aws.s3, location, [*summaries, {"operation": "delete"}], one_day_later()) == 0
    assert len(ledger_files(aws, location)) == 6


def test_what_an_operator_skipped_and_what_is_young_stays(aws: Clients, location: str) -> None:
    summaries = write_ledgers(aws, location, 2)
    skip_list.write_skip_list(aws.s3, location, [Skip("trades/a.csv", "1", "why", "ada", "now")], None)
    assert unused_ledgers.prune_files(aws.s3, location, summaries[-1:], datetime.now(UTC) - timedelta(days=1)) == 0
    unused_ledgers.prune_files(aws.s3, location, summaries[-1:], one_day_later())
    assert "skipped.json" in ledger_files(aws, location)
    assert "jr_1.json" not in ledger_files(aws, location)


def test_a_snapshot_whose_run_died_before_it_wrote_its_ledger_keeps_nothing(aws: Clients, location: str) -> None:
    summaries = write_ledgers(aws, location, 1)
    dead = {POINTER: f"{DatasetLocations.from_location(location).ledgers}/jr_dead.json"}
    assert unused_ledgers.prune_files(aws.s3, location, [*summaries, dead], one_day_later()) == 0
    assert ledger_files(aws, location) == {"jr_1.json", "jr_1.segments"}


def test_the_former_folder_empties_as_the_snapshots_go_that_name_it(aws: Clients, location: str) -> None:
    with former_layout():
        [old] = write_ledgers(aws, location, 1)
    new = {POINTER: f"{DatasetLocations.from_location(location).ledgers}/jr_9.json"}
    ledger.write_ledger(aws.s3, new[POINTER], ledger.read_ledger(aws.s3, Head("1", 0, old)))
    former = DatasetLocations.from_location(location).former_ledgers
    assert unused_ledgers.prune_files(aws.s3, location, [old, new], one_day_later()) == 0
    assert set(ledger.read_ledger(aws.s3, Head("1", 0, old)).held.all_objects()) == {"trades/1.csv"}
    assert unused_ledgers.prune_files(aws.s3, location, [new], one_day_later()) == 2
    assert list_keys(aws.s3, former) == set()
    assert set(ledger.read_ledger(aws.s3, Head("9", 0, new)).held.all_objects()) == {"trades/1.csv"}


def test_segments_that_an_earlier_versions_ledger_left_in_the_new_folder_stay_and_are_found(
    aws: Clients, location: str
) -> None:
    """The job's code went back, its role did not: the index goes to the former folder, what it refers to is in the new."""
    [new] = write_ledgers(aws, location, 1)
    back = {POINTER: f"{DatasetLocations.from_location(location).former_ledgers}/jr_2.json"}
    after = ledger.read_ledger(aws.s3, Head("1", 0, new)).with_objects(
        [RawObject("trades/2.csv", "v1", 1, "2026-01-01")]
    )
    ledger.write_ledger(
        aws.s3,
        back[POINTER],
        replace(after, held=replace(after.held, folder=DatasetLocations.from_location(location).former_ledgers)),
    )
    assert list_keys(aws.s3, DatasetLocations.from_location(location).former_ledgers) == {
        f"parquet/trades/ledger/jr_2.{end}" for end in ("json", "segments")
    }
    assert unused_ledgers.prune_files(aws.s3, location, [back], one_day_later()) == 1  # the first index
    assert set(ledger.read_ledger(aws.s3, Head("2", 0, back)).held.all_objects()) == {"trades/1.csv", "trades/2.csv"}


# The rest of what it is told.


def test_a_job_that_glue_does_not_know_has_no_run_in_progress(aws: Clients) -> None:
    assert alive_runs(aws, "nobody") == []


def test_rows_that_count_are_removed_for_their_age_only_where_that_is_configured() -> None:
    published_ledger = Ledger(quarantined=("jr_1",))
    unlimited, limited = (removal_condition(published_ledger, NOW, 3, days) for days in (0, 30))
    assert f"timestamp_millis({millis_ago(3)})" in unlimited
    assert str(millis_ago(30)) not in unlimited
    assert limited == f"({unlimited}) OR set_aside_at < timestamp_millis({millis_ago(30)})"


ARGUMENTS = {
    "--maintain": "trades",
    "--publisher": "sluice-dev-trades",
    "--table": "lake.sluice_dev.trades",
    "--location": "s3://processed/parquet/trades",
    "--verdicts": "s3://assets/verdicts/trades/",
    "--snapshot-days": "14",
    "--quarantine-days": "0",
    "--JOB_NAME": "sluice-dev-trades-maintain",
    "--JOB_RUN_ID": "jr_7",
}


def command_line(without: str = "") -> list[str]:
    return [token for pair in ARGUMENTS.items() for token in pair if pair[0] != without]


def test_it_reads_its_own_arguments_and_leaves_glues_alone() -> None:
    order = arguments.parse_arguments([*command_line(), "--enable-metrics", "true", "--TempDir", "s3://assets/temp/"])
    assert (order.dataset, order.publisher, order.snapshot_days) == ("trades", "sluice-dev-trades", 14)
    assert (order.branch, order.folder) == ("maintain_jr_7", "verdicts/trades/maintenance/")


def test_how_long_rows_stay_is_a_column_and_days_or_neither(capsys: pytest.CaptureFixture[str]) -> None:
    order = arguments.parse_arguments([*command_line(), "--keep-by", "sold_on", "--keep-days", "30"])
    assert (order.keep_by, order.keep_days) == ("sold_on", 30)
    order = arguments.parse_arguments(command_line())
    assert (order.keep_by, order.keep_days) == ("", 0)
    with pytest.raises(SystemExit):
        arguments.parse_arguments([*command_line(), "--keep-days", "30"])


MAY = KeptRows("sold_on", date(2026, 5, 17))


@pytest.mark.parametrize(
    ("parts", "start"),
    [
        ("month(sold_on)", "2026-05-01"),
        ("year(sold_on)", "2026-01-01"),
        ("day(sold_on)", "2026-05-17"),
        ("sold_on", "2026-05-17"),
        ("region month(sold_on)", "2026-05-01"),
        ("bucket[8](sold_on)", None),
        ("month(paid_on)", None),
        ("", None),
    ],
)
def test_rows_before_a_partition_of_days_are_whole_partitions(parts: str, start: str | None) -> None:
    fields = [PartitionField.from_declared(part) for part in parts.split()]
    assert MAY.partition_start(fields) == (start and date.fromisoformat(start))


def test_a_head_says_from_which_day_rows_are_kept_and_no_later_one_says_an_earlier_day() -> None:
    assert MAY.summary == {"sluice.kept-from": "2026-05-17", "sluice.kept-by": "sold_on"}
    assert KeptRows.from_summary(MAY.summary) == MAY
    assert KeptRows.from_summary({}) is KeptRows.from_summary({"sluice.kept-from": "x", "sluice.kept-by": "y"}) is None
    april = replace(MAY, first_day=date(2026, 4, 1))
    assert (april.advanced_from(MAY), MAY.advanced_from(april), MAY.advanced_from(None)) == (MAY, MAY, MAY)
    assert april.advanced_from(replace(MAY, column="paid_on")) == april
    assert carried_kept_rows({**MAY.summary, "sluice.run-id": "jr_1"}) == MAY.summary


@pytest.mark.parametrize("missing", ARGUMENTS)
def test_a_missing_argument_is_named(missing: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit):
        arguments.parse_arguments(command_line(without=missing))
    assert missing in caplog.text
