"""What `prove` found: which fault each rule reported, or why it was not shown to bite."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from etl.contract.stage import Stage


@dataclass(frozen=True)
class Proof:
    """What shows that a rule bites.

    Attributes:
        rule: its id.
        stage: structure, input or output.
        fault: what was wrong in the day that it reported.
        overlap: the other rules that reported it too.
        why: why it was not shown to bite; empty where it was.
        no_file: why no file can trip a rule that was shown to bite in another way; empty where a file did.
    """

    rule: str
    stage: Stage
    fault: str = ""
    overlap: tuple[str, ...] = ()
    why: str = ""
    no_file: str = ""


@dataclass(frozen=True)
class ProofReport:
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
    def all_proven(self) -> bool:
        """Whether a valid day passes and every rule bites."""
        return not self.refused and bool(self.proofs) and not self.unproven

    @property
    def beyond_files(self) -> list[Proof]:
        """The rules that bite, though no file can trip them: they guard the transform, or stand behind another rule."""
        return [proof for proof in self.proofs if proof.no_file]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **asdict(self),
            "held": self.all_proven,
            "unproven": [proof.rule for proof in self.unproven],
            "no_file": [proof.rule for proof in self.beyond_files],
        }


def count_proofs(reports: Iterable[ProofReport]) -> tuple[int, int]:
    """Return how many rules were shown to bite, and how many there are."""
    proofs = [proof for report in reports for proof in report.proofs]
    return sum(not proof.why for proof in proofs), len(proofs)
