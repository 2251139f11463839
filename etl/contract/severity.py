"""How much a rule weighs: what breaking it does to a run."""

from enum import StrEnum, unique
from typing import Self


@unique
class Severity(StrEnum):
    """What a broken rule does.

    Attributes:
        rank: how much it weighs; of two, the higher one is stricter.
        stops_run: whether the run fails, so that nothing of it is published.
        quarantines_rows: whether the rows that break it go to the quarantine.
        lineage: OpenLineage's name (DataQualityAssertionsDatasetFacet, severity).
        colour: the terminal's, "" for its own.
        effect: what it does, as the end of a sentence.
    """

    _value_: str
    rank: int
    stops_run: bool
    quarantines_rows: bool
    lineage: str
    colour: str
    effect: str

    CRITICAL = "critical", 2, True, False, "error", "red", "fails the run, nothing of it is published"
    WARNING = "warning", 1, False, True, "warn", "yellow", "sets the row aside and rings"
    INFO = "info", 0, False, False, "info", "", "is recorded"

    def __new__(  # noqa: PLR0913  one argument for each attribute
        cls, text: str, rank: int, stops_run: bool, quarantines_rows: bool, lineage: str, colour: str, effect: str
    ) -> Self:
        """Make the member of a suite's text."""
        severity = str.__new__(cls, text)
        severity._value_ = text
        severity.rank, severity.stops_run, severity.quarantines_rows = rank, stops_run, quarantines_rows
        severity.lineage, severity.colour, severity.effect = lineage, colour, effect
        return severity

    @property
    def is_enforced(self) -> bool:
        """Whether rows that break the rule are kept from readers."""
        return self.stops_run or self.quarantines_rows


STOPPING = tuple(severity for severity in Severity if severity.stops_run)
QUARANTINING = tuple(severity for severity in Severity if severity.quarantines_rows)
ENFORCED = tuple(severity for severity in Severity if severity.is_enforced)
