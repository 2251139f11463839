"""Great Expectations as the gate: a frame against a contract's rules.

The library's verdict is joined to our rules by `meta.rule`. Every rule is judged with BOOLEAN_ONLY, several times faster
than SUMMARY; only those that fail are judged again, for counts and samples.

`check` computes, `ask` and `judge` observe: what the rules ask for is observed in the pass that writes, and the library
forms its results from those values. Whatever was not observed is computed.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

from pyspark.sql import DataFrame

from etl.contract.model import Contract, Rule
from etl.contract.query_text import QUERY, REMEDY, escape_braces
from etl.contract.vocabulary import SHARE_TYPES, VOCABULARY
from etl.gate.element_rules import breaks_rule, element_key, frame_types, is_element_rule, with_broken_elements
from etl.gate.library_arguments import Types, library_arguments
from etl.gate.observed_values import with_exact_value
from etl.gate.onepass.metric_requests import MetricRequests
from etl.gate.rule_results import build_result, extract_outcome
from etl.results.rule_result import RuleResult
from etl.results.rule_state import OBSERVED

Parameters = dict[str, Any]


def check_frame(frame: DataFrame, contract: Contract, rules: list[Rule], parameters: Parameters) -> list[RuleResult]:
    """Judge `frame` by `rules`, some of `contract`'s.

    Args:
        frame: the rows to judge, with the contract's columns.
        contract: where the rules come from; names the stage and what is masked.
        rules: the rules to judge by.
        parameters: values for `$PARAMETER`, such as `run_date`.

    A rule whose query may not run, or whose evaluation raised, is in error, with what was said; never broken.
    """
    if not rules:
        return []
    from etl.gate.onepass.metric_replay import recording_metrics  # noqa: PLC0415  imports the library

    outcomes, values = _refused_queries(frame, rules), dict[Any, Any]()
    allowed = [rule for rule in rules if rule.rule not in outcomes]
    if allowed:
        with recording_metrics() as values:
            outcomes |= _run_validation(frame, contract, allowed, parameters, "BOOLEAN_ONLY")
        outcomes |= _observed_outcomes(frame, contract, allowed, parameters, outcomes, values)
    failed = [rule for rule in allowed if not outcomes[rule.rule]["success"]]
    details = _failure_details(frame, contract, failed, parameters, outcomes, values)
    return [build_result(rule, contract, details.get(rule.rule, outcomes[rule.rule])) for rule in rules]


def request_metrics(frame: DataFrame, contract: Contract, rules: list[Rule], parameters: Parameters) -> MetricRequests:
    """Return what has to be observed of a frame to judge it by `rules`, some of `contract`'s; runs nothing."""
    from etl.gate.onepass.metric_collection import MetricCollector  # noqa: PLC0415  imports the library
    from etl.gate.onepass.metric_replay import resolving_with  # noqa: PLC0415

    collectors, refused = [], _refused_queries(frame, rules)
    judgeable = [rule for rule in rules if _asks_library(rule) and rule.rule not in refused]
    for rule_group in (
        [rule for rule in judgeable if _is_all_or_none(rule)],
        [rule for rule in judgeable if not _is_all_or_none(rule)],
    ):
        collectors.append(MetricCollector())
        if rule_group:
            with resolving_with(collectors[-1]):
                _run_validation(frame, contract, rule_group, parameters, "BOOLEAN_ONLY", _observed_batches)
    requests = MetricRequests.from_collected(*collectors)
    elements = {element_key(rule): breaks_rule(frame, rule, parameters) for rule in rules if is_element_rule(rule)}
    return replace(requests, marks={**requests.marks, **elements})


def _asks_library(rule: Rule) -> bool:
    """Say whether the library tells what has to be observed for a rule."""
    return rule.type in VOCABULARY and not is_element_rule(rule)


def _is_all_or_none(rule: Rule) -> bool:
    """Say whether a rule's success needs no number of rows: it holds where no row breaks it."""
    return rule.kwargs.get("mostly", 1) == 1 and rule.type not in SHARE_TYPES


def judge_frame(  # noqa: PLR0913  what `check_frame` takes, and what was observed
    frame: DataFrame,
    contract: Contract,
    rules: list[Rule],
    parameters: Parameters,
    values: Mapping[Any, Any],
    reread: Callable[[], DataFrame] | None = None,
) -> list[RuleResult]:
    """Judge by observed values what can be; the rest, and what is broken for its counts and samples, by `frame`.

    Args:
        frame: the very rows that were observed.
        contract, rules, parameters: as `check_frame` has them.
        values: by metric, as observed.
        reread: returns the same rows as passes over them read them; `frame` by default.
    """
    from etl.gate.onepass.metric_replay import exact_numbers  # noqa: PLC0415  imports the library

    outcomes = _replayed_outcomes(frame, contract, rules, parameters, values)
    judgeable = [rule for rule in rules if rule.rule in outcomes]
    outcomes |= _observed_outcomes(frame, contract, judgeable, parameters, outcomes, values)
    held = [rule for rule in rules if is_element_rule(rule) and values.get(element_key(rule)) == 0]
    outcomes |= {rule.rule: {"success": True, "result": {}, "error": None} for rule in held}
    not_observed = [rule for rule in rules if rule.rule not in outcomes]
    failed = [rule for rule in rules if rule.rule in outcomes and not outcomes[rule.rule]["success"]]
    computed_frame = reread() if reread and (failed or not_observed) else frame
    details = _failure_details(computed_frame, contract, failed, parameters, outcomes, exact_numbers(values))
    computed = {result.rule: result for result in check_frame(computed_frame, contract, not_observed, parameters)}
    computed |= {rule.rule: build_result(rule, contract, details[rule.rule]) for rule in failed}
    return [
        computed.get(rule.rule) or replace(build_result(rule, contract, outcomes[rule.rule]), way=OBSERVED)
        for rule in rules
    ]


def observed_successes(
    frame: DataFrame, contract: Contract, rules: list[Rule], parameters: Parameters, values: Mapping[Any, Any]
) -> dict[str, bool]:
    """Return by id whether rules hold, of those that observed values tell of; the arguments are as `judge_frame` has them."""
    outcomes = _replayed_outcomes(frame, contract, rules, parameters, values)
    return {rule: outcome["success"] for rule, outcome in outcomes.items()}


def _replayed_outcomes(
    frame: DataFrame, contract: Contract, rules: list[Rule], parameters: Parameters, values: Mapping[Any, Any]
) -> dict[str, dict[str, Any]]:
    """Return what the library says of rules by observed values alone, by id, as `_run_validation` has it."""
    from etl.gate.onepass.metric_replay import ObservedMetrics, resolving_with  # noqa: PLC0415  imports the library

    refused = _refused_queries(frame, rules)
    judgeable = [rule for rule in rules if _asks_library(rule) and rule.rule not in refused]
    if not judgeable:
        return {}
    with resolving_with(ObservedMetrics(values)):
        outcomes = _run_validation(frame, contract, judgeable, parameters, "BOOLEAN_ONLY", _observed_batches)
    return {rule: outcome for rule, outcome in outcomes.items() if outcome["error"] is None}


def _observed_outcomes(  # noqa: PLR0913  what `_run_validation` takes, and what it gave
    frame: DataFrame,
    contract: Contract,
    rules: list[Rule],
    parameters: Parameters,
    outcomes: Mapping[str, dict[str, Any]],
    values: Mapping[Any, Any],
) -> dict[str, dict[str, Any]]:
    """Return what the library says in full of rules on the whole that held: from metrics that are there, in no pass."""
    from etl.gate.onepass.metric_replay import ObservedMetrics, resolving_with  # noqa: PLC0415  imports the library

    held = [
        rule
        for rule in rules
        if not VOCABULARY[rule.type].judges.is_row and rule.rule in outcomes and outcomes[rule.rule]["success"]
    ]
    if not held:
        return {}
    with resolving_with(ObservedMetrics(values)):
        replayed = _run_validation(frame, contract, held, parameters, "BASIC", _observed_batches)
    return {rule: outcome for rule, outcome in replayed.items() if outcome["success"]}


def _failure_details(  # noqa: PLR0913  what `_run_validation` takes, what it gave, and what is known
    frame: DataFrame,
    contract: Contract,
    failed: list[Rule],
    parameters: Parameters,
    outcomes: dict[str, dict[str, Any]],
    known_values: Mapping[Any, Any],
) -> dict[str, dict[str, Any]]:
    """Return what `_run_validation` says of failed rules in full; numbers of rows that are known are not counted again.

    A rule that is known to be broken stays so where that fails.
    """
    from etl.gate.onepass.metric_replay import knowing_metrics  # noqa: PLC0415  imports the library

    with knowing_metrics(known_values):
        details = _run_validation(frame, contract, failed, parameters, "SUMMARY") if failed else {}
    rules = {rule.rule: rule for rule in failed}
    return {
        rule: outcomes[rule]
        if outcome["error"]
        else outcome | {"result": with_exact_value(frame, rules[rule], outcome["result"])}
        for rule, outcome in details.items()
    }


def _refused_queries(frame: DataFrame, rules: list[Rule]) -> dict[str, dict[str, Any]]:
    """Return what is said of the rules whose query may not run on the frame, by id, as `_run_validation` has it."""
    from etl.gate.onepass.query_judge import refusal_reason  # noqa: PLC0415  most contracts have no query

    queries = {rule.rule: rule.kwargs[QUERY] for rule in rules if QUERY in rule.kwargs}
    faults = {rule: refusal_reason(frame, query) for rule, query in queries.items()}
    errors = {rule: f"the query was not run: {fault}; {REMEDY}" for rule, fault in faults.items() if fault}
    return {rule: {"success": False, "result": {}, "error": error} for rule, error in errors.items()}


def _run_validation(  # noqa: PLR0913  what the library takes
    frame: DataFrame,
    contract: Contract,
    rules: list[Rule],
    parameters: Parameters,
    result_format: str,
    batches: Callable[[str], Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """Return what the library says of each rule, by id: success, result, and the error that its evaluation raised."""
    import great_expectations as gx  # noqa: PLC0415  seconds to import: the entry does it while the JVM starts

    rule_ids = {rule.rule for rule in rules}
    frame, elements = with_broken_elements(frame, rules, parameters)
    types = partial(frame_types, frame)
    chosen = [
        _library_expectation(_about_elements(expectation, elements), types)
        for expectation in contract.suite["expectations"]
        if expectation["meta"]["rule"] in rule_ids
    ]
    suite = gx.ExpectationSuite(name=contract.suite["name"], expectations=chosen)
    if len(suite.expectations) != len(chosen):
        raise RuntimeError(f"Great Expectations dropped a rule of {suite.name}; compare the suite with its vocabulary")
    batch = (batches or _computed_batches)(suite.name).get_batch({"dataframe": frame})
    validation = batch.validate(suite, result_format=result_format, expectation_parameters=parameters)
    return {
        validated.expectation_config.meta["rule"]: extract_outcome(validated, contract)
        for validated in validation.results
    }


def _library_expectation(expectation: dict[str, Any], types: Types) -> dict[str, Any]:
    """Return an expectation as the library takes it: it formats a query's text with `str.format`."""
    kwargs = library_arguments(expectation["type"], expectation["kwargs"], types)
    return {**expectation, "kwargs": {**kwargs, QUERY: escape_braces(kwargs[QUERY])} if QUERY in kwargs else kwargs}


def _about_elements(expectation: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return an expectation on elements as one on the column that has a row's first broken one."""
    column = columns.get(expectation["meta"]["rule"])
    return {**expectation, "kwargs": {**expectation["kwargs"], "column": column}} if column else expectation


@cache
def _computed_batches(name: str) -> Any:
    return _batch_definition(_gx_context().data_sources.add_spark_recorded(name, persist=False), name)


@cache
def _observed_batches(name: str) -> Any:
    return _batch_definition(_gx_context().data_sources.add_spark_observed(f"{name}, observed", persist=False), name)


def _batch_definition(source: Any, name: str) -> Any:
    return source.add_dataframe_asset(name).add_batch_definition(name)


@cache
def _gx_context() -> Any:
    import great_expectations as gx  # noqa: PLC0415

    for name in ("great_expectations", "DataFrameQueryContextLogger", "SQLQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context
