"""Runs of the job under the meter: alone, and beside a ledger of very many objects."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bench.job import Job, known_transform
from bench.meter import metering
from bench.peers import Variant
from etl.iceberg.current_snapshot import head
from etl.ledger import ledger
from etl.ledger.ledger import POINTER, Ledger
from etl.results.verdict import Verdict
from etl.run import Run, start_session
from etl.storage.raw_objects import RawObject

MANY = 100_000
PAGE = 1000
PUT = "2025-01-01T00:00:00+00:00"


def alone(job: Job) -> set[str]:
    """Run the job; `job.detail` gets the seconds of the run, of its listing and of its bookkeeping."""
    known_transform(job.order.dataset)
    verdict = Verdict(job.order.dataset, job.order.run_id, job.order.job, "")
    with metering() as meter:
        begun = time.monotonic()
        Run(job.order, job.aws, verdict).through()
        job.detail.update(total=time.monotonic() - begun, read=verdict.rows_read, **meter.seconds)
    return {rule.rule for rule in verdict.broken}


def beside_many(job: Job) -> set[str]:
    """Run the job; from the second run on a table on, its ledger and its listing hold MANY objects more."""
    before = head(job.aws.glue, job.aws.s3, job.order.table)
    if before.snapshot is None:
        return alone(job)
    past = [RawObject(f"{job.order.raw.prefix}past/{at:06}.csv", "1", 1, PUT) for at in range(MANY)]
    if not ledger.read(job.aws.s3, before).held.of([past[0].key]):
        ledger.write(job.aws.s3, before.summary[POINTER], Ledger().with_these(past))
    listed = Listed(job.aws.s3, past)
    return alone(replace(job, aws=replace(job.aws, s3=listed)))


@dataclass(frozen=True)
class Listed:
    """S3 as it is, but a listing of versions shows `past` too: to put so many objects into the emulator takes minutes."""

    s3: Any
    past: list[RawObject]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.s3, name)

    def get_paginator(self, name: str) -> Any:
        """Return this listing for the listing of versions."""
        return self if name == "list_object_versions" else self.s3.get_paginator(name)

    def paginate(self, **where: Any) -> Iterator[dict[str, Any]]:
        """Yield the pages of the past, then those that are there."""
        real = list(self.s3.get_paginator("list_object_versions").paginate(**where))
        put = next(version["LastModified"] for page in real for version in page["Versions"])
        for at in range(0, len(self.past), PAGE):
            some = [{"Key": one.key, "VersionId": one.version, "Size": one.size} for one in self.past[at : at + PAGE]]
            yield {"Versions": [{**one, "IsLatest": True, "LastModified": put} for one in some]}
        yield from real


VARIANTS = {
    name: Variant(name, name, "", run, by_default=False, libraries=start_session, any_rule=True)
    for name, run in (("alone", alone), ("beside-many", beside_many))
}
