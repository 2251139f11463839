"""The same job without any check: what every ratio is held against."""

from bench.job import Job
from bench.peers import Variant


def run(job: Job) -> set[str]:
    """Read, type, derive, stage, publish."""
    job.stage_rows(job.typed_rows(job.read_rows()))
    job.publish()
    return set()


VARIANTS = [Variant("ungated", "ungated", "the same job without any check", run, any_rule=True)]
