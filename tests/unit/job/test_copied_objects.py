"""Objects that came twice are known by ETag and size: from the listing, and from the ledger once they are gone."""

from dataclasses import replace

import pytest

from etl.ledger.ledger import Ledger
from etl.sources.copied_objects import find_copies
from etl.storage.raw_objects import RawObject

A = RawObject("events/a.csv", "1", 10, "2026-01-01T00:00:00+00:00", "x")
B = RawObject("events/b.csv", "1", 10, "2026-01-02T00:00:00+00:00", "x")
C = RawObject("events/c.csv", "1", 10, "2026-01-03T00:00:00+00:00", "y")
A2 = replace(A, version="2", etag="y", modified="2026-01-04T00:00:00+00:00")
NOTHING, HOLDS_A = Ledger(), Ledger().with_objects([A], keep_contents=True)

CASES = {
    "of a held one that is listed": ([B], [A, B], Ledger().with_objects([A]), {B.key: A.key}),
    "of a held one that is gone": ([B], [B], HOLDS_A, {B.key: A.key}),
    "of one that is gone, and whose bytes an earlier version did not keep": (
        [B],
        [B],
        Ledger().with_objects([A]),
        {},
    ),
    "of another one of the run, put later": ([B, A], [A, B], NOTHING, {B.key: A.key}),
    "of another size": ([replace(B, size=11)], [A, B], HOLDS_A, {}),
    "of other bytes": ([C], [A, C], HOLDS_A, {}),
    "without an ETag": ([replace(A, etag=""), replace(B, etag="")], [], NOTHING, {}),
    "of what this run replaces": ([A2, B], [A2, B], HOLDS_A, {}),
    "of a held version under a skipped one": ([B], [A2, B], HOLDS_A, {B.key: A.key}),
    "put again as it was": ([replace(A, version="2")], [replace(A, version="2")], HOLDS_A, {}),
    "put again as another one is": ([A2], [A2, C], Ledger().with_objects([A, C]), {A.key: C.key}),
    "read again beside a copy that was allowed": ([A], [A, B], Ledger().with_objects([A, B]), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_copy_is(case: str) -> None:
    unread, listed, ledger, copies = CASES[case]
    assert find_copies(unread, listed, ledger) == copies
