"""Input contracts of CSV for tests: columns of text, and whatever else a meta may say."""

from collections.abc import Sequence
from typing import Any

from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.contract.validation.suite import faults_of

Suite = dict[str, Any]


def csv_suite(columns: Sequence[str | Suite], **meta: Any) -> Suite:
    """Return an input suite; a column is its name, or what it has beside a type and a description."""
    declared = [{"name": column} if isinstance(column, str) else column for column in columns]
    rule = {"rule": "trips.rows", "why": "An empty day is a failed export."}
    return {
        "name": "trips.input",
        "meta": {
            "version": "1.0.0",
            "owner": "o",
            "description": "d",
            "columns": [{"type": "string", "description": "d", **column} for column in declared],
            **meta,
        },
        "expectations": [{"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}, "meta": rule}],
    }


def csv_contract(columns: Sequence[str | Suite], **meta: Any) -> Contract:
    """Return the contract of such a suite, which must have no fault."""
    suite = csv_suite(columns, **meta)
    assert faults_of(suite) == []
    return contract_of(suite)
