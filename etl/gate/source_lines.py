"""A source's lines, as the pass that writes reads them and as the passes after it do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import DataFrame

from etl.sources.provenance import PLAIN


@dataclass(frozen=True)
class SourceLines:
    """Lines that one pass reads, and others where a rule broke or rows are set aside.

    Attributes:
        proven: the lines, with what one look at each proves where there is something to prove.
        reread: returns the same lines without that look.
    """

    proven: DataFrame
    reread: Callable[[], DataFrame]

    @cached_property
    def unproven(self) -> DataFrame:
        """The lines for passes that ask for a few columns: to prove all of a line takes a third of such a pass."""
        return self.reread() if PLAIN in self.proven.columns else self.proven
