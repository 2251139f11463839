"""Lines that no one look proved plain: looked at rule by rule, in a pass of their own, and only where there are any.

Beside every line's own rules the code for theirs would be compiled into the pass that writes, for lines that most days do not
have. Where a format knows no plain lines, all are looked at in that pass.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.gate.onepass.observations import Seen, Tally
from etl.sources.provenance import PLAIN

ANY = "any in doubt"


@dataclass
class Doubt:
    """What to look for in the lines that are not known to be plain.

    Attributes:
        lines: all lines, with what stands beside them.
        reading: the tally of all lines, in the pass that writes.
        where: the lines that are rows.
    """

    lines: DataFrame
    reading: Tally
    where: Column
    own: Tally = field(default_factory=Tally, init=False)

    def __post_init__(self) -> None:
        """Have the pass that writes tell whether there are any."""
        if self.is_apart:
            self.reading.mark(self.where, {ANY: ~F.col(PLAIN)})

    @property
    def is_apart(self) -> bool:
        """Whether lines that are not known to be plain are looked at in a pass of their own."""
        return PLAIN in self.lines.columns

    def mark(self, where: Column | None, marks: Mapping[Hashable, Column]) -> None:
        """Add marks of the rows `where`, None for all, that a plain line is known not to have."""
        (self.own if self.is_apart else self.reading).mark(where, marks)

    def settled(self, reading: Seen) -> Seen:
        """Return what the tally of all lines saw, and of those in doubt what a pass over them finds.

        Raises:
            Unobserved: there is nothing to read.
        """
        if not self.is_apart:
            return reading
        marks = dict.fromkeys(self.own.keys, False)
        if reading.marks[ANY]:
            marks |= self.look().marks
        return replace(reading, marks={**reading.marks, **marks})

    def look(self) -> Seen:
        """Take a pass over the lines that are in doubt.

        Raises:
            Unobserved: there is nothing to read.
        """
        found = self.own.on(self.lines.where(self.where & ~F.col(PLAIN)))
        found.write.format("noop").mode("overwrite").save()
        return self.own.read()
