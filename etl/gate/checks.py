"""Great Expectations as the gate: a frame against a contract's rules.

The library's verdict is joined to our rules by `meta.rule`. Every rule is judged with BOOLEAN_ONLY, several times faster
than SUMMARY; only those that fail are judged again, for counts and samples.

`check` computes, `ask` and `judge` observe: what the rules ask for is observed in the pass that writes, and the library
forms its results from those values. Whatever was not observed is computed.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from pyspark.sql import DataFrame

from etl.contract.model import Contract, Rule
from etl.contract.query_text import QUERY, REMEDY, doubled
from etl.contract.vocabulary import SHARES, VOCABULARY
from etl.gate.observed_values import exact
from etl.gate.onepass.metric_requests import Ask
from etl.gate.rule_results import result, said
from etl.results.verdict import OBSERVED, RuleResult

Parameters = dict[str, Any]


def check(frame: DataFrame, contract: Contract, rules: list[Rule], parameters: Parameters) -> list[RuleResult]:
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
    judged = _refused(frame, rules)
    allowed = [rule for rule in rules if rule.rule not in judged]
    if allowed:
        judged |= _run(frame, contract, allowed, parameters, "BOOLEAN_ONLY")
    failed = [rule for rule in allowed if not judged[rule.rule]["success"]]
    details = _details(frame, contract, failed, parameters, judged)
    return [result(rule, contract, details.get(rule.rule, judged[rule.rule])) for rule in rules]


def ask(frame: DataFrame, contract: Contract, rules: list[Rule], parameters: Parameters) -> Ask:
    """Return what has to be observed of a frame to judge it by `rules`, some of `contract`'s; runs nothing."""
    from etl.gate.onepass.metric_collection import Collected  # noqa: PLC0415  imports the library
    from etl.gate.onepass.metric_replay import answering  # noqa: PLC0415

    found, refused = [], _refused(frame, rules)
    known = [rule for rule in rules if rule.type in VOCABULARY and rule.rule not in refused]
    for some in ([one for one in known if _is_all_or_none(one)], [one for one in known if not _is_all_or_none(one)]):
        found.append(Collected())
        if some:
            with answering(found[-1]):
                _run(frame, contract, some, parameters, "BOOLEAN_ONLY", _observed)
    return Ask.of(*found)


def _is_all_or_none(rule: Rule) -> bool:
    """Say whether a rule's success needs no number of rows: it holds where no row breaks it."""
    return rule.kwargs.get("mostly", 1) == 1 and rule.type not in SHARES


def judge(
    frame: DataFrame, contract: Contract, rules: list[Rule], parameters: Parameters, values: Mapping[Any, Any]
) -> list[RuleResult]:
    """Judge by observed values what can be; the rest, and what is broken for its counts and samples, by `frame`.

    Args:
        frame: the very rows that were observed.
        contract, rules, parameters: as `check` has them.
        values: by metric, as observed.
    """
    from etl.gate.onepass.metric_replay import Observed, answering  # noqa: PLC0415  imports the library

    refused = _refused(frame, rules)
    known = [rule for rule in rules if rule.type in VOCABULARY and rule.rule not in refused]
    with answering(Observed(values)):
        judged = _run(frame, contract, known, parameters, "BOOLEAN_ONLY", _observed) if known else {}
    judged = {rule: told for rule, told in judged.items() if told["error"] is None}
    unknown = [rule for rule in rules if rule.rule not in judged]
    failed = [rule for rule in rules if rule.rule in judged and not judged[rule.rule]["success"]]
    details = _details(frame, contract, failed, parameters, judged)
    computed = {one.rule: one for one in check(frame, contract, unknown, parameters)}
    computed |= {rule.rule: result(rule, contract, details[rule.rule]) for rule in failed}
    return [
        computed.get(rule.rule) or replace(result(rule, contract, judged[rule.rule]), way=OBSERVED) for rule in rules
    ]


def _details(
    frame: DataFrame, contract: Contract, failed: list[Rule], parameters: Parameters, judged: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return what `_run` says of failed rules in full; a rule that is known to be broken stays so where that fails."""
    details = _run(frame, contract, failed, parameters, "SUMMARY") if failed else {}
    rules = {rule.rule: rule for rule in failed}
    return {
        rule: judged[rule] if told["error"] else told | {"result": exact(frame, rules[rule], told["result"])}
        for rule, told in details.items()
    }


def _refused(frame: DataFrame, rules: list[Rule]) -> dict[str, dict[str, Any]]:
    """Return what is said of the rules whose query may not run on the frame, by id, as `_run` has it."""
    from etl.gate.onepass.query_judge import refusal  # noqa: PLC0415  most contracts have no query

    queries = {rule.rule: rule.kwargs[QUERY] for rule in rules if QUERY in rule.kwargs}
    faults = {rule: refusal(frame, query) for rule, query in queries.items()}
    errors = {rule: f"the query was not run: {fault}; {REMEDY}" for rule, fault in faults.items() if fault}
    return {rule: {"success": False, "result": {}, "error": error} for rule, error in errors.items()}


def _run(  # noqa: PLR0913  what the library takes
    frame: DataFrame,
    contract: Contract,
    rules: list[Rule],
    parameters: Parameters,
    result_format: str,
    batches: Callable[[str], Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """Return what the library says of each rule, by id: success, result, and the error that its evaluation raised."""
    import great_expectations as gx  # noqa: PLC0415  seconds to import: the entry does it while the JVM starts

    wanted = {rule.rule for rule in rules}
    chosen = [_as_taken(e) for e in contract.suite["expectations"] if e["meta"]["rule"] in wanted]
    suite = gx.ExpectationSuite(name=contract.suite["name"], expectations=chosen)
    if len(suite.expectations) != len(chosen):
        raise RuntimeError(f"Great Expectations dropped a rule of {suite.name}; compare the suite with its vocabulary")
    batch = (batches or _computed)(suite.name).get_batch({"dataframe": frame})
    validation = batch.validate(suite, result_format=result_format, expectation_parameters=parameters)
    return {one.expectation_config.meta["rule"]: said(one, contract) for one in validation.results}


def _as_taken(expectation: dict[str, Any]) -> dict[str, Any]:
    """Return an expectation as the library takes it: it formats a query's text with `str.format`."""
    kwargs = expectation["kwargs"]
    return {**expectation, "kwargs": {**kwargs, QUERY: doubled(kwargs[QUERY])}} if QUERY in kwargs else expectation


@cache
def _computed(name: str) -> Any:
    return _batches(_context().data_sources.add_spark(name, persist=False), name)


@cache
def _observed(name: str) -> Any:
    return _batches(_context().data_sources.add_spark_observed(f"{name}, observed", persist=False), name)


def _batches(source: Any, name: str) -> Any:
    return source.add_dataframe_asset(name).add_batch_definition(name)


@cache
def _context() -> Any:
    import great_expectations as gx  # noqa: PLC0415

    for name in ("great_expectations", "DataFrameQueryContextLogger", "SQLQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context
