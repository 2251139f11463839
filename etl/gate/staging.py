"""Rows on a branch of the published table, written once, with what that pass showed of them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame

from etl.errors import SluiceError
from etl.gate.gated_plan import Crossing, Told, Watched
from etl.gate.onepass.staged_metrics import Written
from etl.gate.quarantine_routing import Marked
from etl.iceberg.branch_guard import Tip
from etl.iceberg.manifests import added
from etl.iceberg.table import Table
from etl.runtime.arguments import Order
from etl.sources.provenance import PROVENANCE
from etl.transform_errors import in_words

if TYPE_CHECKING:
    from etl.gate.onepass.data_files import Files


@dataclass
class Staging:
    """What one run stages.

    Attributes:
        corrected: objects whose earlier rows these replace.
        summary: what the snapshot says.
        marked: the rows, with the warnings they break; None before they are staged.
        rows: how many were staged, by the snapshot.
        snapshot: which one that is; None before they are staged, and where none was.
        told: what was observed of them; None where nothing was, or the counts are not the snapshot's.
        began: the snapshot that the first write is made on.
        apart: columns that are known to tell the rows apart.
    """

    order: Order
    table: Table
    tip: Tip
    crossing: Crossing
    corrected: Sequence[str]
    summary: Mapping[str, str]
    marked: Marked | None = field(default=None, init=False)
    rows: int = field(default=0, init=False)
    snapshot: str | None = field(default=None, init=False)
    told: Told | None = field(default=None, init=False)
    began: str | None = field(init=False)
    apart: list[frozenset[str]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Keep what the first write is made on."""
        self.began = self.tip.at

    def observe(self, planned: Callable[[], Watched]) -> None:
        """Stage the rows that break no warning, observed as `planned` says; where that fails, stage nothing.

        Raises:
            Superseded: they are not staged on what this run began from.
        """
        try:
            watched = planned()
            self._append(watched.marked)
            told = watched.told()
        except SluiceError:
            raise
        except Exception as error:  # the source may be at fault, which its own passes tell, or this way is
            # Not what it says: that may be a value of a row.
            told = in_words(error, personal=True)
            print(f"WARNING rules are judged in passes of their own: {told}", file=sys.stderr, flush=True)
            return
        if told.agrees(self.rows):
            self.told = told

    def anew(self, lines: DataFrame) -> None:
        """Stage the rows where nothing is staged, unobserved."""
        self.table.drop(self.order.branch)  # a commit whose answer was lost may have made it
        self.tip.at = self.began
        self._append(self.crossing.crossed(lines))

    def written(self, rows: DataFrame) -> Written:
        """Return what was staged; `rows` are that, read back by Spark."""
        return Written(self.rows, rows, lambda: self._files, self.apart, self.crossing.output.masking)

    @cached_property
    def _files(self) -> "Files":
        from etl.gate.onepass.data_files import Files  # noqa: PLC0415  # PyArrow may be missing, as written.py says

        own = added(self.table.spark, self.table.name, self.snapshot) if self.snapshot else []
        return Files(own, self.tip.aws.s3, self.rows)

    def _append(self, marked: Marked) -> None:
        if self.corrected:
            self.table.clear(self.order.branch, self.corrected)
            self.tip.follow()
        own = (*self.crossing.output.names, *PROVENANCE)
        self.table.stage(marked.kept.select(*own), self.order.branch, self.order.run_id, self.summary)
        self.marked = marked
        head = self.tip.follow()
        if head.summary.get("sluice.run-id") == self.order.run_id:
            self.rows, self.snapshot = int(head.summary.get("added-records", 0)), head.snapshot
        else:
            self.rows, self.snapshot = 0, None
