"""Great Expectations as it comes, around the job: once over what was read, once over what was written."""

import logging
from functools import partial
from importlib import import_module
from typing import Any

from pyspark.sql import DataFrame

from bench.peers import Variant, gates
from etl.contract.model import Contract


def judge(frame: DataFrame, contract: Contract, parameters: dict[str, Any], result_format: str) -> set[str]:
    """Return the rules that the library finds broken."""
    import great_expectations as gx  # noqa: PLC0415

    for name in ("great_expectations", "DataFrameQueryContextLogger", "SQLQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_spark("bench", persist=False).add_dataframe_asset("day")
    known = {rule.rule for rule in contract.rules}
    rules = [one for one in contract.suite["expectations"] if one["meta"]["rule"] in known]
    suite = context.suites.add(gx.ExpectationSuite(name=contract.suite["name"], expectations=rules))
    data = asset.add_batch_definition_whole_dataframe("day")
    definition = gx.ValidationDefinition(name="day", data=data, suite=suite)
    found = context.validation_definitions.add(definition).run(
        batch_parameters={"dataframe": frame}, expectation_parameters=parameters, result_format=result_format
    )
    return {one.expectation_config.meta["rule"] for one in found.results if not one.success}


def _variants(name: str, result_format: str) -> list[Variant]:
    title, how = f"Great Expectations, {result_format}", f"`result_format={result_format}`, `persist=False`"
    own = {"libraries": partial(import_module, "great_expectations"), "package": "great-expectations", "any_rule": True}
    return gates(name, title, how, partial(judge, result_format=result_format), keep=True, **own)


VARIANTS = [*_variants("gx-boolean", "BOOLEAN_ONLY"), *_variants("gx-summary", "SUMMARY")]
