"""A permission is missing: the run's error names the action and the resource, and once it is given a rerun ends it."""

import pytest

from tests.faults.lake import Faulty
from tests.faults.model import ELSEWHERE, Sale
from tests.faults.proxy import Fault
from tests.faults.weather import At

# What is refused, and what the error says.
DENIED = {
    "listing": (At("s3", "GET", "versions", Fault.DENIED), "s3:ListBucketVersions on arn:aws:s3:::{bucket}/sales/"),
    "a first look": (
        At("s3", "GET", "sales/a.csv.versionId", Fault.DENIED),
        "s3:GetObjectVersion on arn:aws:s3:::{bucket}/sales/a.csv",
    ),
    "Spark's reading": (
        At("s3", "GET", r"list-type=2.*prefix=sales/a.csv", Fault.DENIED),
        "s3:ListBucket and s3:GetObject on s3://{bucket}/sales/ was denied",
    ),
    "data files": (At("s3", "PUT", "/data/", Fault.DENIED), "s3:PutObject on s3://{bucket}/parquet/sales was denied"),
    "commits": (At("glue", "UpdateTable", "", Fault.DENIED), "glue:UpdateTable on {table} was denied"),
    "the catalog": (At("glue", "GetTable", "", Fault.DENIED), "glue:GetTable on {database}.sales"),
    "the contract": (
        At("s3", "GET", "/contracts/input.json", Fault.DENIED),
        "s3:GetObject on arn:aws:s3:::{bucket}/contracts/input.json",
    ),
    "the ledger": (
        At("s3", "PUT", "/ledger/", Fault.DENIED),
        "s3:PutObject on arn:aws:s3:::{bucket}/ledger/sales/",
    ),
    "the head's metadata": (
        At("s3", "GET", r"/sales/metadata/.*\.json", Fault.DENIED),
        "s3:GetObject on arn:aws:s3:::{bucket}/parquet/sales/metadata/",
    ),
    "the quarantine": (
        At("s3", "PUT", "/quarantine/sales/data/", Fault.DENIED),
        "s3:PutObject on s3://{bucket}/parquet/sales was denied",
    ),
}


@pytest.mark.long
def test_the_error_for_a_missing_permission_names_the_action_and_the_resource(faulty: Faulty) -> None:
    faulty.arrive("a", Sale(1), Sale(2, region=ELSEWHERE))
    for what, (plan, told) in DENIED.items():
        with faulty.proxy.meeting(plan) as met:
            verdict = faulty.run()
        assert (what, verdict.state, met[Fault.DENIED] > 0) == (what, "FAILED", True)
        expected = told.format(bucket=faulty.bucket, database=faulty.database, table=faulty.order().table)
        assert expected in verdict.message, (what, verdict.message)
        faulty.holds()
    faulty.recover()
