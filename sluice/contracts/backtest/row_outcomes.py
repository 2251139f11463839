"""What becomes of a row by a contract, from the rules that it broke: published, set aside or refused."""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from etl.contract.model import Contract, Rule
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.contract.structure_levels import ALL_CRITICAL, StructureLevels
from etl.contract.structure_rules import StructureRule
from etl.contract.vocabulary import UNIQUE_TYPES, VOCABULARY

HEADER = "_header"  # stands among the rules that a line broke where it is its file's header, and so no row
PUBLISHED, ASIDE, REFUSED = "published", "set aside", "refused"
BrokenRules = frozenset[str]


@dataclass(frozen=True)
class ContractRules:
    """A contract's rules by how they are judged, and the levels of those on lines, which the input's contract has."""

    contract: Contract
    structure: StructureLevels = ALL_CRITICAL

    @cached_property
    def unevaluated(self) -> list[str]:
        """The rules that compare with other datasets, which are not given: they name a helper column of a reference."""
        return [rule.rule for rule in self.contract.rules if self._names_reference(rule)]

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules that rows alone can be judged by."""
        return [rule for rule in self.contract.rules if not rule.history and not self._names_reference(rule)]

    @cached_property
    def history_rules(self) -> list[Rule]:
        """The rules with bounds from earlier runs, which each day is held to by the days before it."""
        return [rule for rule in self.contract.rules if rule.history and not self._names_reference(rule)]

    def _names_reference(self, rule: Rule) -> bool:
        return bool({reference.name for reference in self.contract.references} & _named_columns(rule))

    @cached_property
    def row_rules(self) -> list[Rule]:
        """The rules that rows break, each or some of them."""
        return [rule for rule in self.rules if VOCABULARY[rule.type].judges.is_row]

    @cached_property
    def run_rules(self) -> list[Rule]:
        """The rules that hold or fail for a run: on aggregates, on a share of rows, on values unique within the run."""
        return [rule for rule in self.rules if rule not in self.row_rules or self._depends_on_run(rule)]

    def _depends_on_run(self, rule: Rule) -> bool:
        return self.is_unique_in_runs(rule) or rule.kwargs.get("mostly", 1) < 1

    def is_unique_in_runs(self, rule: Rule) -> bool:
        """Say whether a rule wants values to be unique in a run, not in the table: no key, or one whose newer row wins."""
        key = self.contract.is_key_rule(rule) and not self.contract.loading.replaces_rows
        return rule.type in UNIQUE_TYPES and not key

    @cached_property
    def severities(self) -> dict[str, Severity]:
        """The severities of the contract's rules."""
        return {rule.rule: rule.severity for rule in self.contract.rules}

    def is_critical(self, rule: str) -> bool:
        """Say whether a run fails where the rule does."""
        return self.severity_of(rule).stops_run

    def severity_of(self, rule: str) -> Severity:
        """Return a rule's severity; what is no rule of the contract is one of structure."""
        if rule in self.severities:
            return self.severities[rule]
        return self.structure.severity_of(rule.removeprefix(f"{self.contract.dataset}.{Stage.STRUCTURE}."))

    def is_stated(self, rule: str) -> bool:
        """Say whether a rule is one that a suite states, not one of structure."""
        return not rule.startswith(f"{self.contract.dataset}.structure.")

    def judges_row(self, broken: BrokenRules | None) -> bool:
        """Say whether its rules judge a row that broke these: none that structure sets aside, the output's none it refuses."""
        if broken is None:
            return False
        if self.contract.stage is Stage.OUTPUT:
            return all(self.is_stated(rule) for rule in broken)
        unread = StructureRule.ROW.id_of(self.contract.dataset)
        return not any(rule == unread or self._sets_line_aside(rule) for rule in broken)

    def _sets_line_aside(self, rule: str) -> bool:
        return not self.is_stated(rule) and self.severity_of(rule).quarantines_rows

    def counts_as_quarantined(self, broken: BrokenRules) -> bool:
        """Say whether a row that is set aside for these counts in the contract's `max_quarantined`."""
        return self.contract.stage is Stage.INPUT or any(self.is_stated(rule) for rule in broken)

    def row_fate(self, broken: BrokenRules, failing: Set[str]) -> tuple[str, BrokenRules]:
        """Return what becomes of a row in a run in which rules of runs are `failing`, and the rules that count for it.

        The input's critical rules see every row; the output's only those that no warning set aside.
        """
        holding = {rule.rule for rule in self.run_rules} - failing
        counting = broken - holding
        warned = frozenset(rule for rule in counting if self.severity_of(rule).quarantines_rows)
        critical = [rule for rule in counting if self.is_critical(rule)]
        if self.contract.stage is Stage.OUTPUT and warned and all(self.is_stated(rule) for rule in critical):
            return ASIDE, warned
        if critical:
            return REFUSED, counting
        return (ASIDE if warned else PUBLISHED), counting


def _named_columns(rule: Rule) -> set[str]:
    return {*rule.roots, *re.findall(r"\w+", str(rule.kwargs.get("unexpected_rows_query", "")))}
