"""A permission is missing: the run's error names the action and the resource, and once it is given a rerun ends it."""

import pytest

from tests.faults.lake import FaultyLake
from tests.faults.proxy import Fault
from tests.faults.trades import ELSEWHERE, Sale
from tests.faults.weather import FaultAt

# What is refused, and what the error says.
DENIED = {
    "listing": (
        FaultAt("s3", "GET", "versions", Fault.DENIED),
        "s3:ListBucketVersions on arn:aws:s3:::{bucket}/trades/",
    ),
    "a first look": (
        FaultAt("s3", "GET", "trades/a.csv.versionId", Fault.DENIED),
        "s3:GetObjectVersion on arn:aws:s3:::{bucket}/trades/a.csv",
    ),
    "Spark's reading": (
        FaultAt("s3", "GET", r"list-type=2.*prefix=trades/a.csv", Fault.DENIED),
        "s3:ListBucket and s3:GetObject on s3://{bucket}/trades/ was denied",
    ),
    "data files": (
        FaultAt("s3", "PUT", "/data/", Fault.DENIED),
        "s3:PutObject on s3://{bucket}/parquet/trades was denied",
    ),
    "commits": (FaultAt("glue", "UpdateTable", "", Fault.DENIED), "glue:UpdateTable on {table} was denied"),
    "the catalog": (FaultAt("glue", "GetTable", "", Fault.DENIED), "glue:GetTable on {database}.trades"),
    "the contract": (
        FaultAt("s3", "GET", "/contracts/input.json", Fault.DENIED),
        "s3:GetObject on arn:aws:s3:::{bucket}/contracts/input.json",
    ),
    "the ledger": (
        FaultAt("s3", "PUT", "/ledger/", Fault.DENIED),
        "s3:PutObject on arn:aws:s3:::{bucket}/ledger/trades/",
    ),
    "the head's metadata": (
        FaultAt("s3", "GET", r"/trades/metadata/.*\.json", Fault.DENIED),
        "s3:GetObject on arn:aws:s3:::{bucket}/parquet/trades/metadata/",
    ),
    "the quarantine": (
        FaultAt("s3", "PUT", "/quarantine/trades/data/", Fault.DENIED),
        "s3:PutObject on s3://{bucket}/parquet/trades was denied",
    ),
}


@pytest.mark.long
def test_the_error_for_a_missing_permission_names_the_action_and_the_resource(faulty: FaultyLake) -> None:
    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
    for case, (plan, template) in DENIED.items():
        with faulty.proxy.follow_plan(plan) as met:
            verdict = faulty.run()
        assert (case, verdict.state, met[Fault.DENIED] > 0) == (case, "FAILED", True)
        expected = template.format(bucket=faulty.bucket, database=faulty.database, table=faulty.job_arguments().table)
        assert expected in verdict.message, (case, verdict.message)
        faulty.assert_model_holds()
    faulty.rerun_and_check()
