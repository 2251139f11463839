"""What a change of a contract means, for whom, and which version it needs.

Four labels. *Breaking for producers*: files that were taken may be refused. *Breaking for consumers*: what readers were
promised no longer holds. *Loosened*: more is possible than before and nobody has to do anything. *Documentation*: no
row's fate changes. The first two need a major version, the third a minor one, the last a patch (semver.org); while the
major version is 0, one step less.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from etl.contract.severity import Severity
from etl.contract.stage import Stage, SuiteStage

PRODUCERS = "breaking for producers"
CONSUMERS = "breaking for consumers"
LOOSENED = "loosened"
DOCUMENTATION = "documentation"
LABELS = (CONSUMERS, PRODUCERS, LOOSENED, DOCUMENTATION)
STEPS = ("major", "minor", "patch")
STEP_OF = {CONSUMERS: 0, PRODUCERS: 0, LOOSENED: 1, DOCUMENTATION: 2}

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
    label: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.words}, {self.how}" if self.words else f"{self.subject}: {self.how}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def tightened_label(severity: Severity) -> str:
    """Return the label of a rule that may refuse more than before; one that only informs refuses nothing."""
    return DOCUMENTATION if not severity.is_enforced else PRODUCERS


def weakened_label(stage: SuiteStage, kind: str, severity: Severity) -> str:
    """Return the label of a rule of this type that lets through more than before."""
    if not severity.is_enforced:
        return DOCUMENTATION
    return CONSUMERS if stage is Stage.OUTPUT and kind in PROMISES else LOOSENED


def dropped_label(stage: SuiteStage, severity: Severity) -> str:
    """Return the label of a rule that no longer keeps anything from readers: of an output they had its word."""
    return DOCUMENTATION if not severity.is_enforced else CONSUMERS if stage is Stage.OUTPUT else LOOSENED


def worst_label(*labels: str) -> str:
    """Return the label that weighs most."""
    return min(labels, key=LABELS.index)


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
    steps = [STEP_OF[change.label] for change in changes]
    if not steps:
        return Bump(before, after, None, before, new >= old)
    step = min(2, min(steps) + (old[0] == 0))
    least = (*old[:step], old[step] + 1, *(0 for _ in old[step + 1 :]))
    return Bump(before, after, STEPS[step], ".".join(map(str, least)), new >= least)


def _version_parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
