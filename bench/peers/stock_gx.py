"""Great Expectations as it comes, around the job: once over what was read, once over what was written."""

import logging
from functools import partial
from importlib import import_module
from typing import Any

from pyspark.sql import DataFrame

from bench.peers import Variant, gate_variants
from etl.contract.model import Contract


def judge_frame(frame: DataFrame, contract: Contract, parameters: dict[str, Any], result_format: str) -> set[str]:
    """Return the rules that the library finds broken."""
    import great_expectations as gx  # noqa: PLC0415

    for name in ("great_expectations", "DataFrameQueryContextLogger", "SQLQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_spark("bench", persist=False).add_dataframe_asset("day")
    rule_ids = {rule.rule for rule in contract.rules}
    rules = [expectation for expectation in contract.suite["expectations"] if expectation["meta"]["rule"] in rule_ids]
    suite = context.suites.add(gx.ExpectationSuite(name=contract.suite["name"], expectations=rules))
    data = asset.add_batch_definition_whole_dataframe("day")
    definition = gx.ValidationDefinition(name="day", data=data, suite=suite)
    report = context.validation_definitions.add(definition).run(
        batch_parameters={"dataframe": frame}, expectation_parameters=parameters, result_format=result_format
    )
    return {result.expectation_config.meta["rule"] for result in report.results if not result.success}


def _gx_variants(name: str, result_format: str) -> list[Variant]:
    title, how = f"Great Expectations, {result_format}", f"`result_format={result_format}`, `persist=False`"
    settings = {
        "libraries": partial(import_module, "great_expectations"),
        "package": "great-expectations",
        "any_rule": True,
    }
    return gate_variants(name, title, how, partial(judge_frame, result_format=result_format), keep=True, **settings)


VARIANTS = [*_gx_variants("gx-boolean", "BOOLEAN_ONLY"), *_gx_variants("gx-summary", "SUMMARY")]
