"""A maintenance of a real table, the short one: the rest waits in `test_maintenance.py` for `make test-long`."""

from etl.ledger import ledger
from tests.spark.kept import Kept
from tests.spark.lake import Lake


def test_the_head_that_a_maintenance_makes_carries_the_pointer_and_shows_the_same_rows(lake: Lake) -> None:
    kept = Kept(lake)
    kept.publish(files=5)
    before, rows, held = kept.head, kept.rows(), kept.held
    report = kept.maintain()
    assert (report.state, report.tables[0].files_compacted) == ("SUCCEEDED", 5), report.message
    assert kept.head.snapshot != before.snapshot
    assert kept.head.summary[ledger.POINTER] == before.summary[ledger.POINTER]
    assert (kept.rows(), kept.held) == (rows, held)
