"""Runs of the job under the meter: alone, and beside a ledger of very many objects."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bench.job import Job, ensure_transform
from bench.meter import metering_calls
from bench.peers import Variant
from etl.iceberg.current_snapshot import read_head
from etl.ledger import ledger
from etl.ledger.ledger import POINTER, Ledger
from etl.results.verdict import Verdict
from etl.run import Run, start_session
from etl.storage.raw_objects import RawObject

MANY = 100_000
PAGE = 1000
PUT = "2025-01-01T00:00:00+00:00"


def run_alone(job: Job) -> set[str]:
    """Run the job; `job.detail` gets the seconds of the run, of its listing and of its bookkeeping."""
    ensure_transform(job.output.transform_module)
    verdict = Verdict(job.arguments.dataset, job.arguments.run_id, job.arguments.job, "")
    with metering_calls() as meter:
        begun = time.monotonic()
        Run(job.arguments, job.aws, verdict).run()
        job.detail.update(total=time.monotonic() - begun, read=verdict.rows_read, **meter.seconds)
    return {rule.rule for rule in verdict.broken}


def run_beside_many(job: Job) -> set[str]:
    """Run the job; from the second run on a table on, its ledger and its listing hold MANY objects more."""
    before = read_head(job.aws.glue, job.aws.s3, job.arguments.table)
    if before.snapshot is None:
        return run_alone(job)
    past = [RawObject(f"{job.arguments.raw.prefix}past/{number:06}.csv", "1", 1, PUT) for number in range(MANY)]
    if not ledger.read_ledger(job.aws.s3, before).held.select_held([past[0].key]):
        ledger.write_ledger(job.aws.s3, before.summary[POINTER], Ledger().with_objects(past))
    listed = PaddedListing(job.aws.s3, past)
    return run_alone(replace(job, aws=replace(job.aws, s3=listed)))


@dataclass(frozen=True)
class PaddedListing:
    """S3 as it is, but a listing of versions shows `past` too: to put so many objects into the emulator takes minutes."""

    s3: Any
    past: list[RawObject]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.s3, name)

    def get_paginator(self, name: str) -> Any:
        """Return this listing for the listing of versions."""
        return self if name == "list_object_versions" else self.s3.get_paginator(name)

    def paginate(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Yield the pages of the past, then those that are there."""
        real = list(self.s3.get_paginator("list_object_versions").paginate(**arguments))
        put = next(version["LastModified"] for page in real for version in page["Versions"])
        for start in range(0, len(self.past), PAGE):
            versions = [
                {"Key": raw_object.key, "VersionId": raw_object.version, "Size": raw_object.size}
                for raw_object in self.past[start : start + PAGE]
            ]
            yield {
                "Versions": [{**listed_version, "IsLatest": True, "LastModified": put} for listed_version in versions]
            }
        yield from real


VARIANTS = {
    name: Variant(name, name, "", run, by_default=False, libraries=start_session, any_rule=True)
    for name, run in (("alone", run_alone), ("beside-many", run_beside_many))
}
