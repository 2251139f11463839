"""What Great Expectations says of a rule, as the result that the verdict keeps: counts, samples, what was observed, errors."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, assert_never

from etl.contract.model import Contract, Rule
from etl.contract.sample_values import format_samples
from etl.contract.vocabulary import VOCABULARY, Bounds
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.wording import shorten_text

MEDIAN = "expect_column_median_to_be_between"
WITHOUT_VALUES = (
    "expect_table_row_count_to_equal",
    "expect_column_to_exist",
    "expect_column_type_to_be",
    "expect_column_values_to_be_of_type",
    "expect_column_values_to_be_in_type_list",
    "unexpected_rows_expectation",  # the library tells how many rows there are
)
LONGEST_ERROR = 500  # characters
EXCEPTION_CLASS = re.compile(r"[A-Za-z_][\w.]*")  # an exception's class, where a traceback's last line begins


def extract_outcome(validation: Any, contract: Contract) -> dict[str, Any]:
    """Return what the library says of one rule: success, result, and the error that its evaluation raised, masked."""
    raised = validation.exception_info or {}
    errors = [raised] if "raised_exception" in raised else list(raised.values())
    error = next((failure for failure in errors if failure.get("raised_exception")), None)
    return {
        "success": validation.success,
        "result": validation.result,
        "error": error and _error_message(error, contract),
    }


def _error_message(raised: dict[str, Any], contract: Contract) -> str:
    """Return the engine's words; an exception without a message is told by its class, which the traceback ends with."""
    lines = [line for line in str(raised["exception_traceback"]).splitlines() if line.strip()]
    kind = EXCEPTION_CLASS.match(lines[-1]) if lines else None
    message = " ".join(str(raised["exception_message"]).split())
    return shorten_text(contract.masking.mask_error(message, kind[0] if kind else ""), LONGEST_ERROR)


def build_result(rule: Rule, contract: Contract, outcome: dict[str, Any]) -> RuleResult:
    """Return a rule's result, given what `extract_outcome` returned of it."""
    passed = RuleResult(rule.rule, contract.stage, rule.severity, RuleState.HELD, why=rule.why)
    if outcome["error"] is not None:
        return passed.as_error(outcome["error"])
    figures = outcome["result"]
    passed = replace(passed, observed=_observed_text(rule, contract, figures))
    if outcome["success"]:
        return passed
    missing = [f"missing: {value}" for value in figures.get("partial_missing_list", ())]
    unexpected = figures.get("unexpected_count", 0 if missing else 1) + figures.get("missing_count", 0) * bool(missing)
    return replace(
        passed,
        state=RuleState.BROKEN,
        unexpected=unexpected,
        # What is missing is the contract's, and no row's.
        samples=format_samples([*_observed_values(rule, contract, figures), *missing]),
    )


def _observed_text(rule: Rule, contract: Contract, figures: dict[str, Any]) -> str | None:
    """Return the figure or value of the whole that the library tells, masked; None where it tells none."""
    if figures.get("observed_value") is None or VOCABULARY[rule.type].judges.is_row:
        return None
    return format_samples([*_observed_values(rule, contract, {"observed_value": figures["observed_value"]})])[0]


def _observed_values(rule: Rule, contract: Contract, figures: dict[str, Any]) -> Iterable[Any]:
    """Return what was observed of a broken rule: values of rows, or the one figure of the whole."""
    if "partial_unexpected_list" in figures:
        return contract.masking.mask_samples(figures["partial_unexpected_list"], rule.columns)
    if "partial_missing_list" in figures or "observed_value" not in figures:
        return ()
    observed = figures["observed_value"]
    return [observed] if is_figure(rule, contract) else contract.masking.mask_samples([observed], rule.columns)


def is_figure(rule: Rule, contract: Contract) -> bool:
    """Say whether what is observed tells of many rows, and is no value that a row has."""
    expectation = VOCABULARY[rule.type]
    match expectation.bounds:
        case Bounds.NUMBER:
            return rule.type != MEDIAN and not contract.pii & set(rule.columns)
        case Bounds.COUNT | Bounds.SHARE:  # of a rule on lengths it is the texts
            return not expectation.judges.is_row
        case Bounds.VALUE | Bounds.NONE:
            return rule.type in WITHOUT_VALUES
        case _:
            assert_never(expectation.bounds)
