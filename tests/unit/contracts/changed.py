"""What diff says of a change of the shipped trades contracts."""

import copy

from etl.contract.loading import contract_of
from sluice.contracts.diff.changes import Change
from sluice.contracts.diff.diff import changes_of
from tests.lake.mutations import TRADES
from tests.lake.mutations import Change as Mutation


def changes_after(change: Mutation, before: Mutation = dict, stage: str = "output") -> list[Change]:
    """Return what changed from the shipped suite, itself changed by `before`, to the one changed by both."""
    old = copy.deepcopy(TRADES[stage])
    before(old)
    new = copy.deepcopy(old)
    change(new)
    return changes_of(contract_of(old), contract_of(new))


def with_rule_added(kind: str, rule: str = "trades.more", **kwargs: object) -> Mutation:
    expectation = {"type": kind, "kwargs": kwargs, "meta": {"rule": rule, "why": "One more."}}
    return lambda suite: suite["expectations"].append(expectation)


def apply_all(*changes: Mutation) -> Mutation:
    return lambda suite: [change(suite) for change in changes]
