"""What one contract would have made of given data: its rows, and each file and day as if it were one run."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from etl.contract.structure_rules import StructureRule
from sluice.contracts.backtest.row_outcomes import ASIDE, HEADER, REFUSED, BrokenRules, ContractRules

UnitName = str | None
Errors = Mapping[str, str]
"""By rule in error, what the engine said, masked."""
FILE, DAY, ALL = "file", "day", "table"


@dataclass(frozen=True)
class Group:
    """Rows of one file (by key, None where a table does not say) and day that broke the same rules.

    `before` and `after` are what they broke by the published and by the changed contract, None where it did not read them.
    """

    file: str | None
    day: str | None
    before: BrokenRules | None
    after: BrokenRules | None
    rows: int


@dataclass(frozen=True)
class Unit:
    """A file, a day or all of a table, as one run.

    Attributes:
        fates: rows by what becomes of them, without those of a file that neither contract could read.
        broken: how many rows broke each rule that did not hold; 1 for a rule that no row breaks by itself.
        critical: the rules for which the run is refused whole, those in error among them.
        errors: the rules that the engine could not judge; no row is known to break them.
    """

    fates: Mapping[str, int]
    broken: Mapping[str, int]
    critical: tuple[str, ...]
    errors: Errors = field(default_factory=dict[str, str])

    def in_words(self, rule: str) -> str:
        """Return a rule for which the run is refused, and how many rows broke it."""
        return f"{rule} ({'in error' if rule in self.errors else self.broken[rule]})"


@dataclass(frozen=True)
class Outcome:
    """One contract's word on the data.

    Attributes:
        contract_rules: its rules.
        side: "before" or "after", the field of a group that says what its rows broke by it.
        faults: by file, the rule for which it is refused unread.
        headers: how often a file has its header.
        groups: the rows.
        failing: by kind of unit, the first being a run's, and by unit, the rules of runs that the data breaks.
        errors: the same for those that the engine could not judge: each fails the run, whatever its severity.
    """

    contract_rules: ContractRules
    side: str
    faults: Mapping[UnitName, str]
    headers: int
    groups: list[Group]
    failing: Mapping[str, Mapping[UnitName, BrokenRules]]
    errors: Mapping[str, Mapping[UnitName, Errors]] = field(default_factory=dict[str, dict[UnitName, Errors]])

    @property
    def run_kind(self) -> str:
        """The kind of unit that stands for a run."""
        return next(iter(self.failing))

    def count_rows(self, fate: str) -> int:
        """Return how many rows had a fate."""
        return sum(unit.fates.get(fate, 0) for unit in self.units[self.run_kind].values())

    @cached_property
    def broken(self) -> Counter[str]:
        """How many rows, or runs, broke each rule."""
        return sum((Counter(unit.broken) for unit in self.units[self.run_kind].values()), Counter[str]())

    @cached_property
    def in_error(self) -> dict[str, str]:
        """The rules that the engine could not judge on some unit, with its words."""
        return {rule: words for kind in self.errors.values() for unit in kind.values() for rule, words in unit.items()}

    def refused_units(self, kind: str) -> dict[UnitName, Unit]:
        """Return the units that are refused whole."""
        return {name: unit for name, unit in self.units[kind].items() if unit.critical}

    def refuses_group(self, group: Group) -> bool:
        """Say whether a group's rows are refused."""
        return (
            self._group_fate(group, self.failing[self.run_kind].get(unit_of(self.run_kind, group), frozenset()))[0]
            == REFUSED
        )

    def _group_fate(self, group: Group, failing: BrokenRules) -> tuple[str, BrokenRules]:
        """Return what becomes of a group's rows, and the rules that count; rows of a file that is not read are refused."""
        broke = broken_by(group, self.side)
        if broke is None:
            return REFUSED, frozenset({self.faults[group.file]} if group.file in self.faults else ())
        return self.contract_rules.row_fate(broke, failing)

    @cached_property
    def units(self) -> dict[str, dict[UnitName, Unit]]:
        """The units of each kind, by name."""
        return {kind: self._units_of_kind(kind) for kind in self.failing}

    def _units_of_kind(self, kind: str) -> dict[UnitName, Unit]:
        groups_by_unit: dict[UnitName, list[Group]] = defaultdict(list)
        for group in self.groups:
            if (kind == FILE or is_row(group)) and (is_unit(kind, group) or kind == self.run_kind):
                groups_by_unit[unit_of(kind, group)].append(group)
        if kind == FILE:
            groups_by_unit |= {file: groups_by_unit.get(file, []) for file in self.faults}
        return {
            name: self._build_unit(kind, name, groups_by_unit[name])
            for name in sorted(groups_by_unit, key=lambda name: name or "")
        }

    def _build_unit(self, kind: str, name: UnitName, groups: list[Group]) -> Unit:
        failing = self.failing[kind].get(name, frozenset())
        fates, broken, quarantined = Counter[str](), Counter[str](), 0
        for group in filter(is_row, groups):
            fate, rules = self._group_fate(group, failing)
            fates[fate] += group.rows
            quarantined += group.rows * (fate == ASIDE and self.contract_rules.counts_as_quarantined(rules))
            broken.update(dict.fromkeys(rules, group.rows))
        rows = fates.total()
        unit_rules = [
            *failing,
            *self._share_rule(quarantined, rows),
            *(self._file_rules(name, groups, rows) if kind == FILE else ()),
        ]
        broken.update(rule for rule in unit_rules if rule not in broken)
        errors = self.errors.get(kind, {}).get(name, {})
        critical = tuple(sorted({*errors, *(rule for rule in broken if self.contract_rules.is_critical(rule))}))
        return Unit(dict(fates), dict(broken), critical, errors)

    def _file_rules(self, name: UnitName, groups: list[Group], rows: int) -> list[str]:
        """Return the rules of structure that a file breaks as a whole."""
        if name in self.faults:
            return [self.faults[name]]
        lines = [(group.rows, broken_by(group, self.side) or frozenset()) for group in groups]
        headers, dataset = sum(times for times, broke in lines if HEADER in broke), self.contract_rules.contract.dataset
        header_rules = [StructureRule.HEADER.id_of(dataset)] if headers != self.headers else []
        return header_rules + ([] if rows else [StructureRule.ROWS.id_of(dataset)])

    def _share_rule(self, quarantined: int, rows: int) -> list[str]:
        contract = self.contract_rules.contract
        over = quarantined > contract.max_quarantined * rows
        return [f"{contract.dataset}.structure.quarantined.{contract.stage}"] if over else []


def broken_by(group: Group, side: str) -> BrokenRules | None:
    """Return what a group's rows broke by the contract `side`, None where that one did not read them."""
    return group.before if side == "before" else group.after


def unit_of(kind: str, group: Group) -> UnitName:
    """Return the name of the unit that a group's rows are of."""
    return {FILE: group.file, DAY: group.day}.get(kind)


def is_unit(kind: str, group: Group) -> bool:
    """Say whether a group's rows have a unit of a kind: a text that is no date is of no day."""
    return kind == ALL or unit_of(kind, group) is not None


def is_row(group: Group) -> bool:
    """Say whether a group is of rows, not of lines that are their file's header."""
    return not any(HEADER in (broke or ()) for broke in (group.before, group.after))
