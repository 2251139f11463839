"""The driver is out of memory: the run fails, its verdict is told, and a rerun without what was too much ends it.

That object stays unread until somebody deletes or skips it.
"""

import gzip
from dataclasses import replace

import pytest

from tests.faults.fresh import FreshProcess
from tests.faults.lake import FaultyLake
from tests.faults.trades import HEADER, Sale

ENDLESS = 1 << 27  # bytes of one line: Spark needs it several times over


@pytest.mark.long
def test_a_driver_that_is_out_of_memory_fails_the_run_and_loses_nothing(
    faulty: FaultyLake, fresh: FreshProcess
) -> None:
    faulty.arrive_file("a", Sale(1))
    endless = gzip.compress(f"{HEADER}\n{Sale(2).line}\n".encode() + b"9" * ENDLESS, compresslevel=1)
    faulty.put_key("trades/b.csv.gz", endless)
    ended = replace(fresh, memory="512m").run(faulty.job_arguments())
    assert "java.lang.OutOfMemoryError" in ended.log
    assert (ended.code, '"state": "FAILED"' in ended.log) == (1, True)
    faulty.assert_model_holds()
    faulty.direct.s3.delete_object(Bucket=faulty.bucket, Key="trades/b.csv.gz")
    faulty.rerun_and_check()
