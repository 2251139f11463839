"""What a change of a contract means, for whom, and which version it needs.

Four labels. *Breaking for producers*: files that were taken may be refused. *Breaking for consumers*: what readers were
promised no longer holds. *Loosened*: more is possible than before and nobody has to do anything. *Documentation*: no
row's fate changes. The first two need a major version, the third a minor one, the last a patch (semver.org); while the
major version is 0, one step less.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum, unique
from typing import Any, Self

from etl.contract.severity import Severity
from etl.contract.stage import Stage, SuiteStage


@unique
class Label(StrEnum):
    """What a change means, the one that weighs most first.

    Attributes:
        step: the part of a version that it raises, as a place in STEPS.
        colour: the terminal's.
    """

    _value_: str
    step: int
    colour: str

    CONSUMERS = "breaking for consumers", 0, "bold red"
    PRODUCERS = "breaking for producers", 0, "red"
    LOOSENED = "loosened", 1, "yellow"
    DOCUMENTATION = "documentation", 2, "dim"

    def __new__(cls, words: str, step: int, colour: str) -> Self:
        """Make the member of its words."""
        label = str.__new__(cls, words)
        label._value_, label.step, label.colour = words, step, colour
        return label


CONSUMERS, PRODUCERS, LOOSENED, DOCUMENTATION = Label
STEPS = ("major", "minor", "patch")

# Rules that readers build on in code: what is null, what is unique, which values there are. A bound that widens shows
# them larger numbers; one of these that weakens breaks a join or a case.
PROMISES = {
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_be_unique",
    "expect_compound_columns_to_be_unique",
    "expect_column_values_to_be_in_set",
    "expect_column_distinct_values_to_be_in_set",
    "expect_column_pair_values_to_be_in_set",
}


@dataclass(frozen=True)
class Change:
    """One change: of what, from what to what in words, how (tightened, loosened, added, ...), and its label."""

    subject: str
    words: str
    how: str
    label: Label

    def __str__(self) -> str:
        return f"{self.subject}: {self.words}, {self.how}" if self.words else f"{self.subject}: {self.how}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def tightened_label(severity: Severity) -> Label:
    """Return the label of a rule that may refuse more than before; one that only informs refuses nothing."""
    return DOCUMENTATION if not severity.is_enforced else PRODUCERS


def weakened_label(stage: SuiteStage, kind: str, severity: Severity) -> Label:
    """Return the label of a rule of this type that lets through more than before."""
    if not severity.is_enforced:
        return DOCUMENTATION
    return CONSUMERS if stage is Stage.OUTPUT and kind in PROMISES else LOOSENED


def dropped_label(stage: SuiteStage, severity: Severity) -> Label:
    """Return the label of a rule that no longer keeps anything from readers: of an output they had its word."""
    return DOCUMENTATION if not severity.is_enforced else CONSUMERS if stage is Stage.OUTPUT else LOOSENED


def worst_label(*labels: Label) -> Label:
    """Return the label that weighs most."""
    return min(labels, key=[*Label].index)


@dataclass(frozen=True)
class Bump:
    """The version step that changes need, None without any, and whether `after` raised `before` by as much."""

    before: str
    after: str
    step: str | None
    least: str
    enough: bool


def version_bump(before: str, after: str, changes: Iterable[Change]) -> Bump:
    """Judge a contract's new version by what changed."""
    old, new = _version_parts(before), _version_parts(after)
    steps = [change.label.step for change in changes]
    if not steps:
        return Bump(before, after, None, before, new >= old)
    step = min(2, min(steps) + (old[0] == 0))
    least = (*old[:step], old[step] + 1, *(0 for _ in old[step + 1 :]))
    return Bump(before, after, STEPS[step], ".".join(map(str, least)), new >= least)


def _version_parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
