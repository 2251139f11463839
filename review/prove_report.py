"""What `prove` found: which fault each rule reported, or why it was not shown to bite."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Proof:
    """What shows that a rule bites: the fault, and the other rules that report it too; `why` it was not shown, or ""."""

    rule: str
    stage: str
    fault: str = ""
    overlap: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Report:
    """A dataset's proofs; `refused` says why no valid day was found, in which case there are none."""

    dataset: str
    proofs: list[Proof]
    seconds: float
    refused: str = ""

    @property
    def unproven(self) -> list[Proof]:
        """The rules that nothing tripped."""
        return [proof for proof in self.proofs if proof.why]

    @property
    def held(self) -> bool:
        """Whether a valid day passes and every rule bites."""
        return not self.refused and bool(self.proofs) and not self.unproven

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "held": self.held, "unproven": [proof.rule for proof in self.unproven]}


def totals(reports: Iterable[Report]) -> tuple[int, int]:
    """Return how many rules were shown to bite, and how many there are."""
    proofs = [proof for report in reports for proof in report.proofs]
    return sum(not proof.why for proof in proofs), len(proofs)
