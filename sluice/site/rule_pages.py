"""The page of each rule: what it says and why, what became of it over the days, and how it changed."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from etl.contract.structure_rules import StructureRule
from sluice.contracts.diff.changes import Change
from sluice.site.dataset_history import DatasetHistory
from sluice.site.rule_history import RuleHistory
from sluice.site.rule_texts import RuleText
from sluice.site.versions import ContractStep

SAFE_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,119}")
MOST_LINES = 20  # runs in which a rule did not hold, told one by one on its page


@dataclass(frozen=True)
class RulePage:
    """One rule.

    Attributes:
        text: its words, severity and why, of today's contract where it is there.
        is_current: whether today's contract has it, or every run holds it.
        history: what became of it, None where no run tells of it.
        changes: how contracts changed it, the newest first, with the step of each.
    """

    dataset: str
    text: RuleText
    is_current: bool
    history: RuleHistory | None
    changes: list[tuple[ContractStep, Change]]

    @property
    def file(self) -> str:
        """The name of its file within the dataset's folder of rules."""
        return rule_file(self.text.id)

    @property
    def days_broken(self) -> int:
        """On how many days data broke it."""
        return len(self.history.broken_dates) if self.history else 0


def rule_file(rule: str) -> str:
    """Return the name of a rule's page: its id, or a part of it with a hash where a file may not be called so."""
    if SAFE_NAME.fullmatch(rule):
        return f"{rule}.html"
    plain = re.sub(r"[^a-z0-9_.-]+", "-", rule.lower()).strip("-.")[:80]
    return f"{plain}-{hashlib.sha256(rule.encode(errors='replace')).hexdigest()[:12]}.html"


def rule_pages(
    history: DatasetHistory, texts: Mapping[str, RuleText], steps: list[ContractStep] | None
) -> dict[str, RulePage]:
    """Return a dataset's rules by id: those of today's contracts, and others that broke."""
    pages = {
        rule: RulePage(history.dataset, text, True, history.rules.get(rule), _changes_of(rule, steps))
        for rule, text in texts.items()
    }
    for rule, rule_history in sorted(history.rules.items()):
        if rule not in pages and rule_history.not_held:
            text, is_current = _text_of_unstated(rule_history)
            pages[rule] = RulePage(history.dataset, text, is_current, rule_history, _changes_of(rule, steps))
    return pages


def _changes_of(rule: str, steps: list[ContractStep] | None) -> list[tuple[ContractStep, Change]]:
    return [(step, change) for step in steps or () for change in step.what.changes if change.subject == rule]


def _text_of_unstated(history: RuleHistory) -> tuple[RuleText, bool]:
    _, is_structure, rest = history.rule.partition(".structure.")
    name = rest.partition(".")[0]
    if name in [*StructureRule]:
        structure_rule = StructureRule(name)
        return RuleText(history.rule, structure_rule.words, history.severity, structure_rule.remedy, True), True
    why = "" if is_structure else "It is not in today's contract."
    return RuleText(history.rule, "", history.severity, why, bool(is_structure)), bool(is_structure)
