"""A rule that comes, goes or weighs another way is told in words, and for whom it breaks what."""

import json

import pytest

from etl.contract.loading import contract_of
from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS
from sluice.contracts.diff.diff import changes_of
from tests.lake.examples import suite_of
from tests.lake.mutations import (
    KEY,
    QUANTITY,
    REGION,
    change_field,
    change_kwargs,
    change_rule_meta,
    drop_rule,
    replace_rule,
)
from tests.lake.mutations import Change as Mutation
from tests.unit.contracts.changed import changes_after

REGIONS = ["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH"]
COPY = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "region"}}


def rule_added(severity: str) -> Mutation:
    rule = {**COPY, "severity": severity, "meta": {"rule": "trades.more", "why": "One more."}}
    return lambda suite: suite["expectations"].append(rule)


CHANGES: dict[str, tuple[Mutation, Mutation, str, str]] = {
    "a rule that refuses is added": (dict, rule_added("critical"), "trades.more: region is unique, added", PRODUCERS),
    "a rule that sets aside is added": (dict, rule_added("warning"), "trades.more: region is unique, added", PRODUCERS),
    "a rule that informs is added": (dict, rule_added("info"), "trades.more: region is unique, added", DOCUMENTATION),
    "a bound on what is published is gone": (
        dict,
        drop_rule(QUANTITY),
        f"{QUANTITY}: quantity is at least 1 and at most 1000, removed",
        CONSUMERS,
    ),
    "a promise to readers is gone": (
        dict,
        drop_rule("trades.region.kept"),
        "trades.region.kept: region is never null, removed",
        CONSUMERS,
    ),
    "a rule that informed is gone": (
        change_field("trades.region.kept", severity="info"),
        drop_rule("trades.region.kept"),
        "trades.region.kept: region is never null, removed",
        DOCUMENTATION,
    ),
    "a promise weakens": (
        dict,
        change_kwargs("trades.region.kept", mostly=0.9),
        "trades.region.kept: in every row → in at least 90 % of rows, loosened",
        CONSUMERS,
    ),
    "rows are set aside instead": (
        dict,
        change_field(QUANTITY, severity="warning"),
        f"{QUANTITY}: critical → warning, loosened",
        LOOSENED,
    ),
    "a bound only informs": (
        dict,
        change_field(QUANTITY, severity="info"),
        f"{QUANTITY}: critical → info, loosened",
        CONSUMERS,
    ),
    "a promise only informs": (
        dict,
        change_field(REGION, severity="info"),
        f"{REGION}: critical → info, loosened",
        CONSUMERS,
    ),
    "a run fails instead": (
        change_field(QUANTITY, severity="warning"),
        change_field(QUANTITY, severity="critical"),
        f"{QUANTITY}: warning → critical, tightened",
        PRODUCERS,
    ),
    "what informs demands more": (
        change_field(QUANTITY, severity="info"),
        change_kwargs(QUANTITY, max_value=500),
        f"{QUANTITY}: at most 1000 → 500, tightened",
        DOCUMENTATION,
    ),
    "another column is judged": (
        dict,
        change_kwargs("trades.total_amount.range", column="unit_price"),
        "trades.total_amount.range: total_amount is at least 0.01 and at most 99999999.99 "
        "→ unit_price is at least 0.01 and at most 99999999.99, replaced",
        PRODUCERS,
    ),
    "a promise becomes another": (
        dict,
        replace_rule(REGION, "expect_column_values_to_match_regex", column="region", regex="^E"),
        f"{REGION}: region is one of {', '.join(REGIONS)} → region matches ^E, replaced",
        CONSUMERS,
    ),
    "an id is another": (
        dict,
        change_rule_meta(QUANTITY, rule="trades.quantity.sane"),
        f"trades.quantity.sane: was {QUANTITY}, renamed",
        DOCUMENTATION,
    ),
    "the reason is reworded": (
        dict,
        change_rule_meta(KEY, why="Once."),
        f"{KEY}: why A sale counted twice is a wrong number in a report. → Once., reworded",
        DOCUMENTATION,
    ),
    "a counterexample is given": (
        dict,
        change_rule_meta(KEY, counterexample={"transaction_id": "TXN1"}),
        f"{KEY}: counterexample, changed",
        DOCUMENTATION,
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_it_is_told(what: str) -> None:
    before, change, expected, label = CHANGES[what]
    assert [(str(rule_change), rule_change.label) for rule_change in changes_after(change, before)] == [
        (expected, label)
    ]


def test_an_input_that_weakens_breaks_nothing_for_readers() -> None:
    (change,) = changes_after(drop_rule("trades.region.present"), stage="input")
    assert (change.how, change.label) == ("removed", LOOSENED)


def test_only_what_it_judges_is_another_rule() -> None:
    rule = {"type": "expect_column_to_exist", "kwargs": {"column": "city"}, "meta": {"rule": "trips.x", "why": "x"}}
    moved = json.loads(json.dumps(rule).replace("city", "day"))
    (change,) = changes_of(contract_of(suite_of(rule)), contract_of(suite_of(moved)))
    assert (change.how, change.label) == ("replaced", PRODUCERS)
