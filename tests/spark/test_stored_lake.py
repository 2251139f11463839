"""What an earlier version left goes on: a table, its ledger, its quarantine and its skip list, as that version stored them.

`stored_lake.zip` holds the objects of one bucket and the tables of a Glue database, made by the code of commit cef8843: two
published days, two rows of the second set aside, a third day skipped, and the branch of a run that died. Its snapshots' times
were set to January 2025 afterwards, since Iceberg commits nothing that is older than the last.
"""

import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.iceberg.current_snapshot import list_branches, read_head
from etl.ledger import ledger
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import counted_rows
from etl.maintenance.arguments import MaintenanceArguments
from etl.maintenance.maintenance_run import Maintenance
from etl.maintenance.report import Report
from etl.results.verdict import Verdict
from etl.run import Run
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients
from etl.storage.raw_objects import S3Prefix

STORED_LAKE = Path(__file__).with_name("stored_lake.zip")
DATASET, BUCKET, DATABASE = "trips", "stored-lake", "stored_lake"
LAKE = f"s3://{BUCKET}"
TABLE = f"lake.{DATABASE}.{DATASET}"


def add_cost(trips: DataFrame) -> DataFrame:
    """Add `cost`, int: what the former version's transform of this dataset added."""
    return trips.withColumn("cost", (F.col("minutes") * F.lit(2)).cast("int"))


@dataclass
class StoredLake:
    """The stored bucket and tables in the emulator, and runs of today's job on them."""

    aws: Clients
    spark: Any
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def load(self) -> None:
        """Put objects and tables where their own URIs say that they are."""
        self.aws.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.aws.glue.create_database(DatabaseInput={"Name": DATABASE})
        with zipfile.ZipFile(STORED_LAKE) as archive:
            for name in archive.namelist():
                if name.startswith("objects/"):
                    self.aws.s3.put_object(Bucket=BUCKET, Key=name.removeprefix("objects/"), Body=archive.read(name))
            for table in json.loads(archive.read("tables.json")):
                self.aws.glue.create_table(DatabaseName=DATABASE, TableInput=table)

    def put_day(self, day: str, *rows: str) -> None:
        """Put a day's file of trips."""
        body = "\n".join(["trip,city,day,minutes", *rows, ""]).encode()
        self.aws.s3.put_object(Bucket=BUCKET, Key=f"{DATASET}/{day}.csv", Body=body)

    def run(self, run_id: str, **changes: Any) -> Verdict:
        """Run today's job on the stored contracts; return its verdict."""
        contracts = f"{LAKE}/contracts/{DATASET}"
        arguments = JobArguments(
            dataset=DATASET,
            raw=S3Prefix.from_uri(f"{LAKE}/{DATASET}/"),
            table=TABLE,
            location=f"{LAKE}/parquet/{DATASET}",
            input_contract=f"{contracts}/input.json",
            output_contract=f"{contracts}/output.json",
            verdicts=S3Prefix.from_uri(f"{LAKE}/verdicts/{DATASET}/"),
            code="test",
            raw_expire_days=0,
            run_date=date(2025, 1, 18),
            job="test",
            run_id=run_id,
            **changes,
        )
        self.verdicts[run_id] = verdict = Verdict(DATASET, run_id, "test", "now")
        Run(arguments, self.aws, verdict, lambda: self.spark).run()
        return verdict

    def maintain(self) -> Report:
        """Maintain the tables with a fortnight of snapshots kept, which the stored ones are older than."""
        arguments = MaintenanceArguments(
            dataset=DATASET,
            publisher="nobody",
            table=TABLE,
            location=f"{LAKE}/parquet/{DATASET}",
            verdicts=S3Prefix.from_uri(f"{LAKE}/verdicts/{DATASET}/"),
            snapshot_days=14,
            quarantine_days=0,
            job="keep",
            run_id="jr_keep",
        )
        report = Report(DATASET, "jr_keep", "keep", "now")
        Maintenance(arguments, self.aws, report, lambda: self.spark).run()
        return report

    @property
    def ledger(self) -> Ledger:
        """The ledger that the published snapshot points to."""
        return ledger.read_ledger(self.aws.s3, read_head(self.aws.glue, self.aws.s3, TABLE))

    @property
    def held_objects(self) -> list[str]:
        """The names of the raw objects that the published table holds."""
        return sorted(key.removeprefix(f"{DATASET}/") for key in self.ledger.held.all_objects())

    @property
    def trips(self) -> list[tuple[str, int, str]]:
        """What readers see of each trip: its id, its cost and the run that published it."""
        rows = self.spark.table(TABLE).select("trip", "cost", "_run_id").orderBy("trip").collect()
        return [tuple(row) for row in rows]

    def quarantined(self, run: str) -> list[str]:
        """Return the ids of the trips that a run set aside and that are still aside."""
        rows = counted_rows(self.spark, f"{TABLE}_quarantine", self.ledger, run).collect()
        return sorted(json.loads(row["source"])["trip"] for row in rows)


# One lake's story, told in order: as it was stored, the next day, the replay, and a maintenance.


@pytest.fixture(scope="module")
def stored(aws: Clients, spark: Any) -> Iterator[StoredLake]:
    module = ModuleType(f"etl.datasets.{DATASET}")
    vars(module).update(ADDS=("cost",), transform=add_cost)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module.__name__, module)
        lake = StoredLake(aws, spark)
        lake.load()
        yield lake


@pytest.fixture(scope="module")
def next_day(stored: StoredLake) -> Verdict:
    before = (stored.held_objects, stored.trips, stored.quarantined("jr_former2"))
    assert before == (
        ["2025-01-15.csv", "2025-01-16.csv"],
        [("T1", 20, "jr_former1"), ("T2", 40, "jr_former1"), ("T3", 60, "jr_former2")],
        ["T4", "T5"],
    )
    stored.put_day("2025-01-18", "T7,Bern,2025-01-18,70", "T8,Pluto,2025-01-18,80")
    return stored.run("jr_today1")


@pytest.fixture(scope="module")
def replayed(stored: StoredLake, next_day: Verdict) -> Verdict:
    rows = counted_rows(stored.spark, f"{TABLE}_quarantine", stored.ledger, "jr_former2").collect()
    sources = {row["row"]: json.loads(row["source"]) | {"city": "Basel"} for row in rows}
    lines = [json.dumps({"row": row, "mended": json.dumps(source)}) for row, source in sources.items()]
    stored.aws.s3.put_object(Bucket=BUCKET, Key="mended.jsonl", Body="\n".join(lines).encode())
    return stored.run("jr_today2", replay="jr_former2", mended=f"{LAKE}/mended.jsonl")


def test_the_next_day_is_published_upon_a_stored_table_and_its_ledger_goes_on(
    stored: StoredLake, next_day: Verdict
) -> None:
    assert (next_day.rows_read, next_day.rows_published, next_day.rows_quarantined) == (2, 1, 1)
    assert [raw_object.key for raw_object in next_day.objects] == ["trips/2025-01-18.csv"]
    assert [skip.key for skip in next_day.skipped] == ["trips/2025-01-17.csv"]
    assert stored.held_objects == ["2025-01-15.csv", "2025-01-16.csv", "2025-01-18.csv"]
    assert ("T7", 140, "jr_today1") in stored.trips
    assert list_branches(stored.aws.glue, stored.aws.s3, TABLE) == []  # that of the run that died is gone


@pytest.mark.long
def test_stored_rows_of_the_quarantine_are_replayed_with_what_mends_them(stored: StoredLake, replayed: Verdict) -> None:
    assert (replayed.rows_read, replayed.rows_published, replayed.rows_quarantined) == (2, 2, 0)
    assert [trip for trip in stored.trips if trip[2] == "jr_today2"] == [
        ("T4", 80, "jr_today2"),
        ("T5", 100, "jr_today2"),
    ]
    assert (stored.quarantined("jr_former2"), stored.quarantined("jr_today1")) == ([], ["T8"])
    assert stored.ledger.replays == {"jr_former2": "jr_today2"}


@pytest.mark.long
def test_maintenance_of_a_stored_table_expires_what_was_replaced_long_ago_and_keeps_every_row(
    stored: StoredLake, replayed: Verdict
) -> None:
    before = stored.trips
    report = stored.maintain()
    assert (report.state, stored.trips) == ("SUCCEEDED", before)
    assert (stored.quarantined("jr_today1"), len(stored.held_objects)) == (["T8"], 3)
    snapshots = stored.spark.sql(f"SELECT summary['sluice.run-id'] FROM {TABLE}.snapshots").collect()
    runs = {row[0] for row in snapshots}
    # The second was replaced today; Iceberg counts a snapshot's days from then.
    assert ("jr_former1" in runs, "jr_former2" in runs) == (False, True)
