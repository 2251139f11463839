"""Lint says of a contract what loads but decides nothing, says too little or does not fit; of ours it says nothing."""

import json

import pytest

from sluice.contracts.lint.findings import KINDS
from sluice.contracts.lint.lint import lint_suites
from tests.lake.mutations import (
    QUANTITY,
    Change,
    change_column,
    change_field,
    change_kwargs,
    change_meta,
    change_rule_meta,
    drop_rule,
    replace_rule,
)
from tests.unit.contracts.changed import apply_all, with_rule_added
from tests.unit.contracts.conftest import Write

PRESENT = "expect_column_values_to_not_be_null"
BETWEEN = "expect_column_values_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
PAIR = {"column_A": "total_amount", "column_B": "unit_price"}
REGIONS = ["US-EAST", "US-WEST", "EU-WEST", "EU-CENTRAL", "AP-SOUTH"]


def with_reference(**changed: str) -> Change:
    """Change what the first reference of trades points to."""
    return lambda suite: suite["meta"]["references"][0].update(changed)


FINDINGS: dict[str, tuple[Change, str, str | None, str]] = {
    "what loading refuses": (change_field(QUANTITY, type="expect_joy"), "refused", QUANTITY, "'expect_joy' is unknown"),
    "no why": (change_rule_meta(QUANTITY, why=" "), "refused", QUANTITY, "meta.why is missing"),
    "a query that deletes": (
        with_rule_added(
            "unexpected_rows_expectation", unexpected_rows_query="DELETE FROM lake.db.trades WHERE true -- {batch}"
        ),
        "query",
        "trades.more",
        "its query is refused: it is no SELECT",
    ),
    "a query with braces doubled": (
        with_rule_added(
            "unexpected_rows_expectation", unexpected_rows_query="select * from {batch} where region rlike '^A{{2}}$'"
        ),
        "query",
        "trades.more",
        "its query holds {{2}}",
    ),
    "nothing demanded": (change_kwargs(QUANTITY, mostly=0), "never-fails", QUANTITY, "but no row has to"),
    "the whole type": (
        change_kwargs(QUANTITY, min_value=-2147483648, max_value=2147483647),
        "never-fails",
        QUANTITY,
        "but so is an int, always",
    ),
    "one bound outside": (
        change_kwargs(QUANTITY, max_value=2147483648),
        "never-fails",
        QUANTITY,
        "lies outside an int",
    ),
    "a decimal's end": (
        change_kwargs("trades.unit_price.range", max_value=100000000),
        "never-fails",
        "trades.unit_price.range",
        "max_value 100000000 lies outside a decimal(10,2)",
    ),
    "beyond the type": (
        change_kwargs(QUANTITY, min_value=2147483648, max_value=None),
        "never-holds",
        QUANTITY,
        "can never hold",
    ),
    "a length from 0": (
        with_rule_added("expect_column_value_lengths_to_be_between", column="region", min_value=0),
        "never-fails",
        "trades.more",
        "but so is a length, always",
    ),
    "a share to 1": (
        with_rule_added("expect_column_proportion_of_unique_values_to_be_between", column="region", max_value=1),
        "never-fails",
        "trades.more",
        "but so is a distinct share, always",
    ),
    "every boolean": (
        apply_all(
            change_column(3, type="boolean"), replace_rule(QUANTITY, IN_SET, column="quantity", value_set=[True, False])
        ),
        "never-fails",
        QUANTITY,
        "but those are all",
    ),
    "a set outside the type": (
        replace_rule(QUANTITY, IN_SET, column="quantity", value_set=[3000000000]),
        "never-holds",
        QUANTITY,
        "but no int is",
    ),
    "a refusal outside the type": (
        replace_rule(QUANTITY, "expect_column_values_to_not_be_in_set", column="quantity", value_set=[3000000000]),
        "never-fails",
        QUANTITY,
        "but no int is",
    ),
    "any text": (
        with_rule_added("expect_column_values_to_match_regex", column="region", regex=".*"),
        "never-fails",
        "trades.more",
        "but so does every text",
    ),
    "a column that is declared": (
        with_rule_added("expect_column_to_exist", column="region"),
        "never-fails",
        "trades.more",
        "already",
    ),
    "a type that is declared": (
        with_rule_added("expect_column_values_to_be_of_type", column="quantity", type_="IntegerType"),
        "never-fails",
        "trades.more",
        "declares it already",
    ),
    "a type that is another": (
        with_rule_added("expect_column_values_to_be_of_type", column="quantity", type_="DateType"),
        "never-holds",
        "trades.more",
        "but it is int",
    ),
    "a column nobody judges": (
        apply_all(drop_rule("trades.customer_id.kept"), drop_rule("trades.customer_id.known")),
        "unjudged",
        None,
        "column 'customer_id' is judged by no",
    ),
    "a key that may be null": (
        apply_all(drop_rule("trades.transaction_id.kept")),
        "key",
        None,
        "key column 'transaction_id' may be null",
    ),
    "a row without a date that stays for ever": (
        apply_all(
            drop_rule("trades.transaction_date.kept"), change_meta(keep_days={"column": "transaction_date", "days": 9})
        ),
        "keep",
        None,
        "keep_days goes by 'transaction_date', which may be null, and a row without a date never leaves",
    ),
    "keys that are looked for where no row is any more": (
        change_meta(
            keep_days={"column": "transaction_date", "days": 9},
            unique_within={"column": "transaction_date", "days": 10},
        ),
        "keep",
        None,
        "unique_within looks 10 days back by 'transaction_date', and rows stay 9 days",
    ),
    "a warning that fails the run": (
        apply_all(change_field(QUANTITY, severity="warning"), change_meta(max_quarantined=0)),
        "quarantine",
        QUANTITY,
        "max_quarantined is 0",
    ),
    "a quarantine for nothing": (
        apply_all(drop_rule("trades.customer_id.known"), drop_rule("trades.product_id.known")),
        "quarantine",
        None,
        "no rule is a warning",
    ),
    "a column from nowhere": (
        apply_all(change_column(7, name="amount"), replace_rule("trades.total_amount.range", PRESENT, column="amount")),
        "refused",
        "trades.total_amount.computed",
        "column 'total_amount' is not declared",
    ),
    "a reference to nobody": (
        with_reference(dataset="byers"),
        "name",
        None,
        "reference 'known_customer' names dataset 'byers', and there is no expectations/byers/output.json",
    ),
    "a reference to no column": (
        with_reference(key="custmer_id"),
        "name",
        None,
        "names buyers.custmer_id, which buyers does not publish",
    ),
    "a reference to what is no key": (
        with_reference(key="country"),
        "name",
        None,
        "names buyers.country, which is not the whole key of buyers (customer_id)",
    ),
    "another dataset's name": (
        lambda suite: suite.update(json.loads(json.dumps(suite).replace("trades.", "orders."))),
        "file",
        None,
        "its name is orders.output, where trades.output is expected",
    ),
}


@pytest.mark.parametrize("what", FINDINGS)
def test_it_finds(what: str, write: Write) -> None:
    change, kind, rule, expected = FINDINGS[what]
    report = lint_suites([str(write(change)) + "/expectations"])
    findings = [finding for finding in report.findings if (finding.kind, finding.rule) == (kind, rule)]
    assert [finding for finding in findings if expected in finding.found], report.findings
    assert all(
        finding.remedy and finding.kind in KINDS and finding.file.endswith("trades/output.json") for finding in findings
    )
