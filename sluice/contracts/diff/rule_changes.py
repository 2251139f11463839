"""What changed in the rules of a contract, in words, for whom."""

from collections.abc import Iterator

from etl.contract.model import Contract, Rule
from sluice.contracts.diff.argument_changes import LOOSENED as LOOSER
from sluice.contracts.diff.argument_changes import REWRITTEN, TIGHTENED, differences
from sluice.contracts.diff.changes import (
    DOCUMENTATION,
    LOOSENED,
    PRODUCERS,
    Change,
    dropped,
    tightened,
    weakened,
    worst,
)
from sluice.contracts.rule_words import in_words

RANK = {"info": 0, "warning": 1, "critical": 2}


def rule_changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield what changed in the rules, in the new contract's order; what is gone comes last."""
    before = {rule.rule: rule for rule in old.rules}
    kept = {rule.rule for rule in new.rules}
    gone = [rule for rule in old.rules if rule.rule not in kept]
    for rule in new.rules:
        if known := before.get(rule.rule):
            yield from _of_one(known, rule, new)
        elif twin := next((one for one in gone if _same(one, rule)), None):
            gone.remove(twin)
            yield Change(rule.rule, f"was {twin.rule}", "renamed", DOCUMENTATION)
        else:
            yield Change(rule.rule, in_words(rule), "added", tightened(rule.severity))
    for rule in gone:
        yield Change(rule.rule, in_words(rule), "removed", dropped(old.stage, rule.severity))


def _same(one: Rule, other: Rule) -> bool:
    return (one.type, one.kwargs, one.severity) == (other.type, other.kwargs, other.severity)


def _of_one(old: Rule, new: Rule, contract: Contract) -> Iterator[Change]:
    if old.severity != new.severity:
        yield _severity(old, new, contract.stage)
    yield from _demand(old, new, contract)
    if old.why != new.why:
        yield Change(new.rule, f"why {old.why} → {new.why}", "reworded", DOCUMENTATION)
    if old.counterexample != new.counterexample:
        yield Change(new.rule, "counterexample", "changed", DOCUMENTATION)


def _severity(old: Rule, new: Rule, stage: str) -> Change:
    words = f"{old.severity} → {new.severity}"
    if RANK[new.severity] > RANK[old.severity]:
        return Change(new.rule, words, TIGHTENED, PRODUCERS)
    # A warning still keeps the row from readers; what only informs promises them nothing.
    label = dropped(stage, old.severity) if new.severity == "info" else LOOSENED
    return Change(new.rule, words, LOOSER, label)


def _demand(old: Rule, new: Rule, contract: Contract) -> Iterator[Change]:
    looser, tighter = weakened(contract.stage, old.type, old.severity), tightened(new.severity)
    if (old.type, old.columns) != (new.type, new.columns):
        yield Change(new.rule, f"{in_words(old)} → {in_words(new)}", "replaced", worst(looser, tighter))
        return
    types = {column.name: column.type for column in contract.columns}
    labels = {TIGHTENED: tighter, LOOSER: looser, REWRITTEN: DOCUMENTATION}
    for words, how in differences(old, new, types):
        yield Change(new.rule, words, how, labels.get(how) or worst(looser, tighter))
