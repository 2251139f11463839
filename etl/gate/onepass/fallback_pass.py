"""Lines that no one look proved plain: looked at rule by rule, in a pass of their own, and only where there are any.

Beside every line's own rules the code for theirs would be compiled into the pass that writes, for lines that most days do not
have. Where a format knows no plain lines, all are looked at in that pass.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.gate.onepass.observations import FrameObserver, ObservedValues
from etl.sources.provenance import PLAIN

ANY_IN_DOUBT = "any in doubt"


@dataclass
class FallbackPass:
    """What to look for in the lines that are not known to be plain.

    Attributes:
        lines: all lines, with what stands beside them.
        line_observer: the tally of all lines, in the pass that writes.
        where: the lines that are rows.
    """

    lines: DataFrame
    line_observer: FrameObserver
    where: Column
    fallback_observer: FrameObserver = field(default_factory=FrameObserver, init=False)

    def __post_init__(self) -> None:
        """Have the pass that writes tell whether there are any."""
        if self.is_apart:
            self.line_observer.add_marks(self.where, {ANY_IN_DOUBT: ~F.col(PLAIN)})

    @property
    def is_apart(self) -> bool:
        """Whether lines that are not known to be plain are looked at in a pass of their own."""
        return PLAIN in self.lines.columns

    def add_marks(self, where: Column | None, marks: Mapping[Hashable, Column]) -> None:
        """Add marks of the rows `where`, None for all, that a plain line is known not to have."""
        (self.fallback_observer if self.is_apart else self.line_observer).add_marks(where, marks)

    def with_fallback(self, observed: ObservedValues) -> ObservedValues:
        """Return what the tally of all lines saw, and of those in doubt what a pass over them finds.

        Raises:
            Unobserved: there is nothing to read.
        """
        if not self.is_apart:
            return observed
        marks = dict.fromkeys(self.fallback_observer.keys, False)
        if observed.marks[ANY_IN_DOUBT]:
            marks |= self.run_pass().marks
        return replace(observed, marks={**observed.marks, **marks})

    def run_pass(self) -> ObservedValues:
        """Take a pass over the lines that are in doubt.

        Raises:
            Unobserved: there is nothing to read.
        """
        doubtful_lines = self.fallback_observer.attach_to(self.lines.where(self.where & ~F.col(PLAIN)))
        doubtful_lines.write.format("noop").mode("overwrite").save()
        return self.fallback_observer.read_values()
