"""`diff`: what changed between two commits' contracts, and the version that each suite needs for it."""

from dataclasses import dataclass
from typing import Any

from etl.contract import Contract, contract_of, read
from etl.faults import Fault
from review.changes import CONSUMERS, LOOSENED, PRODUCERS, Bump, Change, bump
from review.history import Side
from review.meta_changes import column_changes, meta_changes, renamed, renames
from review.rule_changes import rule_changes


@dataclass(frozen=True)
class SuiteDiff:
    """What changed in one suite file; `faults` are those that keep its new state from loading.

    Without `bump` there is nothing to hold the version against: the suite is new, gone, or one side does not load.
    """

    path: str
    changes: list[Change]
    bump: Bump | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def enough(self) -> bool:
        """Say whether it loads and its version was raised as its changes need."""
        return not self.faults and (self.bump is None or self.bump.enough)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        version = self.bump and {
            "from": self.bump.before,
            "to": self.bump.after,
            "step": self.bump.step,
            "least": self.bump.least,
            "enough": self.bump.enough,
        }
        faults = [{"rule": one.rule, "found": one.found, "remedy": one.remedy} for one in self.faults]
        return {"file": self.path, "version": version, "changes": [c.as_json() for c in self.changes], "faults": faults}


def diff(before: Side, after: Side) -> list[SuiteDiff]:
    """Return what changed, suite by suite; those without a change are left out."""
    texts = [(path, before.get(path), after.get(path)) for path in sorted(before.keys() | after.keys())]
    found = [_of_file(*each) for each in texts if each[1] != each[2]]
    return [one for one in found if one.changes or one.faults or (one.bump and one.bump.before != one.bump.after)]


def _of_file(path: str, before: str | None, after: str | None) -> SuiteDiff:
    old, _ = _contract(before)
    new, faults = _contract(after)
    if after is None:
        label = PRODUCERS if path.endswith("input.json") else CONSUMERS
        return SuiteDiff(path, [Change("contract", "", "removed", label)])
    if new is None:
        return SuiteDiff(path, [], faults=tuple(faults))
    if old is None:
        words = f"version {new.version}, {len(new.columns)} columns, {len(new.rules)} rules"
        words += "" if before is None else "; what it was before does not load, so it cannot be compared"
        return SuiteDiff(path, [Change("contract", words, "added", LOOSENED)])
    changes = changes_of(old, new)
    return SuiteDiff(path, changes, bump(old.version, new.version, changes))


def _contract(text: str | None) -> tuple[Contract | None, list[Fault]]:
    if text is None:
        return None, []
    suite, faults = read(text)
    return (None if faults else contract_of(suite)), faults


def changes_of(old: Contract, new: Contract) -> list[Change]:
    """Return what changed from one version of a contract to another, columns first, then rules, then its terms."""
    names = renames(old, new)
    known = renamed(old, names)
    return [*column_changes(known, new, names), *rule_changes(known, new), *meta_changes(known, new)]
