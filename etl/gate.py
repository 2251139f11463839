"""Great Expectations as the gate: a frame against a contract's rules.

The library's verdict is joined to our rules by `meta.rule`. Every rule is judged with BOOLEAN_ONLY, several times faster
than SUMMARY; only those that fail are judged again, for counts and samples.
"""

import logging
from dataclasses import replace
from functools import cache
from typing import Any

from pyspark.sql import DataFrame

from etl.contract import Contract, Rule
from etl.verdict import RuleResult, shown

Parameters = dict[str, Any]


def check(frame: DataFrame, contract: Contract, rules: list[Rule], parameters: Parameters) -> list[RuleResult]:
    """Judge `frame` by `rules`, some of `contract`'s.

    Args:
        frame: the rows to judge, with the contract's columns.
        contract: where the rules come from; names the stage and what is masked.
        rules: the rules to judge by.
        parameters: values for `$PARAMETER`, such as `run_date`.

    A rule whose evaluation raised is broken and critical, whatever its severity; its sample is the error.
    """
    if not rules:
        return []
    judged = _run(frame, contract, rules, parameters, "BOOLEAN_ONLY")
    failed = [rule for rule in rules if not judged[rule.rule]["success"]]
    details = _run(frame, contract, failed, parameters, "SUMMARY") if failed else {}
    return [_result(rule, contract, details.get(rule.rule, judged[rule.rule])) for rule in rules]


def _result(rule: Rule, contract: Contract, said: dict[str, Any]) -> RuleResult:
    held = RuleResult(rule.rule, contract.stage, rule.severity, held=True, why=rule.why)
    if said["success"]:
        return held
    error = said["error"]
    if error is not None:
        return replace(held, severity="critical", held=False, unexpected=1, samples=shown([error]))
    found = said["result"]
    samples = found.get("partial_unexpected_list", [found["observed_value"]] if "observed_value" in found else [])
    masked = bool(contract.pii & set(rule.columns))
    unexpected = found.get("unexpected_count", 1)
    return replace(held, held=False, unexpected=unexpected, samples=shown(samples, masked))


def _run(
    frame: DataFrame, contract: Contract, rules: list[Rule], parameters: Parameters, result_format: str
) -> dict[str, dict[str, Any]]:
    """Return what the library says of each rule, by id: success, result, and the error that its evaluation raised."""
    import great_expectations as gx  # noqa: PLC0415  seconds to import: the entry does it while the JVM starts

    wanted = {rule.rule for rule in rules}
    chosen = [e for e in contract.suite["expectations"] if e["meta"]["rule"] in wanted]
    suite = gx.ExpectationSuite(name=contract.suite["name"], expectations=chosen)
    if len(suite.expectations) != len(chosen):
        raise RuntimeError(f"Great Expectations dropped a rule of {suite.name}; compare the suite with its vocabulary")
    batch = _batches(suite.name).get_batch({"dataframe": frame})
    validation = batch.validate(suite, result_format=result_format, expectation_parameters=parameters)
    return {one.expectation_config.meta["rule"]: _said(one) for one in validation.results}


def _said(one: Any) -> dict[str, Any]:
    raised = one.exception_info or {}
    errors = [raised] if "raised_exception" in raised else list(raised.values())
    messages = [e["exception_message"] for e in errors if e.get("raised_exception")]
    return {"success": one.success, "result": one.result, "error": messages[0] if messages else None}


@cache
def _batches(name: str) -> Any:
    return _context().data_sources.add_spark(name, persist=False).add_dataframe_asset(name).add_batch_definition(name)


@cache
def _context() -> Any:
    import great_expectations as gx  # noqa: PLC0415

    for name in ("great_expectations", "DataFrameQueryContextLogger", "SQLQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context
