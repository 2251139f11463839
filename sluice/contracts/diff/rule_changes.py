"""What changed in the rules of a contract, in words, for whom."""

from collections.abc import Iterator

from etl.contract.model import Contract, Rule
from etl.contract.stage import SuiteStage
from sluice.contracts.diff.argument_changes import LOOSENED as LOOSER
from sluice.contracts.diff.argument_changes import REWRITTEN, TIGHTENED, argument_differences
from sluice.contracts.diff.changes import (
    DOCUMENTATION,
    LOOSENED,
    PRODUCERS,
    Change,
    dropped_label,
    tightened_label,
    weakened_label,
    worst_label,
)
from sluice.contracts.rule_words import in_words


def rule_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield what changed in the rules, in the new contract's order; what is gone comes last."""
    before = {rule.rule: rule for rule in old.rules}
    kept_ids = {rule.rule for rule in new.rules}
    removed_rules = [rule for rule in old.rules if rule.rule not in kept_ids]
    for rule in new.rules:
        if old_rule := before.get(rule.rule):
            yield from _changes_of_rule(old_rule, rule, new)
        elif twin := next((gone_rule for gone_rule in removed_rules if _is_same_rule(gone_rule, rule)), None):
            removed_rules.remove(twin)
            yield Change(rule.rule, f"was {twin.rule}", "renamed", DOCUMENTATION)
        else:
            yield Change(rule.rule, in_words(rule), "added", tightened_label(rule.severity))
    for rule in removed_rules:
        yield Change(rule.rule, in_words(rule), "removed", dropped_label(old.stage, rule.severity))


def _is_same_rule(rule: Rule, other_rule: Rule) -> bool:
    return (rule.type, rule.kwargs, rule.severity) == (other_rule.type, other_rule.kwargs, other_rule.severity)


def _changes_of_rule(old: Rule, new: Rule, contract: Contract) -> Iterator[Change]:
    if old.severity != new.severity:
        yield _severity_change(old, new, contract.stage)
    yield from _demand_changes(old, new, contract)
    if old.why != new.why:
        yield Change(new.rule, f"why {old.why} → {new.why}", "reworded", DOCUMENTATION)
    if old.counterexample != new.counterexample:
        yield Change(new.rule, "counterexample", "changed", DOCUMENTATION)


def _severity_change(old: Rule, new: Rule, stage: SuiteStage) -> Change:
    words = f"{old.severity} → {new.severity}"
    if new.severity.rank > old.severity.rank:
        return Change(new.rule, words, TIGHTENED, PRODUCERS)
    # A warning still keeps the row from readers; what only informs promises them nothing.
    label = dropped_label(stage, old.severity) if not new.severity.is_enforced else LOOSENED
    return Change(new.rule, words, LOOSER, label)


def _demand_changes(old: Rule, new: Rule, contract: Contract) -> Iterator[Change]:
    looser, tighter = weakened_label(contract.stage, old.type, old.severity), tightened_label(new.severity)
    if (old.type, old.columns) != (new.type, new.columns):
        yield Change(new.rule, f"{in_words(old)} → {in_words(new)}", "replaced", worst_label(looser, tighter))
        return
    types = contract.judged_types
    labels = {TIGHTENED: tighter, LOOSER: looser, REWRITTEN: DOCUMENTATION}
    for words, how in argument_differences(old, new, types):
        yield Change(new.rule, words, how, labels.get(how) or worst_label(looser, tighter))
