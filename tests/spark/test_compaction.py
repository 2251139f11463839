"""A maintenance of a real table, the short one: the rest waits in `test_maintenance.py` for `make test-long`."""

from etl.ledger import ledger
from tests.spark.kept import MaintainedTable
from tests.spark.lake import Lake


def test_the_head_that_a_maintenance_makes_carries_the_pointer_and_shows_the_same_rows(lake: Lake) -> None:
    maintained = MaintainedTable(lake)
    maintained.publish_day(files=5)
    before, rows, held_before = maintained.head, maintained.rows(), maintained.held_objects
    report = maintained.run_maintenance()
    assert (report.state, report.tables[0].files_compacted) == ("SUCCEEDED", 5), report.message
    assert maintained.head.snapshot != before.snapshot
    assert maintained.head.summary[ledger.POINTER] == before.summary[ledger.POINTER]
    assert (maintained.rows(), maintained.held_objects) == (rows, held_before)
